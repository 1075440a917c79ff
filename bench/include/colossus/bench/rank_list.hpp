// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>

#include <chrono>
#include <span>
#include <string>
#include <vector>

namespace colossus::bench {

/// Ascending ranks in words: 0-3,5.
inline std::string rank_list(std::span<const int> ranks) {
  std::string text;
  for (std::size_t at = 0; at < ranks.size();) {
    std::size_t end = at + 1;
    while (end < ranks.size() && ranks[end] == ranks[end - 1] + 1) ++end;
    text += (text.empty() ? "" : ",") + std::to_string(ranks[at]);
    if (end - at > 1) text += "-" + std::to_string(ranks[end - 1]);
    at = end;
  }
  return text;
}

inline std::string in_seconds(std::chrono::milliseconds time) {
  return to_text(static_cast<double>(time.count()) / 1e3) + " s";
}

/// Who of `size` ranks came and who did not, which `came(rank)` tells: "ranks 0-3,5 of 8 arrived within 30 s; missing
/// 4,6-7".
template <class Came>
std::string roll_call(int size, std::chrono::milliseconds within, Came&& came) {
  std::vector<int> here, missing;
  for (int rank = 0; rank < size; ++rank) (came(rank) ? here : missing).push_back(rank);
  return (here.empty() ? "no rank" : (here.size() == 1 ? "rank " : "ranks ") + rank_list(here)) + " of " +
         std::to_string(size) + " arrived within " + in_seconds(within) + "; missing " + rank_list(missing);
}

}  // namespace colossus::bench
