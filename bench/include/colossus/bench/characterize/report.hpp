// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/characterize/request.hpp>
#include <colossus/bench/characterize/this_machine.hpp>
#include <colossus/bench/child_process.hpp>

namespace colossus::bench::characterize {

/// Writes `folder`/report.html from the rows there, by bench/report.py with the python3 of the PATH. Nothing where that
/// went well, else why not in one line.
inline std::string write_report(const std::string& folder) {
  constexpr std::chrono::seconds limit{120};
  const std::string python = detail::on_path("python3");
  const auto script = detail::shipped_topologies().parent_path() / "bench" / "report.py";
  if (python.empty()) return "python3 is not on the PATH: sudo apt-get install -y python3-pandas python3-plotly";
  if (!std::filesystem::exists(script)) return script.string() + " is not here";
  std::vector<std::string> words{python, script.string()};
  for (const char* const file : {"simulated.csv", "measured.csv"})
    if (const auto path = std::filesystem::path{folder} / file; std::filesystem::exists(path)) words.push_back(path);
  words.insert(words.end(), {"-o", (std::filesystem::path{folder} / "report.html").string()});
  const child_ending ending = run_child(words, {}, limit);
  if (ending.status == 0) return {};
  return ending.late ? "bench/report.py took longer than " + std::to_string(limit.count()) + " s" : ending.last_line();
}

}  // namespace colossus::bench::characterize
