// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/reduce.hpp>
#include <colossus/compose/rooted.hpp>

namespace colossus {

/// Everyone sends to rank 0 itself, one in each round, in the order of the ranks. P-1 rounds.
///
///   P = 4, round   0        1        2
///                  0 <- 1   0 <- 2   0 <- 3
class direct_up {
 public:
  constexpr explicit direct_up(rank_t ranks) : ranks_{ranks} {}

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return 1; }
  constexpr round_t rounds() const { return ranks_ - 1; }

  constexpr step at(rank_t rank, round_t round) const {
    const auto turn = static_cast<rank_t>(round + 1);
    if (rank == turn) return {.send = {.peer = 0, .blocks = {0, 1}}};
    if (rank != 0) return {};
    return {.recv = {.peer = turn, .blocks = {0, 1}}, .arrival = on_arrival::reduce_after};
  }

  template <class Visit>
  constexpr void senders(round_t round, Visit&& visit) const {
    visit(static_cast<rank_t>(round + 1));
  }
  template <class Visit>
  constexpr void touches(rank_t rank, block_t, Visit&& visit) const {
    if (rank != 0) visit(round_t{rank} - 1);
    else
      for (round_t round = 0; round < rounds(); ++round) visit(round);
  }

 private:
  rank_t ranks_;
};

static_assert(schedule<direct_up>);

}  // namespace colossus

namespace colossus::algorithms {

struct direct_reduce {
  using collective = collectives::reduce;
  static constexpr std::string_view name = "direct";
  static constexpr auto schedule(const problem& p) { return rooted{direct_up{p.ranks}, p.root}; }
};

}  // namespace colossus::algorithms
