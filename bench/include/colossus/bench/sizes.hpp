// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/data_layout.hpp>
#include <colossus/bench/options.hpp>
#include <colossus/problem.hpp>

namespace colossus::bench {

/// NCCL's counts for the sizes asked for: whole elements, as many for each rank. What is too small for one a rank is
/// left out, and a note says so.
inline std::vector<std::int64_t> counts_of(const options& o, const data_layout& layout, std::string_view type,
                                           std::int64_t type_size, rank_t ranks, std::vector<std::string>& notes) {
  std::vector<std::int64_t> counts;
  std::int64_t largest_left_out = 0;
  for (const std::int64_t bytes : o.sizes) {
    const std::int64_t count = count_of(layout, bytes, type_size, ranks);
    if (count == 0 && bytes > 0) largest_left_out = bytes;
    else if (counts.empty() || counts.back() != count) counts.push_back(count);
  }
  if (largest_left_out > 0)
    notes.push_back("sizes up to " + bytes_for_people(largest_left_out) + " are less than one " + std::string{type} +
                    (layout.parts_in || layout.parts_out ? " for each of " + std::to_string(ranks) + " ranks" : "") +
                    ": left out");
  return counts;
}

/// The roots asked for: one, or all; rank 0 where the collective has none. Throws (usage) for one that is no rank.
inline std::vector<rank_t> roots_of(const options& o, const data_layout& layout, rank_t ranks) {
  std::vector<rank_t> roots;
  for (rank_t r = 0; o.root == "all" && layout.has_root && r < ranks; ++r) roots.push_back(r);
  if (!roots.empty()) return roots;
  const rank_t root = o.root == "all" ? 0 : to_number<rank_t>(o.root).value_or(-1);
  if (root < 0 || root >= ranks)
    throw error{"-r " + o.root + ": expected a rank from 0 to " + std::to_string(ranks - 1) + ", or all"};
  return {root};
}

/// The algorithms asked for that serve a problem; of those named one by one, all must. Algorithms are `operation`s or
/// `priced_algorithm`s.
template <class Algorithm>
std::vector<Algorithm> chosen_algorithms(const options& o, const std::vector<Algorithm>& known, const problem& p,
                                         std::vector<std::string>& notes) {
  std::vector<Algorithm> chosen;
  for (const Algorithm& each : known) {
    if (std::find(o.algorithms.begin(), o.algorithms.end(), each.algorithm) == o.algorithms.end()) continue;
    const std::string line =
        o.collective + " " + std::string{each.algorithm} + " does not serve " + std::to_string(p.ranks) + " ranks";
    if (each.serves(p)) chosen.push_back(each);
    else if (o.every_algorithm) notes.push_back(line + ": left out");
    else throw error{line + ": choose another algorithm (--list) or another number of ranks"};
  }
  return chosen;
}

}  // namespace colossus::bench
