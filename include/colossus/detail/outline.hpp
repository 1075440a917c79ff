// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/detail/phases.hpp>

#include <map>
#include <utility>

namespace colossus::detail {

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

/// Different rounds, each of which has to be priced; of those beyond `most`, some.
template <schedule S>
std::size_t count_patterns(const S& s, std::span<const section> parts, std::size_t most) {
  std::vector<round_t> all;
  std::size_t streaming = 0;
  for (const section& p : parts) {
    streaming += static_cast<std::size_t>(p.period);
    for (round_t round = p.first; p.period == 0 && round < p.first + p.rounds && all.size() <= most; ++round)
      if (const round_t pattern = pattern_of(s, round); all.empty() || all.back() != pattern) all.push_back(pattern);
  }
  std::ranges::sort(all);
  return streaming + static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
}

/// Messages of patterns that are priced one by one; about a second's work, and 300 MB.
inline constexpr std::size_t most_messages = 8'000'000;

/// Different rounds of which each has to be priced; more than `most_patterns` are not told apart.
inline constexpr std::size_t most_patterns = 1 << 16;
template <schedule S>
std::size_t count_patterns(const S& s) {
  return count_patterns(s, parts_of(s), most_patterns);
}

/// What there is to know of a schedule before its rounds are.
template <schedule S>
outline empty_outline(const S& s) {
  outline out{.ranks = s.ranks(), .blocks = s.blocks()};
  out.messages = [s](const section& part, const fold& alike) {
    return part.period == 0 ? messages_of(s, part.first, alike) : all_messages(s, part, alike);
  };
  out.shifted = [s](const section& part) { return part.period == 0 ? shift_of(s, part.first) : shift{}; };
  out.alike = [s](const section& part, digit d) {
    for (round_t round = part.first; round < part.first + part.rounds; ++round)
      if (!colossus::alike(s, round, d)) return false;
    return true;
  };
  return out;
}

/// Some rounds of each part of a composition, drawn one from each of as many equal stretches: it stands for its
/// stretch. `groups` work at once.
template <schedule S>
outline sample_of(const S& s, std::size_t groups) {
  outline out = empty_outline(s);
  out.sampled = true;
  const std::size_t ranks = static_cast<std::size_t>(s.ranks()) * groups;
  const auto most = static_cast<round_t>(std::clamp<std::size_t>(most_messages / 8 / ranks, 8, 64));
  for_each_part(s, [&](round_t begin, round_t rounds) {
    const round_t some = std::min(rounds, most);
    for (round_t i = 0; i < some; ++i) {
      const round_t first = begin + i * rounds / some, end = begin + (i + 1) * rounds / some;
      const auto drawn = mix(static_cast<std::uint64_t>(begin + i)) % static_cast<std::uint64_t>(end - first);
      const round_t round = first + static_cast<round_t>(drawn);
      out.phases.push_back({round, 1, 0, out.patterns.size(), static_cast<double>(rounds) / static_cast<double>(some)});
      out.patterns.push_back({round, 1, 0});
    }
  });
  return out;
}

/// The outline of a schedule. A pipeline is outlined at one generation (`chunks <= period`).
template <schedule S>
outline outline_of(const S& s) {
  outline out = empty_outline(s);
  std::map<round_t, std::size_t> known;
  for (const section& p : parts_of(s)) {
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
