// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/schedule.hpp>
#include <colossus/verify/verdict.hpp>

namespace colossus {

/// Proves the pattern of one round: the canonical round is one of the rounds, its own pattern, and has every message of
/// the round: same sender, receiver and number of blocks. Looks at every `stride`-th rank.
template <schedule S>
constexpr verdict verify_pattern(const S& s, round_t round, rank_t first = 0, rank_t stride = 1) {
  const round_t canonical = pattern_of(s, round);
  if (canonical == round) return {};
  if (canonical < 0 || canonical >= s.rounds()) return {"the pattern is not one of the rounds", nobody, round};
  if (pattern_of(s, canonical) != canonical) return {"the pattern has another pattern", nobody, round};
  for (rank_t rank = first; rank < s.ranks() + extra_ranks(s); rank += stride) {
    const transfer here = s.at(rank, round).send, there = s.at(rank, canonical).send;
    if (here && (here.peer != there.peer || here.blocks.count != there.blocks.count))
      return {"the pattern leaves out this message", rank, round};
  }
  return {};
}

/// Proves the patterns of all rounds.
template <schedule S>
constexpr verdict verify_patterns(const S& s) {
  if constexpr (repeating_schedule<S>)
    for (round_t round = 0; round < s.rounds(); ++round)
      if (const verdict v = verify_pattern(s, round); !v) return v;
  return {};
}

}  // namespace colossus
