// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/parse_arguments.hpp>
#include <colossus/bench/sidecar.hpp>
#include <colossus/step.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>
#include <ostream>

namespace colossus::bench::characterize {

/// What the main job is asked for.
struct request {
  std::vector<std::string> topologies;  ///< files; the first is the one that the screen is about
  std::vector<rank_t>
      ranks;  ///< sizes of the first machine; the largest is the one that is looked into; empty: from 8 GPUs to all
  bool quick = false;
  std::string out;  ///< where the results go: a folder that is not there yet
  std::vector<std::string> arguments;
};

namespace detail {

/// Where the source tree is, as far as the build said so: what ships with it lies there.
inline std::filesystem::path shipped_topologies() {
#ifdef COLOSSUS_TOPOLOGY_DIR
  return COLOSSUS_TOPOLOGY_DIR;
#else
  return "topologies";
#endif
}

/// The shipped machines by name, the 100,000-GPU one first. A quick look takes it and those that take no time.
inline std::vector<std::string> default_topologies(bool quick) {
  const std::filesystem::path folder = shipped_topologies(), first = "colossus-100k.json";
  if (quick)
    return {(folder / first).string(), (folder / "fat-tree-3to1.json").string(),
            (folder / "gb200-nvl72-rack.json").string()};
  std::vector<std::string> files;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{folder, none})
    if (entry.path().extension() == ".json" && entry.path().filename() != "defaults.json")
      files.push_back(entry.path().string());
  if (files.empty())
    throw error{folder.string() + ": expected a folder with topology files, found none: name some by --topology",
                failure::input};
  std::sort(files.begin(), files.end());
  std::stable_partition(files.begin(), files.end(),
                        [&](const std::string& f) { return std::filesystem::path{f}.filename() == first; });
  return files;
}

/// results/local/<utc>-<host> beside the shipped topologies, or here where there is no such place.
inline std::string default_out() {
  std::string host = host_name();
  for (char& c : host)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  std::error_code none;
  const auto tree = shipped_topologies().parent_path();
  const auto results =
      std::filesystem::exists(tree / "CMakeLists.txt", none) ? tree / "results" : std::filesystem::path{"results"};
  return (results / "local" / (utc_now("%Y%m%dT%H%M%SZ-") + host)).string();
}

}  // namespace detail

/// Reads the command line. Nothing where it only asked for help or the version: that went to `out`. Throws `error`
/// (usage) with one line that says what is wrong.
inline std::optional<request> parse_request(int argc, const char* const* argv, std::ostream& out) {
  request r;
  CLI::App app{
      "Characterises fabrics by simulation and this machine by measurement: rows in CSV files, and a screen that sums "
      "them up.",
      "colossus-characterize"};
  app.add_option("--topology", r.topologies,
                 "fabrics: JSON files with commas between them, the one to look into first (default: the shipped ones)")
      ->delimiter(',');
  app.add_option("--ranks", r.ranks,
                 "numbers of GPUs of the first fabric; the largest is looked into (default: from 8 to all)")
      ->delimiter(',')
      ->check(CLI::Range(2, 1 << 30));
  app.add_flag("--quick", r.quick, "a first look within seconds: fewer fabrics, sizes and draws");
  app.add_option("--out", r.out, "a new folder for the results (default: results/local/<utc>-<host>)");
  app.set_version_flag("--version", std::string{"colossus "} + version);
  if (!parse_arguments(app, argc, argv, out)) return std::nullopt;
  r.arguments.assign(argv, argv + argc);
  if (r.topologies.empty()) r.topologies = detail::default_topologies(r.quick);
  if (r.out.empty()) r.out = detail::default_out();
  std::sort(r.ranks.begin(), r.ranks.end());
  r.ranks.erase(std::unique(r.ranks.begin(), r.ranks.end()), r.ranks.end());
  return r;
}

/// Makes the folder for the results. Throws `error` (usage) where something is there already.
inline void make_folder(const std::string& path) {
  if (std::filesystem::exists(path)) throw error{path + " is there already: name another folder by --out"};
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) throw error{path + ": expected a folder that can be made: " + failed.message()};
}

}  // namespace colossus::bench::characterize
