// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/lanes.hpp>
#include <colossus/detail/fold.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace colossus::detail {

/// A part of a composition, and the rounds after which its pipeline repeats (0: it is none).
struct section {
  round_t first, rounds, period;
};

/// One message of a pattern.
struct message {
  rank_t from, to;
  std::int32_t round;
  block_t blocks;
};

/// Rounds [first, first + rounds) that are priced as a whole. In a *pipeline* the messages are those of the first
/// generation and come again every `period` rounds; elsewhere they are those of one round, the pattern of all.
struct phase {
  round_t first = 0;
  round_t rounds = 0;
  round_t period = 0;  // 0: not a pipeline
  std::size_t pattern = 0;
};

/// What a schedule does, with nothing repeated. Messages are told on demand, those of ranks that stand for others only.
struct outline {
  std::vector<phase> phases{};
  std::vector<section> patterns{};  // rounds whose messages they have
  rank_t ranks = 0;
  block_t blocks = 1;  // of the whole
  double scale = 1;    // rounds that each phase stands for: above 1 where phases are a sample of the rounds
  std::function<std::vector<message>(const section&, const fold&)> messages{};
  std::function<bool(const section&, digit)> alike{};

  double share(const message& m) const { return static_cast<double>(m.blocks) / blocks; }
};

/// Visits the parts of a composition as (first round, rounds): the stretches within which rounds may repeat.
template <schedule S, class Visit>
constexpr void for_each_part(const S& s, Visit&& visit) {
  if constexpr (requires {
                  s.first();
                  s.second();
                }) {
    for_each_part(s.first(), visit);
    for_each_part(s.second(), [&](round_t first, round_t rounds) { visit(s.first().rounds() + first, rounds); });
  } else if constexpr (requires { s.forward(); }) {
    std::vector<std::pair<round_t, round_t>> forward;
    for_each_part(s.forward(), [&](round_t first, round_t rounds) { forward.emplace_back(first, rounds); });
    for (auto part = forward.rbegin(); part != forward.rend(); ++part)
      visit(s.rounds() - part->first - part->second, part->second);
  } else if constexpr (requires {
                         s.inner();
                         requires !laned_schedule<S>;
                       }) {
    const round_t own = s.inner().rounds(), turns = own == 0 ? 1 : s.rounds() / own;
    if (own * turns != s.rounds()) return visit(round_t{0}, s.rounds());
    for_each_part(s.inner(), [&](round_t first, round_t rounds) { visit(first * turns, rounds * turns); });
  } else visit(round_t{0}, s.rounds());
}

/// The messages of round `round`, which is its own pattern, from the ranks whose folded digits are 0.
template <schedule S>
std::vector<message> messages_of(const S& s, round_t round, const fold& alike) {
  std::vector<message> all;
  const rank_t everyone = (s.ranks() + extra_ranks(s)) / alike.order();
  all.reserve(static_cast<std::size_t>(everyone));
  for (rank_t place = 0; place < everyone; ++place) {
    const rank_t rank = alike.number(place);
    if (const transfer out = s.at(rank, round).send; out && out.peer != rank)
      all.push_back({rank, out.peer, static_cast<std::int32_t>(round), out.blocks.count});
  }
  return all;
}

/// Runs of rounds with one pattern.
template <schedule S>
void outline_runs(const S& s, round_t first, round_t rounds, outline& out, std::map<round_t, std::size_t>& known) {
  for (round_t round = first; round < first + rounds;) {
    const round_t pattern = pattern_of(s, round);
    round_t end = round + 1;
    while (end < first + rounds && pattern_of(s, end) == pattern) ++end;
    const auto [at, is_new] = known.try_emplace(pattern, out.patterns.size());
    if (is_new) out.patterns.push_back({pattern, 1, 0});
    out.phases.push_back({round, end - round, 0, at->second});
    round = end;
  }
}

