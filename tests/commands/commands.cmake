# SPDX-License-Identifier: Apache-2.0
# The programs, run as a user runs them: what they print, the files they leave, their exit status.
foreach(program IN ITEMS characterize mpi nccl simulate threads)
  if(TARGET colossus-${program})
    colossus_test(commands/${program} LIBRARIES colossus::bench LABELS slow)
    add_dependencies(commands-${program} colossus-${program})
  endif()
endforeach()
if(TARGET commands-nccl AND TARGET fake_nccl)
  add_dependencies(commands-nccl fake_nccl fake_gpu_bodies)
  set_property(TEST commands/nccl APPEND PROPERTY LABELS fake_gpu)
  colossus_label_target(commands-nccl fake_gpu)
endif()
if(TARGET commands-characterize)
  add_dependencies(commands-characterize characterize)  # it runs the programs beside it
endif()
