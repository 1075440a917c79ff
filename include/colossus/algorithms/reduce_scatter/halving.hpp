// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/reduce_scatter.hpp>
#include <colossus/compose/folded.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// Recursive vector halving (Rabenseifner 2004), P a power of two: in round k, meet the rank P/2^(k+1) away and hand
/// over the half of the blocks that lies on its side. log2(P) rounds.
///
///   P = 4, round   0               1
///   rank 0 sends   b2 b3 to 2      b1 to 1
class halving_scatter {
 public:
  constexpr explicit halving_scatter(rank_t ranks)
      : ranks_{ranks}, levels_{std::countr_zero(static_cast<std::uint32_t>(ranks))} {
    expects(ranks == rank_t{1} << levels_, "halving: the number of ranks must be a power of two (fold the others)");
  }

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return ranks_; }
  constexpr round_t rounds() const { return levels_; }
  constexpr bool alike(round_t, digit d) const { return alike_in_xor(d); }
  constexpr bool exchanges() const { return true; }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t half = ranks_ >> (round + 1), partner = rank ^ half;
    const auto side_of = [half](rank_t r) { return block_range{r & ~(half - 1), half}; };
    return {.send = {.peer = partner, .blocks = side_of(partner)},
            .recv = {.peer = partner, .blocks = side_of(rank)},
            .arrival = partner < rank ? on_arrival::reduce_before : on_arrival::reduce_after};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {  // until they part company
    for (round_t round = 0; round < levels_ && ((rank ^ block) >> (levels_ - round)) == 0; ++round) visit(round);
  }

 private:
  rank_t ranks_;
  int levels_;
};

static_assert(schedule<halving_scatter>);

/// Recursive halving for any number of ranks: folded to a power of two.
constexpr auto halving_scatter_any(rank_t ranks) {
  const rank_t extra = pairing::to_power_of_two(ranks).extra;
  return folded_scatter(halving_scatter{ranks - extra}, extra);
}

}  // namespace colossus

namespace colossus::algorithms {

struct halving_reduce_scatter {
  using collective = collectives::reduce_scatter;
  static constexpr std::string_view name = "halving";
  static constexpr auto schedule(const problem& p) { return halving_scatter_any(p.ranks); }
};

}  // namespace colossus::algorithms
