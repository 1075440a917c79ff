// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

namespace colossus::bench {

/// Rounds in which every pair of `ranks` meets once and no rank is in two pairs at a time: the fewest there are.
///
/// The circle method (Kirkman 1847), as for a tournament: one rank stays, the others turn by one place a round, and
/// those that face each other meet. With an odd number a place is empty, and who faces it rests.
constexpr int pair_rounds(int ranks) { return ranks < 2 ? 0 : ranks % 2 == 0 ? ranks - 1 : ranks; }

/// Whom `rank` meets in a round; itself where it rests.
constexpr int pair_partner(int ranks, int round, int rank) {
  const int turning = pair_rounds(ranks);  // odd: places on the circle
  if (turning == 0) return rank;
  const bool has_centre = ranks % 2 == 0;
  if (has_centre && rank == turning) return (round * ((turning + 1) / 2)) % turning;  // who would face itself
  const int facing = ((round - rank) % turning + turning) % turning;
  if (facing != rank) return facing;
  return has_centre ? turning : rank;
}

/// Whom `rank` meets where each rank is to be in one pair only: the one half of all ranks away, so that pairs cross
/// nodes where there are several, and stay on a rail where an even number of alike nodes is in order. Itself where it
/// rests: the last of an odd number.
constexpr int quick_partner(int ranks, int rank) {
  const int half = ranks / 2;
  return rank < half ? rank + half : rank < 2 * half ? rank - half : rank;
}

/// The same for every rank where nodes are in any order: ranks meet in the order of their nodes, so that a pair stays
/// on a node only where that has more than half of the ranks.
inline std::vector<int> quick_partners(const std::vector<int>& node_of) {
  std::vector<int> order(node_of.size()), partners(node_of.size());
  const auto at = [](auto& list, int place) -> auto& { return list[static_cast<std::size_t>(place)]; };
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int x, int y) { return at(node_of, x) < at(node_of, y); });
  const auto ranks = static_cast<int>(order.size());
  for (int place = 0; place < ranks; ++place) at(partners, at(order, place)) = at(order, quick_partner(ranks, place));
  return partners;
}

/// Who meets whom when: all pairs in `pair_rounds`, or in one round the pairs of `quick_partners`.
class pair_plan {
 public:
  explicit pair_plan(int ranks) : ranks_{ranks}, rounds_{pair_rounds(ranks)} {}
  /// The quick one: `node_of` has the node of each rank.
  explicit pair_plan(const std::vector<int>& node_of)
      : ranks_{static_cast<int>(node_of.size())}, rounds_{ranks_ < 2 ? 0 : 1}, partners_{quick_partners(node_of)} {
    for (std::size_t rank = 0; rank < node_of.size(); ++rank)
      between_nodes_ += node_of[rank] < node_of[static_cast<std::size_t>(partners_[rank])] ? 1 : 0;
  }

  int ranks() const { return ranks_; }
  int rounds() const { return rounds_; }
  bool is_quick() const { return !partners_.empty(); }
  int partner(int round, int rank) const {
    return is_quick() ? partners_[static_cast<std::size_t>(rank)] : pair_partner(ranks_, round, rank);
  }
  /// Of the quick one: how many of its pairs.
  int between_nodes() const { return between_nodes_; }
  /// Only the first rounds: a sample of the pairs.
  void limit(int rounds) { rounds_ = std::min(rounds_, rounds); }
  /// In a round nobody rests but one of an odd number.
  int pairs() const { return rounds_ * (ranks_ / 2); }

 private:
  int ranks_, rounds_, between_nodes_ = 0;
  std::vector<int> partners_;
};

}  // namespace colossus::bench
