// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/buffer.hpp>
#include <colossus/schedule.hpp>
#include <colossus/verify/contributions.hpp>
#include <colossus/verify/verdict.hpp>

namespace colossus {

/// Proves that `touches` forgets nothing and stays within the rounds: every rank, every block, every round.
template <schedule S>
constexpr verdict verify_touches(const S& s) {
  const auto rounds = static_cast<std::size_t>(s.rounds());
  detail::buffer<char> visited{rounds * static_cast<std::size_t>(s.blocks())};
  const auto index = [&](block_t block, round_t round) {
    return static_cast<std::size_t>(block) * rounds + static_cast<std::size_t>(round);
  };
  verdict v;
  for (rank_t rank = 0; v && rank < s.ranks() + extra_ranks(s); ++rank) {
    for (std::size_t i = 0; i < visited.size(); ++i) visited[i] = 0;
    for (block_t block = 0; block < s.blocks(); ++block)
      touches(s, rank, block, [&](round_t round) {
        if (!v) return;
        if (round < 0 || round >= s.rounds()) v = {"touches visits a round that does not exist", rank, round, block};
        else visited[index(block, round)] = 1;
      });
    for (round_t round = 0; round < s.rounds(); ++round)
      for (const side which : {side::send, side::recv})
        for_each_block(s, rank, round, which, [&](block_t block) {
          if (v && visited[index(block, round)] == 0) v = {"touches leaves out this round", rank, round, block};
        });
  }
  return v;
}

/// The same for `samples` random ranks and rounds.
template <schedule S>
constexpr verdict verify_touches_sampled(const S& s, int samples, std::uint64_t seed) {
  if (s.rounds() == 0) return {};
  for (std::uint64_t i = seed << 32, end = i + static_cast<std::uint64_t>(samples); i < end; ++i) {
    const auto rank = static_cast<rank_t>(weight(3 * i) % static_cast<std::uint64_t>(s.ranks() + extra_ranks(s)));
    const auto round = static_cast<round_t>(weight(3 * i + 1) % static_cast<std::uint64_t>(s.rounds()));
    const step now = s.at(rank, round);
    for (const side which : {side::send, side::recv}) {
      const transfer& t = which == side::send ? now.send : now.recv;
      if (!t) continue;
      const auto chosen = static_cast<block_t>(weight(3 * i + 2) % static_cast<std::uint64_t>(t.blocks.count));
      const block_t block = block_in(s, rank, round, which, chosen);
      bool found = false;
      touches(s, rank, block, [&](round_t visited) { found |= visited == round; });
      if (!found) return {"touches leaves out this round", rank, round, block};
    }
  }
  return {};
}

}  // namespace colossus
