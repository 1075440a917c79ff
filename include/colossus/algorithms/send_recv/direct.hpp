// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/send_recv.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// A ring shift in one round: everyone sends its input to the next rank. A single rank copies it.
///
///   0 -> 1 -> 2 -> 0      block 0, the input, becomes block 1, the output, of the next
class ring_shift {
 public:
  constexpr explicit ring_shift(rank_t ranks) : ranks_{ranks} {}

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return 2; }
  constexpr round_t rounds() const { return 1; }
  constexpr round_t pattern(round_t) const { return 0; }
  constexpr bool alike(round_t, digit d) const { return alike_in_shift(ranks_, 1, d); }

  constexpr step at(rank_t rank, round_t) const {
    return {.send = {.peer = rank + 1 < ranks_ ? rank + 1 : 0, .blocks = {0, 1}},
            .recv = {.peer = rank > 0 ? rank - 1 : ranks_ - 1, .blocks = {1, 1}}};
  }

  template <class Visit>
  constexpr void touches(rank_t, block_t, Visit&& visit) const {
    visit(round_t{0});
  }

 private:
  rank_t ranks_;
};

static_assert(repeating_schedule<ring_shift>);

}  // namespace colossus

namespace colossus::algorithms {

struct direct_send_recv {
  using collective = collectives::send_recv;
  static constexpr std::string_view name = "direct";
  static constexpr auto schedule(const problem& p) { return ring_shift{p.ranks}; }
};

}  // namespace colossus::algorithms
