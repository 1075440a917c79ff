// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launch.hpp>

namespace colossus::bench {

/// Throws (unavailable) where the launcher started more processes than the world that formed: they would all think
/// that they are alone. `standalone` is for those who want exactly that.
inline void expect_whole_world(const launch& l, int world, bool standalone) {
  if (standalone || l.step_tasks <= world) return;
  throw error{l.launcher + " started " + std::to_string(l.step_tasks) + " processes, and the world that formed has " +
                  std::to_string(world) +
                  ": use the launcher of the MPI that colossus-mpi-processes.so was built with, or srun, torchrun or "
                  "--id-file PATH, which need none; --standalone if each is to run by itself",
              failure::unavailable};
}

}  // namespace colossus::bench
