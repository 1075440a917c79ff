// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/algorithms/reduce_scatter/ring.hpp>
#include <colossus/collectives/all_reduce.hpp>
#include <colossus/compose/lanes.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// Bandwidth-optimal ring (Patarasuk & Yuan 2009): P-1 reducing rounds, then P-1 storing rounds.
/// In every round a block moves one hop clockwise; only the arrival action changes half way.
///
///   P = 3, round   0      1      2      3       rank r sends block r-round
///   rank 0 sends   b0     b2     b1     b0      and receives block r-round-1
class ring_all_reduce {
 public:
  constexpr explicit ring_all_reduce(rank_t ranks) : ranks_{ranks} {}

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return ranks_; }
  constexpr round_t rounds() const { return 2 * (round_t{ranks_} - 1); }
  constexpr round_t pattern(round_t) const { return 0; }
  constexpr bool alike(round_t, digit d) const { return alike_in_shift(ranks_, 1, d); }

  constexpr step at(rank_t rank, round_t round) const {
    const auto sent = wrap(rank - round);
    return {.send = {.peer = wrap(rank + 1), .blocks = {sent, 1}},
            .recv = {.peer = wrap(rank - 1), .blocks = {wrap(sent - 1), 1}},
            .arrival = round < ranks_ - 1 ? on_arrival::reduce_before : on_arrival::store};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    for (round_t sent = wrap(rank - block); sent <= rounds(); sent += ranks_)  // it came one round before
      for (const round_t round : {sent - 1, sent})
        if (round >= 0 && round < rounds()) visit(round);
  }

 private:
  /// Index modulo the ring size, for -2P < i < 2P.
  constexpr rank_t wrap(round_t i) const {
    if (i < 0) i += ranks_;
    if (i < 0) i += ranks_;
    return static_cast<rank_t>(i >= ranks_ ? i - ranks_ : i);
  }

  rank_t ranks_;
};

static_assert(repeating_schedule<ring_all_reduce>);

}  // namespace colossus

namespace colossus::algorithms {

/// One ring for each NIC of a node: the lanes of the rotated ring leave the node by all of them.
struct ring {
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "ring";
  static constexpr auto one_lane(const problem& p) { return ring_all_reduce{p.ranks}; }
  static constexpr auto scatter(rank_t ranks) { return ring_scatter{ranks}; }
  static constexpr auto schedule(const problem& p) { return lanes{one_lane(p), p.lanes_or_nics(), 0, p.rotation()}; }
};

}  // namespace colossus::algorithms
