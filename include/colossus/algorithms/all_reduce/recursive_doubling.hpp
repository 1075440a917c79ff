// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/all_reduce.hpp>
#include <colossus/compose/folded.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// Recursive doubling, P a power of two: everyone swaps everything with the rank 1, 2, 4, ... away. log2(P) rounds.
///
///   P = 4, round         0      1
///   rank 0 swaps with    1      2       and reduces in the order of the ranks
class recursive_doubling_all_reduce {
 public:
  constexpr explicit recursive_doubling_all_reduce(rank_t ranks)
      : ranks_{ranks}, levels_{std::countr_zero(static_cast<std::uint32_t>(ranks))} {
    expects(ranks == rank_t{1} << levels_,
            "recursive doubling: the number of ranks must be a power of two (fold the others)");
  }

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return 1; }
  constexpr round_t rounds() const { return levels_; }
  constexpr bool alike(round_t, digit d) const { return alike_in_xor(d); }

  constexpr step at(rank_t rank, round_t round) const {
    const transfer all{.peer = rank ^ (rank_t{1} << round), .blocks = {0, 1}};
    return {
        .send = all, .recv = all, .arrival = all.peer < rank ? on_arrival::reduce_before : on_arrival::reduce_after};
  }

  template <class Visit>
  constexpr void touches(rank_t, block_t, Visit&& visit) const {
    for (round_t round = 0; round < levels_; ++round) visit(round);
  }

 private:
  rank_t ranks_;
  int levels_;
};

static_assert(schedule<recursive_doubling_all_reduce>);

}  // namespace colossus

namespace colossus::algorithms {

struct recursive_doubling {
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "recursive_doubling";
  static constexpr auto one_lane(const problem& p) {
    const rank_t extra = pairing::to_power_of_two(p.ranks).extra;
    return folded{recursive_doubling_all_reduce{p.ranks - extra}, extra};
  }
  static constexpr auto schedule(const problem& p) { return one_lane(p); }
};

}  // namespace colossus::algorithms
