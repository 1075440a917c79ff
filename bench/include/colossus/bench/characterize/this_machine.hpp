// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv.hpp>
#include <colossus/bench/data_layout.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace colossus::bench::characterize {

/// What came of measuring: where rows are, and what could not be done.
struct measurement {
  std::vector<std::string> remarks;
  int status = 0;  ///< of the first program that failed
};

namespace detail {

/// A program beside this one, or nothing.
inline std::string sibling(const std::string& name) {
  std::error_code none;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", none);
  const auto path = self.parent_path() / name;
  return !self.empty() && ::access(path.c_str(), X_OK) == 0 ? path.string() : std::string{};
}

/// A program on the PATH, or nothing.
inline std::string on_path(const std::string& name) {
  const char* const all = std::getenv("PATH");
  std::istringstream folders{all != nullptr ? all : ""};
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const auto path = std::filesystem::path{folder} / name; ::access(path.c_str(), X_OK) == 0) return path.string();
  return {};
}

/// Waits for a child to end, until `deadline`; then asks it to, and at last makes it. Nothing where it was made to.
inline std::optional<int> wait_for(pid_t child, std::chrono::steady_clock::time_point deadline) {
  constexpr std::chrono::milliseconds grace{2000}, nap{10};
  bool asked = false;
  for (int status = 0;; std::this_thread::sleep_for(nap)) {
    if (::waitpid(child, &status, WNOHANG) == child) {
      if (asked) return std::nullopt;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    const auto now = std::chrono::steady_clock::now();
    if (now > deadline + grace) ::kill(child, SIGKILL);
    else if (now > deadline && !std::exchange(asked, true)) ::kill(child, SIGTERM);
  }
}

/// Runs a program without input; its output and errors go to the end of `log`. Its exit status, 128 + signal where one
/// ended it; nothing where it had to be ended at the `deadline`.
inline std::optional<int> run_program(const std::vector<std::string>& words, const std::string& log,
                                      std::chrono::steady_clock::time_point deadline) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, arguments.front(), &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed != 0)
    throw error{words.front() + ": expected a program that can be started: " + std::strerror(failed), failure::broke};
  return wait_for(child, deadline);
}

}  // namespace detail

/// Measures with every program beside this one; rows go to `csv`, what the programs say to `log`.
class this_machine {
 public:
  this_machine(std::string csv, std::string log, bool quick)
      : csv_{std::move(csv)}, log_{std::move(log)}, quick_{quick} {}

  template <class Tell>
  measurement measure(Tell&& tell) {
    const std::vector<std::string_view> collectives =
        quick_ ? std::vector<std::string_view>{"all_reduce"} : every_collective();
    deadline_ = std::chrono::steady_clock::now() + time_;
    for (const std::string_view collective : collectives) {
      tell("measuring threads: " + std::string{collective});
      if (!run("colossus-threads", {}, collective)) break;
    }
    const std::string launcher = detail::on_path("mpirun");
    if (launcher.empty() && !detail::sibling("colossus-mpi").empty())
      done_.remarks.push_back("mpirun is not on the PATH: mpi skipped");
    deadline_ = std::chrono::steady_clock::now() + time_;
    for (const std::string_view collective : collectives) {
      if (launcher.empty()) break;
      tell("measuring mpi: " + std::string{collective});
      allow_small_machines();
      if (!run("colossus-mpi", {launcher, "-np", "2"}, collective)) break;
    }
    done_.remarks.push_back(std::filesystem::exists("/dev/nvidiactl")
                                ? "a GPU is here, and no program for it yet: cuda, nccl skipped"
                                : "no GPU found: cuda, nccl skipped");
    return done_;
  }

 private:
  static std::vector<std::string_view> every_collective() {
    std::vector<std::string_view> names;
    for (const data_layout& layout : data_layouts) names.push_back(layout.collective);
    return names;
  }

  /// Open MPI as root, and with fewer cores than ranks: what a container is.
  static void allow_small_machines() {
    for (const char* const name :
         {"OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "OMPI_MCA_rmaps_base_oversubscribe"})
      ::setenv(name, "1", 0);
  }

  /// False where the program is not here or failed: there is no use in trying it again.
  bool run(const std::string& name, std::vector<std::string> words, std::string_view collective) {
    const std::string program = detail::sibling(name);
    if (program.empty()) return done_.remarks.push_back(name + " is not beside this program: skipped"), false;
    words.insert(words.end(), {program, std::string{collective}, "-b", "8", "-e", quick_ ? "8M" : "32M", "-f",
                               quick_ ? "16" : "4", "-n", quick_ ? "10" : "20", "-w", "2", "--csv", csv_});
    if (name == "colossus-threads") words.insert(words.end(), {"--ranks", "2"});
    if (std::filesystem::exists(csv_)) words.push_back("--append");
    const std::optional<int> status = detail::run_program(words, log_, deadline_);
    if (status == 0) return true;
    if (!status) {
      done_.remarks.push_back(name + " was stopped at its time of " + std::to_string(time_.count()) + " s, in " +
                              std::string{collective} + ": the rows so far count");
      return false;
    }
    done_.remarks.push_back(name + " " + std::string{collective} + " ended with status " + std::to_string(*status) +
                            ": see " + log_);
    if (done_.status == 0) done_.status = *status;
    return status == static_cast<int>(failure::check);
  }

  std::string csv_, log_;
  bool quick_;
  std::chrono::seconds time_{quick_ ? 3 : 30};  ///< for each backend
  std::chrono::steady_clock::time_point deadline_{};
  measurement done_;
};

}  // namespace colossus::bench::characterize
