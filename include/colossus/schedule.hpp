// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <concepts>
#include <type_traits>

namespace colossus {

/// A collective algorithm written as a value: what does `rank` do in `round`?
/// Pure and random-access, so the same object runs, verifies, prints and simulates. Optional members, each with the
/// default that the free function of the same purpose below supplies: `pattern`, `touches`, `runs`, `extra_ranks`, `root`.
template <class S>
concept schedule = std::is_trivially_copyable_v<S> && requires(const S s, rank_t rank, round_t round) {
  { s.ranks() } -> std::same_as<rank_t>;
  { s.blocks() } -> std::same_as<block_t>;
  { s.rounds() } -> std::same_as<round_t>;
  { s.at(rank, round) } -> std::same_as<step>;
};

/// A schedule that says which of its rounds move the same messages.
template <class S>
concept repeating_schedule = schedule<S> && requires(const S s, round_t round) {
  { s.pattern(round) } -> std::same_as<round_t>;
};

/// A canonical round whose messages (sender, receiver, number of blocks) include those of `round`: the fill and the drain
/// of a pipeline belong to its steady state. `pattern_of(s, pattern_of(s, r)) == pattern_of(s, r)`.
template <schedule S>
constexpr round_t pattern_of(const S& s, round_t round) {
  if constexpr (repeating_schedule<S>) return s.pattern(round);
  else return round;
}

/// Ranks beside the contributors: the ports of switches that reduce and forward.
template <schedule S>
constexpr rank_t extra_ranks(const S& s) {
  if constexpr (requires { s.extra_ranks(); }) return s.extra_ranks();
  else return 0;
}

/// The rank that owns the result of a reduce, or the data of a broadcast.
template <schedule S>
constexpr rank_t root_of(const S& s) {
  if constexpr (requires { s.root(); }) return s.root();
  else return 0;
}

constexpr bool holds(const transfer& t, block_t block) {
  return t && block >= t.blocks.first && block - t.blocks.first < t.blocks.count;
}

/// Visits the contiguous runs of blocks of one message in the order in which they travel: both ends visit as many blocks.
template <schedule S, class Visit>
constexpr void for_each_run(const S& s, rank_t rank, round_t round, side which, Visit&& visit) {
  if constexpr (requires { s.runs(rank, round, which, visit); }) s.runs(rank, round, which, visit);
  else {
    const step now = s.at(rank, round);
    if (const transfer& t = which == side::send ? now.send : now.recv) visit(t.blocks);
  }
}

/// The same, block by block.
template <schedule S, class Visit>
constexpr void for_each_block(const S& s, rank_t rank, round_t round, side which, Visit&& visit) {
  for_each_run(s, rank, round, which, [&](block_range run) {
    for (block_t i = 0; i < run.count; ++i) visit(run.first + i);
  });
}

/// Visits every round in which `rank` sends or receives `block`: by formula where the schedule has one, else by looking.
/// A formula may visit a round twice, and rounds in which nothing happens; it must not leave one out.
template <schedule S, class Visit>
constexpr void touches(const S& s, rank_t rank, block_t block, Visit&& visit) {
  if constexpr (requires { s.touches(rank, block, visit); }) s.touches(rank, block, visit);
  else
    for (round_t round = 0; round < s.rounds(); ++round) {
      bool touched = false;
      const auto look = [&](block_range run) { touched |= block >= run.first && block - run.first < run.count; };
      for_each_run(s, rank, round, side::send, look);
      for_each_run(s, rank, round, side::recv, look);
      if (touched) visit(round);
    }
}

}  // namespace colossus