/// All messages of a section from the ranks whose folded digits are 0, in order of rounds: by block where blocks are
/// few, else by round.
template <schedule S>
std::vector<message> all_messages(const S& s, const section& part, const fold& alike) {
  std::vector<message> all;
  if (s.blocks() >= part.rounds) {
    for (round_t round = part.first; round < part.first + part.rounds; ++round) {
      const auto some = messages_of(s, round, alike);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  std::vector<std::vector<message>> rounds(static_cast<std::size_t>(part.rounds));
  for (rank_t place = 0; place < s.ranks() / alike.order(); ++place) {
    const rank_t rank = alike.number(place);
    for (block_t block = 0; block < s.blocks(); ++block)
      touches(s, rank, block, [&](round_t round) {
        if (round < part.first || round >= part.first + part.rounds) return;
        const transfer out = s.at(rank, round).send;
        auto& now = rounds[static_cast<std::size_t>(round - part.first)];
        if (!out || out.blocks.first != block || (!now.empty() && now.back().from == rank)) return;
        now.push_back({rank, out.peer, static_cast<std::int32_t>(round), out.blocks.count});
      });
  }
  for (const auto& now : rounds) all.insert(all.end(), now.begin(), now.end());
  return all;
}

/// The parts of a schedule; those that a longer pipeline makes longer stream.
template <schedule S>
std::vector<section> parts_of(const S& s) {
  std::vector<section> parts;
  for_each_part(s, [&](round_t first, round_t rounds) { parts.push_back({first, rounds, 0}); });
  if constexpr (pipelined_schedule<S>) {
    std::size_t i = 0;
    const S longer = s.with_chunks(static_cast<block_t>(s.chunks() + s.period()));
    for_each_part(longer, [&](round_t, round_t rounds) {
      if (i < parts.size()) parts[i].period = rounds - parts[i].rounds;
      ++i;
    });
  }
  return parts;
}

/// Different rounds, each of which has to be priced.
template <schedule S>
std::size_t count_patterns(const S& s, std::span<const section> parts) {
  std::vector<round_t> all;
  std::size_t streaming = 0;
  for (const section& p : parts) {
    streaming += static_cast<std::size_t>(p.period);
    for (round_t round = p.first; p.period == 0 && round < p.first + p.rounds; ++round)
      if (const round_t pattern = pattern_of(s, round); all.empty() || all.back() != pattern) all.push_back(pattern);
  }
  std::ranges::sort(all);
  return streaming + static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
}

/// Messages of patterns that are priced one by one; about a second's work, and 300 MB.
inline constexpr std::size_t most_messages = 8'000'000;

/// An even sample of the rounds, each by itself: as many as can be priced.
template <schedule S>
void sample_of(const S& s, std::size_t groups, outline& out) {
  const auto work = static_cast<std::size_t>(s.ranks()) * groups;
  const auto some = static_cast<round_t>(std::clamp<std::size_t>(most_messages / 4 / work, 4, 64));
  out.scale = static_cast<double>(s.rounds()) / static_cast<double>(some);
  for (round_t i = 0; i < some; ++i) {
    const round_t round = (2 * i + 1) * s.rounds() / (2 * some);
    out.phases.push_back({round, 1, 0, out.patterns.size()});
    out.patterns.push_back({round, 1, 0});
  }
}

/// The outline of a schedule. A pipeline is outlined at one generation (`chunks <= period`).
/// Throws `error` (usage) where there is too much to price in so many `groups`, unless it may be `approximate`.
template <schedule S>
outline outline_of(const S& s, bool approximate = false, std::size_t groups = 1) {
  outline out{.ranks = s.ranks(), .blocks = s.blocks()};
  out.messages = [s](const section& part, const fold& alike) {
    return part.period == 0 ? messages_of(s, part.first, alike) : all_messages(s, part, alike);
  };
  out.alike = [s](const section& part, digit d) {
    for (round_t round = part.first; round < part.first + part.rounds; ++round)
      if (!colossus::alike(s, round, d)) return false;
    return true;
  };
  const std::vector<section> parts = parts_of(s);
  const std::size_t ranks = static_cast<std::size_t>(s.ranks()) * groups;
  const std::size_t patterns = count_patterns(s, parts), work = patterns * ranks;
  if (work > most_messages) {
    if (!approximate)
      throw error{std::to_string(patterns) + " different rounds on " + std::to_string(ranks) + " ranks are " +
                  std::to_string(work / 1'000'000) + " million messages, some " + std::to_string(work / 4'000'000 + 1) +
                  " s of work; expected at most " + std::to_string(most_messages / 1'000'000) +
                  " million: price a sample of the rounds (--approximate), or give the schedule a `pattern`"};
    sample_of(s, groups, out);
    return out;
  }
  std::map<round_t, std::size_t> known;
  for (const section& p : parts) {
    if (p.rounds == 0) continue;
    if (p.period == 0) {
      outline_runs(s, p.first, p.rounds, out, known);
    } else {
      out.phases.push_back({p.first, p.rounds, p.period, out.patterns.size()});
      out.patterns.push_back(p);
    }
  }
  return out;
}

}  // namespace colossus::detail
