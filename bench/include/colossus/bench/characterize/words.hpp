// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/characterize/letters.hpp>
#include <colossus/bench/row.hpp>
#include <colossus/bench/table.hpp>
#include <colossus/bench/topology_text.hpp>

#include <sstream>

namespace colossus::bench::characterize {

using bench::detail::format;

/// No line of the screen is longer.
inline constexpr std::size_t screen_width = 100;

/// Microseconds as 122 us, 5.77 ms, 134 ms.
inline std::string time_text(double us) {
  const char* unit = " us";
  if (us >= 999.5e3) us /= 1e6, unit = " s";
  else if (us >= 999.5) us /= 1e3, unit = " ms";
  const int digits = us >= 99.95 ? 0 : us >= 9.995 ? 1 : 2;
  return format("%.*f%s", digits, us, unit);
}

inline std::string percent(double share) { return format("%.0f%%", 100 * share); }

/// A bandwidth in GB/s: 0.12, 7.8, 372.
inline std::string rate_text(double GBps) { return format("%.*f", GBps >= 99.95 ? 0 : GBps >= 9.995 ? 1 : 2, GBps); }

inline std::string left(const std::string& text, std::size_t width) {
  return text + std::string(text.size() < width ? width - text.size() : 0, ' ');
}
inline std::string right(const std::string& text, std::size_t width) {
  return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
}

/// `share` of `width` characters, the rest dotted.
inline std::string bar(double share, std::size_t width) {
  const auto full = static_cast<std::size_t>(std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(width)));
  return std::string(full, '#') + std::string(width - full, '.');
}

/// `items` after `label`, as many a line as fit, two blanks between them.
inline void print_items(std::ostream& out, const std::string& label, const std::vector<std::string>& items,
                        std::size_t indent) {
  std::string line = left(label, indent);
  bool empty = true;
  for (const std::string& item : items) {
    if (!empty && line.size() + 2 + item.size() > screen_width)
      out << line << '\n', line = std::string(indent, ' '), empty = true;
    line += (empty ? "" : "  ") + item;
    empty = false;
  }
  out << line << '\n';
}

/// Ends lines where the screen does; cut lines end in "~". A last resort: names of files are as long as their authors
/// like.
inline std::string fitted(const std::string& text) {
  std::istringstream in{text};
  std::string all;
  for (std::string line; std::getline(in, line);) {
    line.erase(line.find_last_not_of(' ') + 1);
    all += (line.size() > screen_width ? line.substr(0, screen_width - 1) + '~' : line) + '\n';
  }
  return all;
}

}  // namespace colossus::bench::characterize
