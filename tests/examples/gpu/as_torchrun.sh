#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# as_torchrun.sh N PROGRAM: starts N processes as torchrun would; fails where one of them fails.
n=$1
shift
port=$((20000 + $$ % 20000))
r=0
while [ "$r" -lt "$n" ]; do
  RANK=$r LOCAL_RANK=$r WORLD_SIZE=$n LOCAL_WORLD_SIZE=$n TORCHELASTIC_RUN_ID=as_torchrun.$$ \
    MASTER_ADDR=127.0.0.1 MASTER_PORT=$port "$@" &
  pids="$pids $!"
  r=$((r + 1))
done
status=0
for pid in $pids; do wait "$pid" || status=$?; done
exit "$status"
