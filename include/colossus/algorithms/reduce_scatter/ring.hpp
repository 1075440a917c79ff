// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/reduce_scatter.hpp>
#include <colossus/compose/lanes.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// Ring reduce-scatter (Patarasuk & Yuan 2009): the first half of the ring all-reduce. P-1 rounds.
///
///   P = 3, round   0      1       rank r sends block r-round-1
///   rank 0 sends   b2     b1      and receives block r-round-2: its own in the last round
class ring_scatter {
 public:
  constexpr explicit ring_scatter(rank_t ranks) : ranks_{ranks} {}

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return ranks_; }
  constexpr round_t rounds() const { return ranks_ - 1; }
  constexpr round_t pattern(round_t) const { return 0; }
  constexpr bool alike(round_t, digit d) const { return alike_in_shift(ranks_, 1, d); }

  constexpr step at(rank_t rank, round_t round) const {
    const auto sent = wrap(rank - round - 1);
    return {.send = {.peer = wrap(rank + 1), .blocks = {sent, 1}},
            .recv = {.peer = wrap(rank - 1), .blocks = {wrap(sent - 1), 1}},
            .arrival = on_arrival::reduce_before};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    const rank_t sent = wrap(rank - block - 1);  // it came one round before
    for (const round_t round : {sent - 1, sent})
      if (round >= 0 && round < rounds()) visit(round);
  }

 private:
  /// Index modulo the ring size, for -P <= i < 2P.
  constexpr rank_t wrap(round_t i) const {
    return static_cast<rank_t>(i < 0 ? i + ranks_ : i >= ranks_ ? i - ranks_ : i);
  }

  rank_t ranks_;
};

static_assert(repeating_schedule<ring_scatter>);

}  // namespace colossus

namespace colossus::algorithms {

/// One ring for each NIC of a node, each on its part of every rank's block.
struct ring_reduce_scatter {
  using collective = collectives::reduce_scatter;
  static constexpr std::string_view name = "ring";
  static constexpr auto schedule(const problem& p) {
    return owned_lanes(ring_scatter{p.ranks}, p.lanes_or_nics(), 0, p.rotation());
  }
};

}  // namespace colossus::algorithms
