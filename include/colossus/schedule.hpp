// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <concepts>
#include <limits>
#include <type_traits>

namespace colossus {

/// A collective algorithm written as a value: what does `rank` do in `round`?
/// Pure and random-access, so the same object runs, verifies, prints and simulates. Optional members, each with the
/// default that the free function of the same purpose below supplies: `pattern`, `touches`, `runs`, `extra_ranks`,
/// `root`; and `senders`, `sends`, `receives`. A message to oneself is a copy within a rank's memory: it is run and
/// proved like any other, and costs no network.
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

/// A schedule whose messages may consist of several runs of blocks; its `step`s say only the peer and the number of
/// blocks.
template <class S>
concept multi_run_schedule = schedule<S> &&
    requires(const S s, rank_t rank, round_t round, void (*visit)(block_range)) {
  s.runs(rank, round, side::send, visit);
};

/// A pipeline: block b + period does in round k + period what block b does in round k, for any number of chunks (blocks
/// in the pipeline, and per slice of an adaptor). `with_chunks(n)` is the same pipeline, n chunks long.
template <class S>
concept pipelined_schedule = schedule<S> && requires(const S s, block_t chunks) {
  { s.chunks() } -> std::same_as<block_t>;
  { s.period() } -> std::same_as<round_t>;
  { s.with_chunks(chunks) } -> std::same_as<S>;
};

/// A schedule that can be told to cut its data into another number of blocks, without a change of rounds or peers.
template <class S>
concept scalable_schedule = schedule<S> && requires(const S s, block_t blocks) {
  { s.with_blocks(blocks) } -> std::same_as<S>;
};

/// A schedule with a rank that owns the result or the data.
template <class S>
concept rooted_schedule = schedule<S> && requires(const S s) {
  { s.root() } -> std::same_as<rank_t>;
};

/// A schedule of which few ranks send in a round, and that names them: `senders` visits each that does once.
template <class S>
concept sparse_schedule = schedule<S> && requires(const S s, round_t round, void (*visit)(rank_t)) {
  s.senders(round, visit);
};

/// A schedule whose messages are single blocks, and that says where each travels: `sends` visits the round and the peer
/// of every message by which a rank passes a block on, `receives` those by which it gets it.
template <class S>
concept tracked_schedule = schedule<S> &&
    requires(const S s, rank_t rank, block_t block, void (*visit)(round_t, rank_t)) {
  s.sends(rank, block, visit);
  s.receives(rank, block, visit);
};

/// A canonical round whose messages (sender, receiver, number of blocks) include those of `round`: the fill and the
/// drain of a pipeline belong to its steady state. `pattern_of(s, pattern_of(s, r)) == pattern_of(s, r)`.
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
  if constexpr (rooted_schedule<S>) return s.root();
  else return 0;
}

/// True when a block number can count this many blocks.
constexpr bool fits_blocks(std::int64_t blocks) { return blocks <= std::numeric_limits<block_t>::max(); }

/// Visits the contiguous runs of blocks of one message in the order in which they travel: both ends visit as many
/// blocks. `now` is what the schedule says for `rank` in `round`.
template <schedule S, class Visit>
constexpr void for_each_run(const S& s, const step& now, rank_t rank, round_t round, side which, Visit&& visit) {
  const transfer& t = which == side::send ? now.send : now.recv;
  if (!t) return;
  if constexpr (multi_run_schedule<S>) s.runs(rank, round, which, visit);
  else visit(t.blocks);
}
template <schedule S, class Visit>
constexpr void for_each_run(const S& s, rank_t rank, round_t round, side which, Visit&& visit) {
  if constexpr (multi_run_schedule<S>) s.runs(rank, round, which, visit);
  else for_each_run(s, s.at(rank, round), rank, round, which, visit);
}

/// The same, block by block.
template <schedule S, class Visit>
constexpr void for_each_block(const S& s, rank_t rank, round_t round, side which, Visit&& visit) {
  for_each_run(s, rank, round, which, [&](block_range run) {
    for (block_t i = 0; i < run.count; ++i) visit(run.first + i);
  });
}

/// Where in a message `block` travels, counted in blocks; -1 where it does not. By formula where the schedule has one.
template <schedule S>
constexpr block_t position_in(const S& s, rank_t rank, round_t round, side which, block_t block) {
  if constexpr (requires { s.position_in(rank, round, which, block); }) return s.position_in(rank, round, which, block);
  else {
    block_t before = 0, found = -1;
    for_each_run(s, rank, round, which, [&](block_range run) {
      if (found < 0 && block >= run.first && block - run.first < run.count) found = before + block - run.first;
      before += run.count;
    });
    return found;
  }
}

/// The block that travels at `position` of a message; -1 where the message is shorter.
template <schedule S>
constexpr block_t block_in(const S& s, rank_t rank, round_t round, side which, block_t position) {
  if constexpr (requires { s.block_in(rank, round, which, position); }) return s.block_in(rank, round, which, position);
  else {
    block_t before = 0, found = -1;
    for_each_run(s, rank, round, which, [&](block_range run) {
      if (position >= before && position - before < run.count) found = run.first + position - before;
      before += run.count;
    });
    return found;
  }
}

/// Visits every round in which `rank` sends or receives `block`: by formula where the schedule has one, else by
/// looking. A formula may visit a round twice, and rounds in which nothing happens; it must not leave one out.
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
