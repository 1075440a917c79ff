// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include "../fake_gpu.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

namespace fakegpu {
namespace {

std::atomic<bool> found{false};

void at_exit() {
  if (!found || setting("FAKE_GPU_TOLERANT", 0) != 0) return;
  std::fflush(nullptr);
  ::_exit(exit_status);
}

/// Runs when the library is loaded, before the program's own exit handlers are there: so it is the last to run at exit.
const int installed = [] {
  if (setting("FAKE_GPU", 0) == 0) {
    fatal("the fake CUDA runtime was loaded without FAKE_GPU=1: for a real run, take it out of LD_LIBRARY_PATH");
  }
  if (::access("/dev/nvidiactl", F_OK) == 0 && setting("FAKE_GPU", 0) != 2) {
    fatal("this machine has a GPU driver: FAKE_GPU=2 if the fake CUDA runtime is meant all the same");
  }
  std::atexit(at_exit);
  if (process_number() == 0 && setting("FAKE_GPU_QUIET", 0) == 0)
    say("no GPU here: this is the fake CUDA runtime, its times mean nothing");
  return 0;
}();

}  // namespace

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr && *text != '\0' ? std::strtoull(text, nullptr, 0) : otherwise;
}

std::uint64_t process_number() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "RANK", "SLURM_PROCID", "PMI_RANK", "PMIX_RANK"}) {
    if (std::getenv(name) != nullptr) return setting(name, 0);
  }
  return 0;
}

void say(const std::string& text) {
  const std::string line = "fake-gpu: process " + std::to_string(process_number()) + ": " + text + "\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void finding(const std::string& text) {
  static std::mutex& lock = *new std::mutex;
  static std::set<std::string>& said = *new std::set<std::string>;
  const std::scoped_lock guard{lock};
  found = true;
  if (said.insert(text).second) say(text);
}

void fatal(const std::string& text) {
  say(text);
  ::_exit(exit_status);
}

std::string& now_running() {
  thread_local std::string what;
  return what;
}

}  // namespace fakegpu
