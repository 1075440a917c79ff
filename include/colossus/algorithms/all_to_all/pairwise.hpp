// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/all_to_all.hpp>
#include <colossus/symmetry.hpp>

#include <bit>

namespace colossus {

/// Pairwise exchange, P a power of two: in round k, everyone swaps with the rank whose number differs by xor k. Round 0
/// is a copy of one's own block. P rounds.
///
///   P = 4, round          0   1   2   3
///   rank 1 swaps with     1   0   3   2
class xor_exchange {
 public:
  constexpr explicit xor_exchange(rank_t ranks) : ranks_{ranks} {
    expects(std::has_single_bit(static_cast<std::uint32_t>(ranks)),
            "pairwise: the number of ranks must be a power of two");
  }

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return 2 * ranks_; }
  constexpr round_t rounds() const { return ranks_; }
  constexpr bool alike(round_t, digit d) const { return alike_in_xor(d); }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t peer = rank ^ static_cast<rank_t>(round);
    return {.send = {.peer = peer, .blocks = {peer, 1}}, .recv = {.peer = peer, .blocks = {ranks_ + peer, 1}}};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    visit(round_t{rank ^ (block < ranks_ ? block : block - ranks_)});
  }

 private:
  rank_t ranks_;
};

static_assert(schedule<xor_exchange>);

}  // namespace colossus

namespace colossus::algorithms {

struct pairwise_all_to_all {
  using collective = collectives::all_to_all;
  static constexpr std::string_view name = "pairwise";
  static constexpr bool supports(const problem& p) { return std::has_single_bit(static_cast<std::uint32_t>(p.ranks)); }
  static constexpr auto schedule(const problem& p) { return xor_exchange{p.ranks}; }
};

}  // namespace colossus::algorithms
