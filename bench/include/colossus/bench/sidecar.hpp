// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv.hpp>
#include <colossus/version.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <random>

extern char** environ;

namespace colossus::bench {

/// UTC as 2026-11-22T06:30:00Z, or without punctuation.
inline std::string utc_now(const char* format = "%Y-%m-%dT%H:%M:%SZ") {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &utc)};
}

/// A name for one run of a program: when it began, and 32 random bits.
inline std::string new_run_id() {
  std::array<char, 8> hex{};
  hex.fill('0');
  const std::uint32_t bits = std::random_device{}();
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bits, 16).ptr;
  std::copy_backward(digits.data(), end, hex.data() + hex.size());
  return utc_now("%Y%m%dT%H%M%SZ-") + std::string{hex.data(), hex.size()};
}

inline std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

namespace detail {

/// What follows `key` on its line of a file of the system, without separators and quotes; empty where there is none.
inline std::string system_value(const char* path, std::string_view key) {
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key)) {
      const auto first = line.find_first_not_of("\t :=\"", key.size());
      const auto last = line.find_last_not_of("\" ");
      return first == std::string::npos ? std::string{} : line.substr(first, last + 1 - first);
    }
  return {};
}

/// Variables that change how data moves. Job scripts keep tokens in others, so only these are ever written.
inline bool is_allowed_variable(std::string_view name) {
  static constexpr std::array prefixes{"NCCL_",        "UCX_",          "FI_",           "OMPI_MCA_btl",
                                       "OMPI_MCA_pml", "OMPI_MCA_coll", "OMPI_MCA_hwloc"};
  static constexpr std::array names{"CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS",       "OMPI_COMM_WORLD_SIZE",
                                    "SLURM_JOB_ID",         "SLURM_JOB_NODELIST",    "SLURM_NNODES",
                                    "SLURM_NTASKS",         "SLURM_NTASKS_PER_NODE", "SLURM_CPU_BIND"};
  static constexpr std::array secrets{"TOKEN", "JWT", "KEY", "SECRET", "PASS", "CRED"};
  const auto within = [&](const char* word) { return name.find(word) != std::string_view::npos; };
  if (std::any_of(secrets.begin(), secrets.end(), within)) return false;
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const char* p) { return name.starts_with(p); }) ||
         std::find(names.begin(), names.end(), name) != names.end();
}

inline nlohmann::ordered_json allowed_variables() {
  nlohmann::ordered_json found = nlohmann::ordered_json::object();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view all{*entry};
    const auto equals = all.find('=');
    if (equals != std::string_view::npos && is_allowed_variable(all.substr(0, equals)))
      found[std::string{all.substr(0, equals)}] = all.substr(equals + 1);
  }
  return found;
}

inline std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

/// The commit that was built, where the build says it.
inline std::string built_from() {
#if defined(COLOSSUS_GIT_DESCRIBE)
  return COLOSSUS_GIT_DESCRIBE;
#else
  return {};
#endif
}

}  // namespace detail

/// The environment of one run: what may explain a difference between two files of rows.
inline nlohmann::ordered_json describe_run(const std::string& run_id, const std::vector<std::string>& arguments) {
  utsname system{};
  ::uname(&system);
  nlohmann::ordered_json run{
      {"run_id", run_id}, {"started_utc", utc_now()}, {"argv", arguments}, {"program_version", version}};
  if (const std::string git = detail::built_from(); !git.empty()) run["git"] = git;
  run["hosts"] = nlohmann::ordered_json::array({host_name()});
  run["os"] = detail::system_value("/etc/os-release", "PRETTY_NAME");
  run["kernel"] = std::string{system.sysname} + " " + system.release + " " + system.machine;
  run["compiler"] = detail::compiler();
  run["cpu"] = detail::system_value("/proc/cpuinfo", "model name");
  run["cores"] = ::sysconf(_SC_NPROCESSORS_ONLN);
  run["env"] = detail::allowed_variables();
  return run;
}

/// NAME.meta.json beside NAME.csv.
inline std::string sidecar_path(const std::string& csv) {
  return std::filesystem::path{csv}.replace_extension(".meta.json").string();
}

/// The runs that the sidecar of `csv` describes; none where there is no sidecar. Throws (input) where it is none.
inline nlohmann::ordered_json read_sidecar(const std::string& csv) {
  const std::string path = sidecar_path(csv);
  if (!std::filesystem::exists(path)) return nlohmann::ordered_json::array();
  auto all = nlohmann::ordered_json::parse(file_text(path), nullptr, false);
  if (!all.is_object() || !all.contains("runs") || !all["runs"].is_array())
    throw error{path + ": expected a sidecar of schema 1 with a list of runs, found something else: move it away",
                failure::input};
  return all["runs"];
}

namespace detail {

/// Keeps other programs from the sidecars of a folder while it lives, where the file system has locks.
class folder_lock {
 public:
  explicit folder_lock(const std::filesystem::path& folder)
      : descriptor_{::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) continue;
  }
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

 private:
  int descriptor_;
};

}  // namespace detail

/// Writes the environment of `run` beside the rows of `csv`; behind those of earlier runs where the file has some, and
/// in place of what it has of the same run.
inline void write_sidecar(const std::string& csv, const nlohmann::ordered_json& run) {
  const std::string path = sidecar_path(csv);
  const detail::folder_lock alone{std::filesystem::path{path}.parent_path()};
  auto runs = read_sidecar(csv);
  const auto same = std::find_if(runs.begin(), runs.end(), [&](const auto& r) { return r["run_id"] == run["run_id"]; });
  if (same == runs.end()) runs.push_back(run);
  else *same = run;
  const nlohmann::ordered_json all{{"schema", 1}, {"runs", runs}};
  const std::string whole = path + "." + new_run_id() + ".part";  // renamed, so that a reader never sees half of it
  if (!(std::ofstream{whole} << all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n')
           .flush())
    throw error{whole + ": cannot be written"};
  std::filesystem::rename(whole, path);
}

}  // namespace colossus::bench
