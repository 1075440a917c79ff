// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv_file.hpp>
#include <colossus/bench/rows_there.hpp>
#include <colossus/bench/run_difference.hpp>
#include <colossus/bench/sidecar.hpp>

#include <set>

namespace colossus::bench {

/// A file of rows that a run goes on with.
struct resumable {
  rows_there there{rows_there::by::plan};  ///< of runs of the same configuration
  std::size_t whole = 0;                   ///< bytes of its whole lines
  std::size_t torn = 0;                    ///< bytes behind them
};

namespace detail {

/// The runs in the sidecar of `csv` that `run` may go on with. Throws (usage) where it may with none, and says why not
/// with the last.
inline std::set<std::string> runs_alike(const std::string& csv, const nlohmann::ordered_json& run) {
  std::set<std::string> alike;
  std::string difference;
  for (const auto& each : read_sidecar(csv))
    if (difference = run_difference(each, run); difference.empty()) alike.insert(each.value("run_id", ""));
  if (alike.empty())
    throw error{csv + ": --resume goes on with a run of the same configuration, and " +
                (difference.empty() ? sidecar_path(csv) + " has none" : difference) +
                ": give the same command in the same place, or begin another file"};
  return alike;
}

}  // namespace detail

/// What is there of the file `csv`, that `run` wants to go on with; nothing where there is no such file. Throws (usage)
/// where its rows are of another configuration, (input) where it is damaged.
inline resumable find_resumable(const std::string& csv, const nlohmann::ordered_json& run) {
  resumable found;
  if (!std::filesystem::exists(csv)) return found;
  const std::string text = file_text(csv), header = csv_header();
  found.whole = whole_lines(text), found.torn = text.size() - found.whole;
  if (header.starts_with(text)) return found;  // killed before it had a row, and perhaps a sidecar
  expects(text.starts_with(header), csv + ": --resume expects the header of schema 1 in line 1, found another");
  if (found.whole == header.size()) return found;
  const auto alike = detail::runs_alike(csv, run);
  for_each_row(std::string_view{text}.substr(0, found.whole), csv, [&](const row& r) {
    if (alike.contains(r.run_id)) found.there.add(r);
  });
  return found;
}

}  // namespace colossus::bench
