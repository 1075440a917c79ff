// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv.hpp>
#include <colossus/bench/table.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace colossus::test {

/// Equal, or numbers that differ by no more than another compiler's rounding.
inline bool same_figure(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto x = bench::to_number<double>(a), y = bench::to_number<double>(b);
  return x && y && std::abs(*x - *y) <= 1e-9 * std::max(std::abs(*x), std::abs(*y));
}

/// The same for k=v;k=v.
inline bool same_tags(std::string_view a, std::string_view b) {
  const auto take = [](std::string_view& from, char end) {
    const std::string_view word = from.substr(0, from.find(end));
    from.remove_prefix(std::min(word.size() + 1, from.size()));
    return word;
  };
  while (!a.empty() && !b.empty()) {
    std::string_view left = take(a, ';'), right = take(b, ';');
    if (take(left, '=') != take(right, '=') || !same_figure(left, right)) return false;
  }
  return a.empty() && b.empty();
}

/// What two rows differ in but for run_id, as "time_us 12.5, now 13 (+4%)"; empty where they are the same.
inline std::string difference(const bench::row& was, const bench::row& is) {
  std::string all;
  for (const bench::column& c : bench::columns) {
    const std::string a = text_of(was, c), b = text_of(is, c);
    if (c.name == "run_id" || (c.name == "tags" ? same_tags(a, b) : same_figure(a, b))) continue;
    all += (all.empty() ? "" : ", ") + std::string{c.name} + " " + (a.empty() ? "none" : a) + ", now " +
           (b.empty() ? "none" : b);
    if (c.name == "time_us" && was.time_us > 0 && is.time_us)
      all += bench::detail::format(" (%+.3g%%)", 100 * (*is.time_us / *was.time_us - 1));
  }
  return all;
}

/// A line for each row that is not the same in both, in order of the rows.
inline std::vector<std::string> differences(const std::vector<bench::row>& was, const std::vector<bench::row>& is) {
  std::vector<std::string> lines;
  if (was.size() != is.size()) lines.push_back(std::to_string(was.size()) + " rows, now " + std::to_string(is.size()));
  for (std::size_t i = 0; i < std::min(was.size(), is.size()); ++i)
    if (const std::string what = difference(was[i], is[i]); !what.empty())
      lines.push_back("row " + std::to_string(i + 1) + " (" + was[i].topology + " " + was[i].collective + " " +
                      was[i].algorithm + " " + was[i].routing + " " + bench::to_text(was[i].bytes) + " B): " + what);
  return lines;
}

}  // namespace colossus::test
