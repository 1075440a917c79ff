// SPDX-License-Identifier: Apache-2.0
// The longest chain of waiting that is searched for is the makespan that a replay finds.
#include <colossus/algorithms.hpp>
#include <colossus/detail/outline.hpp>
#include <colossus/detail/pipeline.hpp>

#include <gtest/gtest.h>

#include <random>

namespace colossus {
namespace {

/// The pipeline with what nodes of 8 ranks, in pods of 64, make its messages cost; every `slow`-th sender is late.
detail::edges chains_edges(std::span<const detail::message> messages, rank_t slow = 0) {
  detail::edges e{.messages = messages};
  for (const detail::message& m : messages) {
    const bool node = m.from / 8 == m.to / 8, pod = m.from / 64 == m.to / 64;
    e.slope.push_back(node ? 1e-11 : pod ? 2e-11 : 3e-11);
    e.latency.push_back(node ? 1e-6 : pod ? 3e-6 : 7e-6);
    if (slow > 0) e.delay.push_back(m.from % slow == 0 ? 2e-6 : 0);
  }
  return e;
}

/// How many lengths and sizes were found, all of them equal to a replay.
int expect_chains(const detail::edges& e, rank_t ranks, round_t period) {
  const auto places = static_cast<std::size_t>(ranks);
  detail::longest_chain chain{e, places, period};
  detail::pipeline_replay replay{e};
  int found = 0;
  for (const round_t generations : {1, 2, 7, 40})
    for (const double bytes : {0.0, 1e4, 2e5, 1e7}) {
      const detail::chain_length length = chain(e, generations, bytes);
      replay.resize(e, bytes);
      const double expected = replay(places, period, generations);
      EXPECT_GE(length.most, expected * (1 - 1e-12));
      if (!length.exact) continue;
      ++found;
      EXPECT_NEAR(*length.exact, expected, 1e-12 * expected) << ranks << ' ' << generations << ' ' << bytes;
    }
  return found;
}

template <schedule S>
int expect_chains_of(const S& one_generation, rank_t slow) {
  const detail::outline what = detail::outline_of(one_generation);
  const std::vector<detail::message> messages = what.messages(what.patterns.front(), {});
  return expect_chains(chains_edges(messages, slow), what.ranks, what.patterns.front().period);
}

TEST(chains, of_double_trees_are_found) {
  for (const rank_t ranks : {512, 1000, 3072}) {
    EXPECT_GT(expect_chains_of(double_tree_up{ranks, 2}, 0), 12) << ranks;
    EXPECT_GT(expect_chains_of(reversed{double_tree_up{ranks, 2}}, 0), 12) << ranks;
    EXPECT_GT(expect_chains_of(double_tree_up{ranks, 2}, 8), 12) << ranks;
  }
}

/// Copies of a few ranks whose messages were drawn at random, some of them to the next copy.
std::vector<detail::message> chains_drawn(int seed, rank_t copies, rank_t few, round_t period) {
  std::mt19937 draw{static_cast<unsigned>(seed)};
  const auto below = [&](rank_t n) { return static_cast<rank_t>(draw() % static_cast<unsigned>(n)); };
  std::vector<detail::message> all;
  for (round_t round = 0; round < 3 * period; ++round)
    for (rank_t from = 0; from < few; ++from) {
      const rank_t to = below(few), shift = below(2);
      const auto turn = static_cast<std::int32_t>(round);
      const bool taken = std::ranges::any_of(all, [&](const detail::message& m) {
        return m.round % period == round % period && (m.from % few == from || m.to % few == to);
      });
      for (rank_t copy = 0; copy < copies && !taken && from != to; ++copy)
        all.push_back({copy * few + from, (copy + shift) % copies * few + to, turn, 1});
    }
  return all;
}

TEST(chains, of_pipelines_drawn_at_random_are_found) {
  int found = 0;
  for (int seed = 0; seed < 24; ++seed) {
    const round_t period = 1 + seed % 4;
    const rank_t few = 8 * (1 + seed % 3), copies = 32;
    const std::vector<detail::message> messages = chains_drawn(seed, copies, few, period);
    found += expect_chains(chains_edges(messages, seed % 2 ? 4 : 0), copies * few, period);
  }
  EXPECT_GT(found, 240);
}

}  // namespace
}  // namespace colossus
