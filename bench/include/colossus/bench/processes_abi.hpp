// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace colossus::bench {

/// What colossus-mpi-processes.so does for a program that does not link MPI itself: by functions of C, so that the two
/// may be of different builds. Functions return 0, or one of the numbers below and then write one line to `why`.
struct mpi_processes {
  static constexpr int version = 1;
  static constexpr const char* entry = "colossus_mpi_processes_1";  ///< the function that returns the address of one
  enum result : int { done = 0, late = 1, failed = 2, ended = 3 };  ///< `ended`: another process ended the run

  /// Begins MPI, unless it is begun.
  int (*begin)(int* rank, int* size, char* why, int why_bytes);
  /// The `bytes` of every process in the order of ranks; `late` where that takes longer than `milliseconds`.
  int (*all_gather)(const void* mine, void* all, long bytes, long milliseconds, char* why, int why_bytes);
  /// After `late`: tells rank 0 that this process is here. There `here[rank]` becomes 1 for each that says so within
  /// `milliseconds`.
  void (*roll_call)(unsigned char* here, long milliseconds);
  /// Sends the reason to all others, which come to know it when they gather next.
  void (*abort)(const char* why);
  /// Ends MPI. Not after a failure: the others might never come to that.
  void (*end)();
};

}  // namespace colossus::bench
