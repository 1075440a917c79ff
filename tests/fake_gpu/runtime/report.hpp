// SPDX-License-Identifier: Apache-2.0
// What the fake says: lines on stderr, and the exit status.
#pragma once

#include <cstdint>
#include <string>

namespace fakegpu {

/// An environment variable as a number, decimal or 0x...
std::uint64_t setting(const char* name, std::uint64_t otherwise);

/// The process's rank under Open MPI, torchrun, Slurm or PMI, else 0.
std::uint64_t process_number();

/// One line: "fake-gpu: process P: TEXT".
void say(const std::string& text);

/// A misuse that the real runtime answers with an error: said once, and the process ends with `exit_status` when it
/// ends (FAKE_GPU_TOLERANT=1: with its own).
void finding(const std::string& text);

/// A misuse after which nothing can be relied on: the process ends now.
[[noreturn]] void fatal(const std::string& text);

/// What the calling thread executes for a stream; empty in host code.
std::string& now_running();

}  // namespace fakegpu
