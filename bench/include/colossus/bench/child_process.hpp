// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launch.hpp>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

namespace colossus::bench {

/// How a program ended that was started on the side.
struct child_ending {
  int status = -1;     ///< its exit status; -1: it did not exit by itself
  bool late = false;   ///< it was killed at the deadline
  std::string output;  ///< the end of its stdout and stderr together, 4 KiB at most
  /// Its last line that is not empty.
  std::string last_line() const {
    const auto end = output.find_last_not_of("\n ");
    if (end == std::string::npos) return {};
    const auto before = output.find_last_of('\n', end);
    return output.substr(before == std::string::npos ? 0 : before + 1,
                         end - (before == std::string::npos ? 0 : before + 1) + 1);
  }
};

namespace detail {

/// Null-terminated, as exec wants it.
inline std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& each : texts) all.push_back(each.data());
  all.push_back(nullptr);
  return all;
}

/// Reads until the other end is closed or the deadline has passed; false: it has passed.
inline bool drain(int descriptor, std::string& output, std::chrono::steady_clock::time_point until) {
  constexpr std::size_t most = 4096;
  for (std::array<char, 1024> some{};;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd ready{descriptor, POLLIN, 0};
    if (::poll(&ready, 1, static_cast<int>(left.count())) <= 0) continue;
    const auto n = ::read(descriptor, some.data(), some.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    output.append(some.data(), static_cast<std::size_t>(n));
    if (output.size() > most) output.erase(0, output.size() - most);
  }
}

/// Waits for the process, which is killed at the deadline.
inline int reap(pid_t child, std::chrono::steady_clock::time_point until, bool& late) {
  for (int status = 0;;) {
    const pid_t found = ::waitpid(child, &status, late ? 0 : WNOHANG);
    if (found == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (found < 0 && errno != EINTR) return -1;
    if (!late && std::chrono::steady_clock::now() > until) late = true, ::kill(child, SIGKILL);
    else if (!late) ::usleep(2000);
  }
}

/// Starts a program whose stdout and stderr go to `output`.
inline pid_t start(std::vector<std::string> arguments, environment variables, int output) {
  std::vector<std::string> assignments;
  for (const auto& [name, value] : variables) assignments.push_back(name + "=" + value);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) ::posix_spawn_file_actions_adddup2(&files, output, stream);
  pid_t child = 0;
  const auto argv = pointers_to(arguments), envp = pointers_to(assignments);
  const int failed = ::posix_spawn(&child, arguments.front().c_str(), &files, nullptr, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&files);
  if (failed != 0) throw error{arguments.front() + ": not started: " + std::strerror(failed), failure::broke};
  return child;
}

/// Both ends of a pipe, until the scope ends.
struct pipe_ends {
  pipe_ends() { expects(::pipe2(both.data(), O_CLOEXEC) == 0, "no pipe for a child", failure::broke); }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() { ::close(both[0]), close_writing(); }
  void close_writing() {
    if (both[1] >= 0) ::close(std::exchange(both[1], -1));
  }
  std::array<int, 2> both{};
};

}  // namespace detail

/// Runs `arguments` (the first is the program) with `changes` to our variables and kills it at the deadline. Throws
/// (broke) where it cannot be started.
inline child_ending run_child(std::vector<std::string> arguments, const environment& changes,
                              std::chrono::duration<double> limit) {
  ::signal(SIGCHLD, SIG_DFL);  // who started us may ignore it, and then there is nothing to wait for
  using clock = std::chrono::steady_clock;
  const auto until = clock::now() + std::chrono::duration_cast<clock::duration>(limit);
  environment variables = environment_of_process();
  for (const auto& [name, value] : changes) variables[name] = value;
  detail::pipe_ends ends;
  const pid_t child = detail::start(std::move(arguments), std::move(variables), ends.both[1]);
  ends.close_writing();
  child_ending ending;
  ending.late = !detail::drain(ends.both[0], ending.output, until);
  if (ending.late) ::kill(child, SIGKILL);
  ending.status = detail::reap(child, until, ending.late);
  return ending;
}

}  // namespace colossus::bench
