// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/from_file.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <utility>

namespace colossus::bench {

// A machine in words, at most 100 columns wide.

/// 100352 as "100,352".
inline std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  for (int at = static_cast<int>(text.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

/// Up to `digits` significant digits, never an exponent: 2.41, 150, 12,544.
inline std::string brief(double number, int digits = 3) {
  if (!std::isfinite(number)) return "not known";
  if (std::abs(number) >= 1000) return with_commas(std::llround(number));
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, number);
  return text;
}

/// A quantity with the SI prefix that keeps it short: 114 MW, 2.46 PB/s.
inline std::string scaled(double number, const std::string& unit) {
  if (!std::isfinite(number)) return "not known";
  static constexpr std::array<const char*, 6> prefixes{"", "k", "M", "G", "T", "P"};
  std::size_t prefix = 0;
  for (; number >= 999.5 && prefix + 1 < prefixes.size(); ++prefix) number /= 1000;
  return brief(number) + " " + prefixes[prefix] + unit;
}

/// Prints `text` after `label`, broken between words at `width` columns, indented below the label.
inline void print_wrapped(std::ostream& out, const std::string& label, const std::string& text, std::size_t indent = 13,
                          std::size_t width = 100) {
  std::string line = label + std::string(label.size() < indent ? indent - label.size() : 0, ' ');
  std::size_t used = line.size(), begin = 0;
  const std::size_t hang = text.starts_with("- ") ? indent + 2 : indent;
  while (begin < text.size()) {
    std::size_t end = text.find(' ', begin);
    if (end == std::string::npos) end = text.size();
    end = std::min(end, begin + width - hang);  // what is longer than a line is cut
    const std::string word = text.substr(begin, end - begin);
    if (used > indent && used + 1 + word.size() > width) {
      out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
      line = std::string(hang, ' '), used = hang;
    } else if (begin > 0 && text[begin - 1] == ' ') {
      line += ' ', ++used;
    }
    line += word, used += word.size();
    begin = end + (end < text.size() && text[end] == ' ');
  }
  out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
}

/// Such as "sn5600 latency 500 ns (350..900, oci-gb)".
inline std::string to_text(const topologies::used_default& used) {
  const auto& n = used.number;
  const std::string unit = used.unit.empty() ? "" : " " + used.unit;
  return used.what + " " + brief(n.value) + unit + " (" + brief(n.low) + ".." + brief(n.high) + "; " + n.source + ")";
}

/// What the figures of a machine rest on: its evidence, its assumptions, the defaults that were used.
inline void print_assumptions(const loaded& machine, std::ostream& out, std::size_t width = 100) {
  const topologies::topology_file& file = machine.description;
  print_wrapped(
      out, "evidence",
      (file.evidence.empty() ? "not said" : file.evidence) + " (" + file.path + ", id " + machine.topology_id + ")", 13,
      width);
  const char* label = "assumptions";
  for (const std::string& line : machine.assumptions)
    print_wrapped(out, std::exchange(label, ""), "- " + line, 13, width);
  std::string defaults;
  for (const auto& used : machine.defaults)
    if (used.unit != "W") defaults += (defaults.empty() ? "" : ", ") + to_text(used);
  if (!defaults.empty()) print_wrapped(out, "defaults", defaults, 13, width);
}

/// Whether a machine has figures that nobody published.
inline bool is_assumed(const loaded& machine) {
  return machine.description.evidence != "published" && machine.description.evidence != "synthetic";
}

}  // namespace colossus::bench
