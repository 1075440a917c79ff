// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/ownership.hpp>
#include <colossus/error.hpp>
#include <colossus/symmetry.hpp>

#include <algorithm>
#include <bit>

namespace colossus {

/// How `folded` pairs ranks: the first `extra` pairs (0,1), (2,3), ... act as one rank of the inner schedule, the even
/// one for both; the ranks after them act for themselves.
struct pairing {
  rank_t extra = 0;

  constexpr bool paired(rank_t rank) const { return rank < 2 * extra; }
  constexpr bool guest(rank_t rank) const { return paired(rank) && rank % 2 == 1; }
  constexpr rank_t role(rank_t rank) const { return paired(rank) ? rank / 2 : rank - extra; }
  constexpr rank_t actor(rank_t role) const { return role + std::min(role, extra); }

  /// The pairing that leaves a power of two of `ranks`.
  static constexpr pairing to_power_of_two(rank_t ranks) {
    return {ranks - static_cast<rank_t>(std::bit_floor(static_cast<std::uint32_t>(ranks)))};
  }
};

/// Serves `extra` more ranks than `S` does: before, the guest of each pair gives all its data to the even one; after,
/// it takes its result. With `owned` blocks, a block of `S` stands for the one or two blocks of the ranks that act as
/// its owner.
///
///   P = 5 = 4 + 1      0 <- 1   2   3   4        then S on {01}, 2, 3, 4        then 0 -> 1
template <schedule S, ownership Blocks = ownership::shared>
class folded {
  static constexpr bool owned = Blocks == ownership::owned;

 public:
  constexpr folded(S inner, rank_t extra) : inner_{inner}, pairs_{extra} {
    expects(extra >= 0 && extra <= inner.ranks(), "folded: at most one guest for each rank of the inner schedule");
    expects(!owned || inner.blocks() == inner.ranks(), "folded: owned blocks need a schedule with one block a rank");
    expects(colossus::extra_ranks(inner) == 0, "folded: switches belong to the outermost schedule");
  }

  constexpr rank_t ranks() const { return inner_.ranks() + pairs_.extra; }
  constexpr block_t blocks() const { return owned ? ranks() : inner_.blocks(); }
  constexpr round_t rounds() const { return inner_.rounds() + 2 * before(); }
  constexpr round_t pattern(round_t round) const {
    return outside(round) ? round : before() + pattern_of(inner_, round - before());
  }
  constexpr bool alike(round_t round, digit d) const { return pairs_.extra == 0 && colossus::alike(inner_, round, d); }

  constexpr step at(rank_t rank, round_t round) const {
    if (outside(round)) return meet(rank, round == 0);
    if (pairs_.guest(rank)) return {};
    return rewritten(inner_.at(pairs_.role(rank), round - before()), [&](transfer t) {
      return transfer{pairs_.actor(t.peer), widened(t.blocks)};
    });
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    if (pairs_.paired(rank)) visit(0), visit(rounds() - 1);
    if (!pairs_.guest(rank))
      colossus::touches(inner_, pairs_.role(rank), owned ? pairs_.role(block) : block,
                        [&](round_t round) { visit(before() + round); });
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    if (outside(round)) {
      const step s = meet(rank, round == 0);
      if (const transfer& t = which == side::send ? s.send : s.recv) visit(t.blocks);
    } else if (!pairs_.guest(rank))
      inner_.runs(pairs_.role(rank), round - before(), which, [&](block_range run) { visit(widened(run)); });
  }

  constexpr const S& inner() const { return inner_; }
  constexpr rank_t extra() const { return pairs_.extra; }

 private:
  constexpr round_t before() const { return pairs_.extra != 0 ? 1 : 0; }
  constexpr bool outside(round_t round) const { return before() && (round == 0 || round == rounds() - 1); }

  constexpr block_range widened(block_range run) const {
    if (!owned) return run;
    const block_t first = pairs_.actor(run.first);
    return {first, pairs_.actor(run.first + run.count) - first};
  }
  constexpr step meet(rank_t rank, bool give) const {
    if (!pairs_.paired(rank)) return {};
    const bool all = give || !owned;
    const transfer moved{rank ^ 1, {all ? 0 : rank | 1, all ? blocks() : 1}};
    if (give == pairs_.guest(rank)) return {.send = moved};
    return {.recv = moved, .arrival = give ? on_arrival::reduce_after : on_arrival::store};
  }

  S inner_;
  pairing pairs_;
};

template <schedule S>
folded(S, rank_t) -> folded<S>;

/// `folded` with owned blocks: a reduce-scatter for any number of ranks.
template <schedule S>
constexpr auto folded_scatter(S inner, rank_t extra) {
  return folded<S, ownership::owned>{inner, extra};
}

}  // namespace colossus
