// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/all_to_all.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// Linear shift: in round k, everyone sends to the rank k ahead and receives from the one k behind. Round 0 is a copy
/// of one's own block. P rounds, any P.
///
///   P = 3, round    0         1         2
///   rank 0 sends    b0 to 0   b1 to 1   b2 to 2     and receives into block P + source
class shift_exchange {
 public:
  constexpr explicit shift_exchange(rank_t ranks) : ranks_{ranks} {
    expects(fits_blocks(2 * std::int64_t{ranks}), "all_to_all: more blocks than a block number can count");
  }

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return 2 * ranks_; }
  constexpr round_t rounds() const { return ranks_; }
  constexpr bool alike(round_t round, digit d) const { return alike_in_shift(ranks_, round, d); }

  constexpr shift shift_in(round_t round) const { return {static_cast<rank_t>(round), 1}; }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t to = wrap(rank + round), from = wrap(rank - round);
    return {.send = {.peer = to, .blocks = {to, 1}}, .recv = {.peer = from, .blocks = {ranks_ + from, 1}}};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    visit(round_t{block < ranks_ ? wrap(block - rank) : wrap(rank - (block - ranks_))});
  }

 private:
  constexpr rank_t wrap(round_t i) const {
    return static_cast<rank_t>(i < 0 ? i + ranks_ : i >= ranks_ ? i - ranks_ : i);
  }

  rank_t ranks_;
};

static_assert(schedule<shift_exchange>);

}  // namespace colossus

namespace colossus::algorithms {

struct direct_all_to_all {
  using collective = collectives::all_to_all;
  static constexpr std::string_view name = "direct";
  static constexpr auto schedule(const problem& p) { return shift_exchange{p.ranks}; }
};

}  // namespace colossus::algorithms
