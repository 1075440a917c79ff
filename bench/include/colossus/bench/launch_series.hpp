// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/child_process.hpp>
#include <colossus/bench/interrupt.hpp>
#include <colossus/bench/run_difference.hpp>

#include <sys/prctl.h>

namespace colossus::bench {
namespace detail {

/// The words of a line as a shell would split it: blanks part them, but for those within quotes.
inline std::vector<std::string> split_words(std::string_view line) {
  std::vector<std::string> words;
  char quote = 0;
  bool within = false;
  for (const char c : line) {
    const bool blank = quote == 0 && (c == ' ' || c == '\t');
    if (!blank && !std::exchange(within, true)) words.emplace_back();
    if (blank) within = false;
    else if (quote == 0 && (c == '"' || c == '\'')) quote = c;
    else if (c == quote) quote = 0;
    else words.back() += c;
  }
  return words;
}

/// Arguments as a program is given them.
inline std::vector<std::string> joined_again(const std::vector<argument>& all) {
  std::vector<std::string> words;
  for (const auto& [flag, value] : all) {
    const bool long_with_value = flag.starts_with("--") && !value.empty();
    if (!flag.empty()) words.push_back(long_with_value ? flag + "=" + value : flag);
    if (!value.empty() && !long_with_value) words.push_back(value);
  }
  return words;
}

inline bool is_assignment(const std::string& word) {
  const auto equals = word.find('=');
  return equals != std::string::npos && equals > 0 && word.find_first_of("-./\\") > equals;
}

}  // namespace detail

/// One side of a series of launches: variables and arguments of a program.
struct launch_side {
  std::vector<std::string> variables;  ///< NAME=VALUE
  std::vector<std::string> arguments;  ///< behind the program's name
  std::string csv;
};

/// What `--versus TEXT` makes of the first side: its variables are set, its flags stand in for those of the same name.
inline launch_side versus_side(const launch_side& first, const std::string& text) {
  std::vector<std::string> words = detail::split_words(text);
  const auto flags = std::find_if_not(words.begin(), words.end(), detail::is_assignment);
  launch_side side{{words.begin(), flags}, {}, ""};
  words.erase(words.begin(), flags);
  words.insert(words.begin(), "");  // as if a program were named
  std::vector<std::string> before = first.arguments;
  before.insert(before.begin(), "");
  const auto added = detail::arguments_of(words);
  auto all = detail::arguments_of(before);
  std::erase_if(all, [&](const detail::argument& a) {
    return !a.first.empty() &&
           std::any_of(added.begin(), added.end(), [&](const auto& other) { return other.first == a.first; });
  });
  all.insert(all.end(), added.begin(), added.end());
  side.arguments = detail::joined_again(all);
  side.csv = std::filesystem::path{first.csv}.replace_extension(".versus.csv").string();
  return side;
}

namespace detail {

/// Starts a program in a process group of its own, without stdin and stdout; it ends when we do.
inline pid_t start_launch(std::vector<std::string> command) {
  ::signal(SIGCHLD, SIG_DFL);  // who started us may ignore it, and then there is nothing to wait for
  const auto argv = pointers_to(command);
  const pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) throw error{command.front() + ": not started: " + std::strerror(errno), failure::broke};
  if (child > 0) return ::setpgid(child, child), child;
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO), ::dup2(nothing, STDOUT_FILENO);
  if (::getppid() == parent) ::execvp(argv[0], argv.data());
  ::_exit(127);
}

/// Waits for a launch, and passes our Ctrl-C on to it, once.
inline int wait_for_launch(pid_t child) {
  bool told = false;
  for (int status = 0;;) {
    if (::waitpid(child, &status, 0) == child) return status;
    if (errno != EINTR)
      throw error{"a launch cannot be waited for: " + std::string{std::strerror(errno)}, failure::broke};
    if (interrupted() && !std::exchange(told, true)) ::kill(-child, SIGINT);
  }
}

}  // namespace detail

/// Starts `command`, waits for its end and returns its exit status. Throws where it cannot be started (unavailable) or
/// a signal ended it (broke).
inline int run_launch(const std::vector<std::string>& command) {
  const int status = detail::wait_for_launch(detail::start_launch(command));
  if (interrupted()) return interrupted_status;
  if (WIFSIGNALED(status))
    throw error{"a launch was ended by signal " + std::to_string(WTERMSIG(status)), failure::broke};
  if (WEXITSTATUS(status) == 127)
    throw error{command.front() + ": not started: expected a program that is in PATH", failure::unavailable};
  return WEXITSTATUS(status);
}

}  // namespace colossus::bench
