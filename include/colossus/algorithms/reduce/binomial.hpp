// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/reduce.hpp>
#include <colossus/compose/rooted.hpp>
#include <colossus/symmetry.hpp>

#include <bit>

namespace colossus {

/// Binomial tree to rank 0: in round k, the ranks with lowest bit k give all they have to the rank 2^k below, in the
/// order of the ranks. Any P, ceil(log2 P) rounds.
///
///   P = 6, round 0   0 <- 1, 2 <- 3, 4 <- 5       1   0 <- 2        2   0 <- 4
class binomial_up {
 public:
  constexpr explicit binomial_up(rank_t ranks) : ranks_{ranks} {}

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return 1; }
  constexpr round_t rounds() const { return std::bit_width(static_cast<std::uint32_t>(ranks_ - 1)); }

  /// Subtrees that are whole in this round change places.
  constexpr bool alike(round_t round, digit d) const { return d.stride % (rank_t{2} << round) == 0; }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t hop = rank_t{1} << round;
    const rank_t low = rank & (2 * hop - 1);
    if (low == hop) return {.send = {.peer = rank - hop, .blocks = {0, 1}}};
    if (low != 0 || rank + hop >= ranks_) return {};
    return {.recv = {.peer = rank + hop, .blocks = {0, 1}}, .arrival = on_arrival::reduce_after};
  }

  template <class Visit>
  constexpr void senders(round_t round, Visit&& visit) const {
    const rank_t hop = rank_t{1} << round;
    for (rank_t rank = hop; rank < ranks_; rank += 2 * hop) visit(rank);
  }
  template <class Visit>
  constexpr void touches(rank_t rank, block_t, Visit&& visit) const {
    for (round_t round = 0; round < rounds() && rank % (rank_t{1} << round) == 0; ++round) visit(round);
  }

 private:
  rank_t ranks_;
};

static_assert(schedule<binomial_up>);

}  // namespace colossus

namespace colossus::algorithms {

struct binomial_reduce {
  using collective = collectives::reduce;
  static constexpr std::string_view name = "binomial";
  static constexpr auto schedule(const problem& p) { return rooted{binomial_up{p.ranks}, p.root}; }
};

}  // namespace colossus::algorithms
