// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/priced_operation.hpp>
#include <colossus/bench/trace/trace_file.hpp>

namespace colossus::bench {

/// Refuses a trace that there cannot be, before the work.
inline void check_trace(const options& o) {
  if (o.trace.empty()) return;
  expects(o.job.empty() && o.pairs.empty(),
          "--trace draws the messages of one collective: leave out --job and --pairs");
  expects(!std::filesystem::exists(o.trace), o.trace + " is there already: name another file for --trace");
  const std::filesystem::path folder = std::filesystem::absolute(o.trace).parent_path();
  expects(std::filesystem::is_directory(folder), "--trace " + o.trace + ": expected a folder " + folder.string());
}

namespace detail {

/// What is drawn: the row, and on what evidence.
inline nlohmann::ordered_json about_trace(const options& o, const scene& s, const row& r) {
  nlohmann::ordered_json all{{"program", r.library}, {"command", o.arguments}};
  for (const column& c : columns)
    if (const std::string text = text_of(r, c);
        !text.empty() && (c.key || c.name == "time_us" || c.name == "limit" || c.name == "sol_us"))
      all[std::string{c.name}] = text;
  all["evidence"] = s.machine->description.evidence;
  all["assumptions"] = s.machine->assumptions;
  all["price"] = price_words(*s.machine);
  return all;
}

inline std::vector<std::string> write_trace(const options& o, const scene& s, const row& r, const traced& what) {
  const double head = s.machine->profile ? s.machine->profile->operation_s : 0;
  const array_trace array{what, *r.time_us / 1e6, head};
  trace_file file{o.trace, r, what, array};
  const std::size_t events = file.write(about_trace(o, s, r));
  const nlohmann::ordered_json drawing = file.drawing();
  std::vector<std::string> lines{"trace        " + row_text(r) + ": " + with_commas(static_cast<std::int64_t>(events)) +
                                     " events -> " + o.trace + ", open it in https://ui.perfetto.dev",
                                 "  drawn      " + std::string{drawing["array"]} + ", " +
                                     with_commas(array.messages()) + " messages; counters of all links",
                                 "  times      " + std::string{drawing["times"]}};
  for (const auto& what_not : drawing["left_out"]) lines.push_back("  left out   " + std::string{what_not});
  return lines;
}

}  // namespace detail

/// Writes the file of --trace: the messages of an operation's first price. Returns lines for the screen.
inline std::vector<std::string> write_trace(const options& o, const scene& s, const priced_operation& operation) {
  const row& r = operation.rows.front().front().figures;
  std::vector<std::string> lines;
  operation.what.take_apart(s, static_cast<rank_t>(r.root.value_or(0)), *r.bytes, operation.ways.front().chosen,
                            [&](const traced& what) { lines = detail::write_trace(o, s, r, what); });
  return lines;
}

}  // namespace colossus::bench
