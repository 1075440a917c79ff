// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/results.hpp>
#include <colossus/bench/sensitivity.hpp>
#include <colossus/bench/what_if.hpp>

#include <sstream>

namespace colossus::bench {

/// A note of lines that fit 100 columns.
template <class Output>
void note_wrapped(Output& out, const std::string& text) {
  std::stringstream lines;
  print_wrapped(lines, "", text, 0, 98);
  for (std::string line; std::getline(lines, line);) out.note(line);
}

/// Writes what was found of each row.
template <class Output, class Found>
void note_rows(Output& out, std::span<const priced_operation> priced, const std::vector<std::vector<Found>>& found) {
  auto next = found.begin();
  for (const priced_operation& o : priced)
    for (const auto& of_way : o.rows)
      for (const priced_row& r : of_way)
        for (const std::string& line : lines_of(r.figures, *next++)) out.note(line);
}

/// Writes how each row of `priced` answers to the speeds of the machine; every price that this took is a row of the
/// file.
template <class Output>
void answer_sensitivity(Output& out, const scene& s, std::span<const priced_operation> priced) {
  const auto found = responses(
      s, priced, [&](const row& r) { out.keep(r); },
      [&](std::size_t at, std::size_t of, const std::string& name) {
        out.line().show(at, of, "sensitivity to " + name);
      });
  for (const std::string& line : head_of_responses()) out.note(line);
  note_rows(out, priced, found);
}

/// Writes what each row of `priced` loses with one part of the classes that `words` mean, of each `sample` parts.
template <class Output>
void answer_what_if(Output& out, const scene& s, std::span<const priced_operation> priced,
                    const std::vector<std::string>& words, std::size_t sample) {
  std::vector<std::string> busiest;
  for (const priced_operation& o : priced)
    for (const auto& of_way : o.rows)
      for (const priced_row& r : of_way)
        if (!r.figures.limit_link.empty()) busiest.push_back(detail::part_of_link(r.figures.limit_link));
  const auto classes = outage_classes(s, words, sample, busiest);
  const auto found = damages(
      s, priced, classes, [&](const row& r) { out.keep(r); },
      [&](std::size_t at, std::size_t of, const std::string& name) { out.line().show(at, of, "without " + name); });
  for (const std::string& line : head_of_damages()) out.note(line);
  note_rows(out, priced, found);
}

}  // namespace colossus::bench
