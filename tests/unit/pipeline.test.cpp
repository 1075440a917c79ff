// SPDX-License-Identifier: Apache-2.0
// What lets a pipeline of any length be priced from a short one.
#include <colossus/algorithms.hpp>

#include <gtest/gtest.h>

#include <cmath>

#include <map>
#include <tuple>

namespace colossus {
namespace {

/// When the message of `block` goes from one rank to another.
template <schedule S>
std::map<std::tuple<rank_t, rank_t>, round_t> crossings(const S& s, block_t block) {
  std::map<std::tuple<rank_t, rank_t>, round_t> all;
  for (rank_t rank = 0; rank < s.ranks(); ++rank)
    for (round_t round = 0; round < s.rounds(); ++round)
      if (const transfer t = s.at(rank, round).send; t && t.blocks.first == block) all[{rank, t.peer}] = round;
  return all;
}

/// Later blocks do what earlier ones did, `period` rounds later, in pipelines of any length. `step` is how the blocks
/// of a generation are numbered; `late` says how much later the whole thing is in a pipeline one chunk longer.
template <pipelined_schedule S>
void expect_generations(const S& two, round_t later_if_longer) {
  const block_t chunks = 12;
  const S s = two.with_chunks(chunks);
  EXPECT_EQ(s.chunks(), chunks);
  EXPECT_EQ(s.ranks(), two.ranks());
  const auto period = static_cast<block_t>(s.period());
  for (block_t block = 0; block + 2 < chunks; ++block) {
    const auto first = crossings(s, block), next = crossings(s, block + 2);
    ASSERT_FALSE(first.empty());
    ASSERT_EQ(first.size(), next.size());
    for (const auto& [edge, round] : first) EXPECT_EQ(next.at(edge) - round, period);
  }
  const S longer = two.with_chunks(chunks + 2);  // the first generation is the same, at a fixed offset
  const auto here = crossings(s, 0), there = crossings(longer, 0);
  ASSERT_EQ(here.size(), there.size());
  for (const auto& [edge, round] : here) EXPECT_EQ(there.at(edge) - round, later_if_longer);
}

TEST(pipeline, is_periodic_in_the_double_tree_and_its_adaptors) {
  for (const rank_t ranks : {2, 3, 4, 7, 8, 12, 13, 16}) {
    const double_tree_up up{ranks, 2};
    EXPECT_EQ(up.period(), 2);
    expect_generations(reversed{up}, 0);  // a broadcast starts with its first chunk
    expect_generations(rooted{reversed{up}, ranks - 1}, 0);
    expect_generations(across_groups{reversed{up}, split{3 * ranks, ranks}, 1}, 0);
    expect_generations(across_groups{reversed{up}, split{3 * ranks + 1, ranks}, 1}, 0);
  }
}

TEST(pipeline, of_a_reduce_is_that_of_the_broadcast_backwards) {
  for (const rank_t ranks : {2, 5, 8, 13})
    for (const block_t chunks : {1, 2, 8}) {
      const double_tree_up up = double_tree_up{ranks, 2}.with_chunks(chunks);
      const reversed down{up};
      for (rank_t rank = 0; rank < ranks; ++rank)
        for (round_t round = 0; round < up.rounds(); ++round)
          EXPECT_EQ(up.at(rank, round).send, down.at(rank, up.rounds() - 1 - round).recv);
    }
}

/// What a schedule says of each block is what it does round by round.
template <tracked_schedule S>
void expect_tracked(const S& s) {
  std::map<std::tuple<rank_t, round_t>, std::tuple<rank_t, block_t>> sends, receives, sent, received;
  for (rank_t rank = 0; rank < s.ranks(); ++rank) {
    for (round_t round = 0; round < s.rounds(); ++round) {
      const step now = s.at(rank, round);
      if (now.send) sends[{rank, round}] = {now.send.peer, now.send.blocks.first};
      if (now.recv) receives[{rank, round}] = {now.recv.peer, now.recv.blocks.first};
    }
    for (block_t block = 0; block < s.blocks(); ++block) {
      s.sends(rank, block, [&](round_t round, rank_t peer) { sent[{rank, round}] = {peer, block}; });
      s.receives(rank, block, [&](round_t round, rank_t peer) { received[{rank, round}] = {peer, block}; });
    }
  }
  EXPECT_EQ(sent, sends);
  EXPECT_EQ(received, receives);
}

TEST(pipeline, says_where_each_block_of_a_double_tree_travels) {
  for (const rank_t ranks : {1, 2, 3, 6, 13, 32})
    for (const block_t chunks : {1, 2, 5}) {
      const double_tree_up up{ranks, chunks};
      expect_tracked(up);
      expect_tracked(reversed{up});
      expect_tracked(rooted{up, ranks / 2});
      expect_tracked(rooted{reversed{up}, ranks - 1});
    }
}

TEST(pipeline, passes_through_then_and_lanes) {
  const lanes s{double_tree_all_reduce(9, 2), 3, 0, 3};
  const auto longer = s.with_chunks(8);
  EXPECT_EQ(longer.chunks(), 8);
  EXPECT_EQ(longer.blocks(), 24);
  EXPECT_EQ(longer.inner().first().chunks(), 8);
  EXPECT_EQ(longer.inner().second().chunks(), 8);
  EXPECT_EQ(longer.rotation(), 3);
  EXPECT_EQ(longer.period(), 6);
  EXPECT_EQ(longer.inner().period(), 2);
}

TEST(pipeline, keeps_both_trees_busy_when_full) {
  const double_tree_up up{101, 64};
  for (rank_t rank = 1; rank <= 100; ++rank) EXPECT_TRUE(up.at(rank, 30).send && up.at(rank, 31).send) << rank;
  EXPECT_EQ(up.pattern(3), up.pattern(31));
  EXPECT_EQ(up.pattern(up.pattern(3)), up.pattern(3));
  EXPECT_EQ((double_tree_up{101, 8}.pattern(3)), 3);  // never full: no pattern
}

/// Fill and latency against chunks: within a factor of four of the best number, and few of them over a sweep.
TEST(pipeline, has_few_lengths_near_the_best) {
  std::map<block_t, int> lengths;
  for (std::int64_t bytes = 1; bytes <= std::int64_t{16} << 30; bytes *= 2) {
    const auto [lane_count, chunks] = problem{.ranks = 64, .nodes = 8, .bytes = bytes}.pipeline();
    ++lengths[chunks];
    EXPECT_EQ(lane_count, chunks == 1 ? 1 : 8);
    const double best = std::sqrt(static_cast<double>(bytes) / lane_count * 2 * 6 / (64 << 10));
    if (chunks > 2) {
      EXPECT_GE(best, chunks / 2.0 - 1) << bytes;
    }
    if (chunks > 1 && chunks < 512) {
      EXPECT_LE(best, chunks * 2 + 2) << bytes;
    }
  }
  EXPECT_EQ(lengths.size(), 6u);
  EXPECT_EQ((problem{.ranks = 64, .bytes = 1 << 20, .chunk_bytes = 128 << 10}.pipeline().chunks), 8);
}

}  // namespace
}  // namespace colossus
