// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/reduce_scatter.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// Direct reduce-scatter: everyone sends every other its block itself, the next one first. P-1 rounds of P shifts.
///
///   P = 4, round   0         1         2
///   rank 0 sends   b1 to 1   b2 to 2   b3 to 3
class direct_scatter {
 public:
  constexpr explicit direct_scatter(rank_t ranks) : ranks_{ranks} {}

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return ranks_; }
  constexpr round_t rounds() const { return ranks_ - 1; }
  constexpr bool alike(round_t round, digit d) const { return alike_in_shift(ranks_, round + 1, d); }

  constexpr shift shift_in(round_t round) const { return {static_cast<rank_t>(round + 1), 1}; }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t to = wrap(rank + round + 1);
    return {.send = {.peer = to, .blocks = {to, 1}},
            .recv = {.peer = wrap(rank - round - 1), .blocks = {rank, 1}},
            .arrival = on_arrival::reduce_before};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    if (block != rank) visit(round_t{wrap(block - rank - 1)});
    else
      for (round_t round = 0; round < rounds(); ++round) visit(round);
  }

 private:
  constexpr rank_t wrap(round_t i) const {
    return static_cast<rank_t>(i < 0 ? i + ranks_ : i >= ranks_ ? i - ranks_ : i);
  }

  rank_t ranks_;
};

static_assert(schedule<direct_scatter>);

}  // namespace colossus

namespace colossus::algorithms {

struct direct_reduce_scatter {
  using collective = collectives::reduce_scatter;
  static constexpr std::string_view name = "direct";
  static constexpr auto schedule(const problem& p) { return direct_scatter{p.ranks}; }
};

}  // namespace colossus::algorithms
