// SPDX-License-Identifier: Apache-2.0
// Wrong programs that a naive proof accepts, each refused for its reason.
#include <colossus/algorithms.hpp>
#include <colossus/verify.hpp>

#include <string_view>

namespace colossus {
namespace {

template <collective C, schedule S>
constexpr bool refused(const S& s, std::string_view why) {
  const verdict v = verify<C>(s);
  return !v && v.why == why;
}

/// A schedule with every arrival reduced.
template <schedule S>
struct reducing : S {
  constexpr explicit reducing(S s) : S{s} {}
  constexpr step at(rank_t rank, round_t round) const {
    step s = S::at(rank, round);
    s.arrival = on_arrival::reduce_before;
    return s;
  }
};
static_assert(verify<collectives::broadcast>(reversed{double_tree_up{7, 2}}));
static_assert(refused<collectives::broadcast>(reducing{reversed{double_tree_up{7, 2}}},
                                              "reduces memory with nothing in it"));
static_assert(refused<collectives::all_gather>(reducing{reversed{ring_scatter{7}}},
                                               "reduces memory with nothing in it"));

/// Any step for each of a few ranks, one block, one round.
struct one_round {
  step steps[3];
  rank_t count = 3;
  block_t size = 1;
  constexpr rank_t ranks() const { return count; }
  constexpr block_t blocks() const { return size; }
  constexpr round_t rounds() const { return 1; }
  constexpr step at(rank_t rank, round_t) const { return steps[rank]; }
};
constexpr on_arrival reduce = on_arrival::reduce_before;
static_assert(refused<collectives::all_reduce>(  // block 1 of rank 0 would be block 0 of rank 1
    one_round{{{.recv = {2, {1, 1}}, .arrival = reduce}, {}, {.send = {0, {0, 1}}}}},
    "the blocks of a message are out of range, or none"));
static_assert(refused<collectives::all_reduce>(one_round{{{.send = {1, {0, 0}}}, {.recv = {0, {0, 0}}}, {}}},
                                               "the blocks of a message are out of range, or none"));
static_assert(refused<collectives::all_reduce>(one_round{{{.send = {3, {0, 1}}}, {}, {}}},
                                               "the peer is not one of the ranks"));
static_assert(refused<collectives::all_reduce>(one_round{{{.send = {-2, {0, 1}}}, {}, {}}},
                                               "the peer is not one of the ranks"));
static_assert(refused<collectives::all_reduce>(one_round{{{.send = {1, {0, 1}}}, {}, {}}},
                                               "nobody receives this message"));
static_assert(refused<collectives::all_reduce>(one_round{{{.recv = {1, {0, 1}}}, {}, {}}},
                                               "nobody sends this message"));
static_assert(refused<collectives::all_reduce>(one_round{{{.send = {1, {0, 2}}}, {.recv = {0, {0, 1}}}, {}}, 3, 2},
                                               "the two ends differ in the number of blocks"));
static_assert(refused<collectives::all_reduce>(one_round{{{}, {}, {}}}, "ends with the wrong contributions"));

/// Gathers, then adds the other's block to one's own: right tokens, and one too many.
struct surplus {
  constexpr rank_t ranks() const { return 2; }
  constexpr block_t blocks() const { return 2; }
  constexpr round_t rounds() const { return 2; }
  constexpr step at(rank_t rank, round_t round) const {
    const transfer mine{1 - rank, {rank, 1}}, theirs{1 - rank, {1 - rank, 1}};
    if (round == 0) return {.send = mine, .recv = theirs};
    return {.send = mine, .recv = mine, .arrival = reduce};
  }
};
static_assert(refused<collectives::all_gather>(surplus{}, "ends with the wrong contributions"));

/// Reduces everything, but into the wrong block: a sum of sums that no test with equal data sees.
struct crossed {
  constexpr rank_t ranks() const { return 2; }
  constexpr block_t blocks() const { return 2; }
  constexpr round_t rounds() const { return 2; }
  constexpr step at(rank_t rank, round_t round) const {
    const auto b = static_cast<block_t>(round);
    return {.send = {1 - rank, {b, 1}}, .recv = {1 - rank, {1 - b, 1}}, .arrival = reduce};
  }
};
static_assert(refused<collectives::all_reduce>(crossed{}, "reduces a contribution twice"));

/// A dissemination barrier as all-reduce: contributions meet twice unless P is a power of two, which max does not mind.
struct dissemination {
  rank_t count;
  constexpr rank_t ranks() const { return count; }
  constexpr block_t blocks() const { return 1; }
  constexpr round_t rounds() const { return std::bit_width(static_cast<unsigned>(count - 1)); }
  constexpr step at(rank_t rank, round_t round) const {
    const rank_t hop = 1 << round;
    return {.send = {(rank + hop) % count, {0, 1}}, .recv = {(rank - hop + count) % count, {0, 1}}, .arrival = reduce};
  }
};
struct all_reduce_max : collectives::all_reduce {
  static constexpr bool idempotent = true;
};
static_assert(verify<collectives::all_reduce>(dissemination{4}) && verify<all_reduce_max>(dissemination{3}));
static_assert(refused<collectives::all_reduce>(dissemination{3}, "reduces a contribution twice"));

/// A reduce-scatter within groups and across: right messages, but rank g * size + p ends with block p * groups + g.
constexpr auto undealt(rank_t size, rank_t groups) {
  return then{within_groups{ring_scatter{size}, groups, groups}, across_groups{ring_scatter{groups}, size}};
}
static_assert(refused<collectives::reduce_scatter>(undealt(2, 3), "ends with the wrong contributions"));
static_assert(verify<collectives::reduce_scatter>(dealt{undealt(2, 3), 2}));

/// A switch that takes a message a round from each rank and sends the sum back. Its memory has nothing in it: the first
/// must be stored.
struct in_switch {
  rank_t count;
  bool stores_first = true;
  constexpr rank_t ranks() const { return count; }
  constexpr rank_t extra_ranks() const { return 1; }
  constexpr block_t blocks() const { return 1; }
  constexpr round_t rounds() const { return 2 * count; }
  constexpr step at(rank_t rank, round_t round) const {
    const transfer all{rank < count ? count : static_cast<rank_t>(round % count), {0, 1}};
    const bool up = round < count;
    if (rank < count) return rank != round % count ? step{} : up ? step{.send = all} : step{.recv = all};
    if (!up) return {.send = all};
    return {.recv = all, .arrival = round == 0 && stores_first ? on_arrival::store : reduce};
  }
};
static_assert(verify<collectives::all_reduce>(in_switch{4}));
static_assert(refused<collectives::all_reduce>(in_switch{4, false}, "reduces memory with nothing in it"));

/// Patterns that are none: not a round, not canonical, not with every message.
struct wrong_pattern : ring_all_reduce {
  round_t claimed;
  constexpr wrong_pattern(rank_t ranks, round_t pattern) : ring_all_reduce{ranks}, claimed{pattern} {}
  constexpr round_t pattern(round_t round) const { return claimed == 1 ? (round + 1) % rounds() : claimed; }
};
static_assert(verify<collectives::all_reduce>(wrong_pattern{4, 0}) &&
              verify<collectives::all_reduce>(wrong_pattern{4, 2}));
static_assert(refused<collectives::all_reduce>(wrong_pattern{4, 6}, "the pattern is not one of the rounds"));
static_assert(refused<collectives::all_reduce>(wrong_pattern{4, 1}, "the pattern has another pattern"));
struct constant_pattern : halving_scatter {
  using halving_scatter::halving_scatter;
  constexpr round_t pattern(round_t) const { return 0; }
};
static_assert(refused<collectives::reduce_scatter>(constant_pattern{4}, "the pattern leaves out this message"));

/// Adaptors keep patterns.
static_assert(repeating_schedule<decltype(undealt(2, 3))> && repeating_schedule<reversed<double_tree_up>>);
static_assert(undealt(4, 3).pattern(2) == 0 && undealt(4, 3).pattern(4) == 3);

/// Numbers of blocks that a collective cannot use, and runs that differ from their step.
static_assert(refused<collectives::reduce_scatter>(one_round{{}, 3, 4},
                                                   "the number of blocks does not suit the collective"));
struct short_runs : bruck_gather {
  using bruck_gather::bruck_gather;
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const {
    const step now = at(rank, round);
    visit(block_range{(which == side::send ? now.send : now.recv).blocks.first, 1});
  }
};
static_assert(refused<collectives::all_gather>(short_runs{4},
                                               "the runs of a message and its step differ in the number of blocks"));

/// Tokens of an all-to-all at scale are beyond 32 bits.
static_assert(collectives::all_to_all::tokens({.ranks = 100'352, .blocks = 200'704}) == 100'352LL * 100'352);
static_assert(collectives::all_to_all::ends_with({.ranks = 100'352, .blocks = 200'704}, 7, 200'703).first ==
              100'351LL * 100'352 + 7);

}  // namespace
}  // namespace colossus
