// SPDX-License-Identifier: Apache-2.0
// How this library reports: a finding ends the process, an error is a result that NCCL, too, would give.
#pragma once

#include <nccl.h>

#include <chrono>
#include <string>

namespace fake_nccl {

/// Writes `fake-nccl: what` to standard error and ends the process with status 97: the program has a mistake.
[[noreturn]] void stop(const std::string& what);

/// Remembers `why` for ncclGetLastError and gives `result` back.
ncclResult_t refuse(ncclResult_t result, const std::string& why);

/// A number from the environment.
unsigned long setting(const char* name, unsigned long otherwise);

/// The two numbers of `rank:number` in the environment; {-1, 0} where there are none.
struct rank_and_number {
  int rank = -1;
  unsigned long number = 0;
};
rank_and_number rank_setting(const char* name);

/// How long all ranks of a communicator may stand still, FAKE_GPU_DEADLOCK_MS. While some rank is outside NCCL, and may
/// compute, others wait `patience` times as long for it.
std::chrono::milliseconds deadlock_limit();
inline constexpr int patience = 5;

}  // namespace fake_nccl
