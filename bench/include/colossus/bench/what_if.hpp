// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/interrupt.hpp>
#include <colossus/bench/simulated_table.hpp>
#include <colossus/bench/without.hpp>

namespace colossus::bench {

/// What a row loses with a part.
struct damage {
  double ratio = 1;    ///< time over time now; infinite: some ranks cannot reach each other
  rank_t ranks = 0;    ///< that are left, where some are lost; else 0
  std::string name{};  ///< of the part
};

/// What a row loses with one part of a class.
struct class_damage {
  const outage_class* of = nullptr;
  std::vector<damage> each{};  ///< the worst first

  double median() const { return each[each.size() / 2].ratio; }
};

/// Prices all `operations` without each of the parts to be tried, and hands the rows of these prices to `keep`. Returns
/// the damage by row and class, the worst class first.
template <class Keep, class Tell>
std::vector<std::vector<class_damage>> damages(const scene& s, std::span<const priced_operation> operations,
                                               std::span<const outage_class> classes, Keep&& keep, Tell&& tell) {
  std::vector<double> before;
  for (const priced_operation& o : operations)
    for (const auto& of_way : o.rows)
      for (const priced_row& r : of_way) before.push_back(r.figures.time_us.value_or(0));
  std::vector<std::vector<class_damage>> found(before.size());
  std::size_t done = 0, steps = 0;
  for (const outage_class& c : classes) steps += c.tried.size();
  for (const outage_class& c : classes) {
    if (c.tried.empty()) continue;
    for (auto& row : found) row.push_back({&c});
    for (const outage& lost : c.tried) {
      if (interrupted()) break;
      tell(done++, steps, lost.name);
      const scene other = without(s, lost);
      const rank_t ranks = other.shape.ranks == s.shape.ranks ? 0 : other.shape.ranks;
      std::size_t i = 0;
      for (const priced_operation& o : operations) {
        std::size_t rows = o.ways.size() * o.counts.size();
        try {
          for (auto& of_way : o.on(other))
            for (priced_row& r : of_way) {
              keep(r.figures);
              found[i].back().each.push_back({before[i] > 0 ? *r.figures.time_us / before[i] : 1, ranks, lost.name});
              ++i, --rows;
            }
        } catch (const error&) {  // no way is left, or the algorithm does not serve what is left
          for (; rows > 0; --rows, ++i)
            found[i].back().each.push_back({std::numeric_limits<double>::infinity(), ranks, lost.name});
        }
      }
    }
  }
  for (auto& row : found) {
    std::erase_if(row, [](const class_damage& d) { return d.each.empty(); });
    for (class_damage& d : row) std::ranges::stable_sort(d.each, std::ranges::greater{}, &damage::ratio);
    std::ranges::stable_sort(row, std::ranges::greater{}, [](const class_damage& d) { return d.each.front().ratio; });
  }
  return found;
}

inline std::vector<std::string> head_of_damages() {
  return {"what if one part is out: time over the time now. Near are parts of a node with ranks, links and",
          "switches that serve a pod with ranks; some of them are tried, evenly, and the one with the busiest",
          "link. Ranks that lose their node move to a free one, or are gone where there is none.",
          detail::format("  %-14s%10s%10s%7s%10s%10s  %s", "class", "parts", "near", "tried", "median", "worst",
                         "the worst")};
}

/// The damage to one row in words, a line for each class.
inline std::vector<std::string> lines_of(const row& r, std::span<const class_damage> found) {
  std::vector<std::string> lines{row_text(r)};
  const auto ratio = [](double value) {
    return std::isfinite(value) ? detail::format("%9.3fx", value) : detail::format("%10s", "cut off");
  };
  std::string harmless;
  for (const class_damage& d : found) {
    const damage& worst = d.each.front();
    if (worst.ratio < 1.0005 && worst.ranks == 0) {
      harmless += (harmless.empty() ? "" : ", ") + d.of->name;
      continue;
    }
    lines.push_back(detail::format("  %-14s%10s%10s%7zu", d.of->name.c_str(), with_commas(d.of->parts).c_str(),
                                   with_commas(d.of->near).c_str(), d.each.size()) +
                    ratio(d.median()) + ratio(worst.ratio) + "  " + worst.name +
                    (worst.ranks ? " (" + with_commas(worst.ranks) + " ranks left)" : ""));
  }
  if (!harmless.empty()) lines.push_back("  nothing lost: " + harmless);
  return lines;
}

}  // namespace colossus::bench
