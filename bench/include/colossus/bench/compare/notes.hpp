// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/result.hpp>
#include <colossus/bench/table.hpp>

namespace colossus::bench::compare {

/// What a reader must know before the verdicts, a line each: what did not match, and how the environments differ.
inline std::vector<std::string> notes_before(const result& r, const naming& names) {
  std::vector<std::string> lines{r.all.sides.front().name + " is the base; against it"};
  for (std::size_t i = 1; i < r.all.sides.size(); ++i) lines[0] += (i > 1 ? ", " : " ") + r.all.sides[i].name;
  for (const scanned& file : r.all.files)
    if (!file.file->about().empty()) lines.push_back(file.file->path() + ": " + file.file->about());
  for (const std::string& column : r.all.left_out) lines.push_back("left out: " + column + ": --on brings it back");
  for (const matches::lonely& l : r.found.unmatched) {
    std::string line = "unmatched: " + std::to_string(l.keys) + " in " + r.all.sides[l.in].name + ", not in " +
                       r.all.sides[l.not_in].name + ", such as";
    for (const record* e : l.examples)
      line += (e == l.examples.front() ? " " : "; ") + names.text(r.all.sides[l.in], *e);
    lines.push_back(line);
  }
  for (const environment_difference& d : r.around.differences)
    lines.push_back("environment: " + d.field + ": " + d.in_base + " in the base, " + d.in_file + " in " + d.file);
  for (const std::string& path : r.around.unknown)
    lines.push_back("environment: not known of " + path + ", which has no " + sidecar_path(path));
  std::string any;
  for (const std::string& column : r.found.any) any += (any.empty() ? "" : ", ") + column;
  if (!any.empty()) lines.push_back("matched whatever the other holds, where one is empty: " + any);
  if (!names.common().empty()) lines.push_back("all rows of the base: " + names.common());
  return lines;
}

namespace detail {

inline std::string percent_text(double share) {
  return bench::detail::format("%+.*f%%", std::abs(share) < 0.1 ? 2 : 1, 100 * share);
}

/// What more launches could tell.
inline std::string advice(const result& r) {
  const tally_of_verdicts& t = r.tally;
  const std::string few = t.fewest == 1 ? "1 launch" : std::to_string(t.fewest) + " launches";
  return std::to_string(t.too_few) + " unclear for want of launches: " + few +
         " on a side cannot tell a difference from " + "chance over " + std::to_string(t.tests) +
         " configurations, however large: " + std::to_string(t.needed) + " on each side can";
}

}  // namespace detail

/// What the verdicts add up to. Times are never averaged over configurations.
inline std::vector<std::string> notes_behind(const result& r) {
  std::string counts;
  for (const verdict v : {verdict::slower, verdict::faster, verdict::same, verdict::unclear, verdict::not_ok})
    counts += (counts.empty() ? "" : ", ") + std::to_string(r.tally.of(v)) + " " + std::string{name_of(v)};
  std::vector<std::string> lines{counts + ", threshold " + to_text(std::round(1e4 * r.how.threshold) / 100) + "%"};
  if (r.tally.too_few > 0) lines.push_back(detail::advice(r));
  return lines;
}

}  // namespace colossus::bench::compare
