// SPDX-License-Identifier: Apache-2.0
// This program once more, as several processes that are ranks of one world: no launcher is needed.
#pragma once

#include <nccl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace transport_test {

/// Which of the processes this one is.
struct process_place {
  int index = 0, processes = 1, ranks_each = 1;
  ncclUniqueId id{};
  int size() const { return processes * ranks_each; }
  int first() const { return index * ranks_each; }
};

inline constexpr char place_variable[] = "COLOSSUS_TEST_PLACE";

/// index,processes,ranks_each,id in hexadecimal
inline std::string as_text(const process_place& place) {
  std::string text = std::to_string(place.index) + "," + std::to_string(place.processes) + "," +
                     std::to_string(place.ranks_each) + ",";
  for (const char byte : place.id.internal) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned char>(byte));
    text += two;
  }
  return text;
}

/// Nothing in a process that a person started.
inline std::optional<process_place> place_of_this_process() {
  const char* text = std::getenv(place_variable);
  if (text == nullptr) return {};
  process_place place;
  int used = 0;
  std::sscanf(text, "%d,%d,%d,%n", &place.index, &place.processes, &place.ranks_each, &used);
  for (std::size_t i = 0; i < sizeof place.id.internal; ++i) {
    const char two[] = {text[used + 2 * static_cast<int>(i)], text[used + 2 * static_cast<int>(i) + 1], '\0'};
    place.id.internal[i] = static_cast<char>(std::strtoul(two, nullptr, 16));
  }
  return place;
}

inline pid_t start(const process_place& place) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setenv(place_variable, as_text(place).c_str(), 1);
  ::execl("/proc/self/exe", "transport", static_cast<char*>(nullptr));
  ::_exit(127);
}

/// What went wrong in one of the processes; empty: nothing. They have a minute.
inline std::string run_in_processes(int processes, int ranks_each) {
  process_place place{0, processes, ranks_each, {}};
  if (ncclGetUniqueId(&place.id) != ncclSuccess) return "no unique id";
  std::vector<pid_t> children;
  for (; place.index < processes; ++place.index) children.push_back(start(place));
  std::string wrong;
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  for (std::size_t i = 0; i < children.size(); ++i) {
    int status = 0;
    while (::waitpid(children[i], &status, WNOHANG) == 0) {
      if (std::chrono::steady_clock::now() > end) ::kill(children[i], SIGKILL);
      std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    if (WIFSIGNALED(status))
      wrong += "process " + std::to_string(i) + " died by signal " + std::to_string(WTERMSIG(status)) + "; ";
    else if (WEXITSTATUS(status) != 0)
      wrong += "process " + std::to_string(i) + " ended with status " + std::to_string(WEXITSTATUS(status)) + "; ";
  }
  return wrong;
}

}  // namespace transport_test
