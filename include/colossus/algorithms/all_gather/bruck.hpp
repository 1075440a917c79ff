// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/all_gather.hpp>
#include <colossus/symmetry.hpp>

#include <algorithm>
#include <bit>

namespace colossus {

/// Bruck et al. 1997: in round k, take the 2^k blocks from the rank 2^k ahead that follow it. Any P, ceil(log2 P)
/// rounds. Blocks wrap around the end of the memory: a message is one or two runs.
///
///   P = 5, round    0            1               2
///   rank 0 gets     b1 from 1    b2 b3 from 2    b4 from 4
class bruck_gather {
 public:
  constexpr explicit bruck_gather(rank_t ranks) : ranks_{ranks} {}

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return ranks_; }
  constexpr round_t rounds() const { return std::bit_width(static_cast<std::uint32_t>(ranks_ - 1)); }
  constexpr bool alike(round_t round, digit d) const { return alike_in_shift(ranks_, distance(round), d); }

  constexpr shift shift_in(round_t round) const { return {ranks_ - distance(round), count(round)}; }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t ahead = wrap(rank + distance(round)), behind = wrap(rank - distance(round));
    return {.send = {.peer = behind, .blocks = {rank, count(round)}},
            .recv = {.peer = ahead, .blocks = {ahead, count(round)}}};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    const block_t offset = wrap(block - rank);
    for (round_t round = 0; round < rounds(); ++round)
      if (offset < count(round) || (offset >= distance(round) && offset < distance(round) + count(round))) visit(round);
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const {
    const block_t first = which == side::send ? rank : wrap(rank + distance(round));
    const block_t before_end = std::min(count(round), ranks_ - first);
    visit(block_range{first, before_end});
    if (before_end < count(round)) visit(block_range{0, count(round) - before_end});
  }

 private:
  static constexpr rank_t distance(round_t round) { return rank_t{1} << round; }
  constexpr block_t count(round_t round) const { return std::min(distance(round), ranks_ - distance(round)); }
  constexpr rank_t wrap(rank_t i) const { return i < 0 ? i + ranks_ : i >= ranks_ ? i - ranks_ : i; }

  rank_t ranks_;
};

static_assert(multi_run_schedule<bruck_gather>);

}  // namespace colossus

namespace colossus::algorithms {

struct bruck_all_gather {
  using collective = collectives::all_gather;
  static constexpr std::string_view name = "bruck";
  static constexpr auto schedule(const problem& p) { return bruck_gather{p.ranks}; }
};

}  // namespace colossus::algorithms
