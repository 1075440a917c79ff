// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/lanes.hpp>
#include <colossus/detail/fold.hpp>

#include <algorithm>
#include <functional>
#include <span>
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

/// Messages; where there are `images`, each stands for one between ranks so much higher, for each of them.
struct telling {
  std::vector<message> messages{};
  std::vector<rank_t> images{};

  std::size_t count() const { return messages.size() * std::max<std::size_t>(1, images.size()); }
  /// The same without images.
  void spell_out() {
    if (images.empty()) return;
    std::vector<message> all;
    all.reserve(count());
    for (const message& m : messages)
      for (const rank_t by : images) all.push_back({m.from + by, m.to + by, m.round, m.blocks});
    messages = std::move(all), images.clear();
  }
};

/// Rounds [first, first + rounds) that are priced as a whole. In a *pipeline* the messages are those of the first
/// generation and come again every `period` rounds; elsewhere they are those of one round, the pattern of all.
struct phase {
  round_t first = 0;
  round_t rounds = 0;
  round_t period = 0;  // 0: not a pipeline
  std::size_t pattern = 0;
  double stretch = 1;  // rounds that each of them stands for: above 1 in a sample
};

/// What a schedule does, with nothing repeated. Messages are told on demand, those of ranks that stand for others only.
struct outline {
  std::vector<phase> phases{};
  std::vector<section> patterns{};  // rounds whose messages they have
  rank_t ranks = 0;
  block_t blocks = 1;    // of the whole
  bool sampled = false;  // phases are some of the rounds
  std::function<std::vector<message>(const section&, const fold&)> messages{};
  std::function<bool(const section&, digit)> alike{};
  std::function<shift(const section&)> shifted{};  // that a pattern of one round is

  /// Of the whole that a block is, and that a message has.
  double share() const { return 1.0 / blocks; }
  double share(const message& m) const { return m.blocks * share(); }
};

/// The messages of round `round`, which is its own pattern, from the ranks whose folded digits are 0, in their order.
template <schedule S>
std::vector<message> messages_of(const S& s, round_t round, const fold& alike) {
  std::vector<message> all;
  const auto ask = [&](rank_t rank) {
    if (const transfer out = s.at(rank, round).send; out && out.peer != rank)
      all.push_back({rank, out.peer, static_cast<std::int32_t>(round), out.blocks.count});
  };
  if constexpr (sparse_schedule<S>) {
    if (alike.none()) {
      s.senders(round, ask);
      std::ranges::sort(all, {}, &message::from);
      return all;
    }
  }
  const rank_t everyone = (s.ranks() + extra_ranks(s)) / alike.order();
  all.reserve(static_cast<std::size_t>(everyone));
  for (rank_t place = 0; place < everyone; ++place) ask(alike.number(place));
  return all;
}

/// Visits the messages of a section from the ranks whose folded digits are 0, rank by rank and block by block; one of
/// several blocks as often as the schedule touches them.
template <schedule S, class Visit>
void for_each_message(const S& s, const section& part, const fold& alike, Visit&& visit) {
  const auto in_part = [&](round_t round) { return round >= part.first && round < part.first + part.rounds; };
  for (rank_t place = 0; place < s.ranks() / alike.order(); ++place) {
    const rank_t rank = alike.number(place);
    for (block_t block = 0; block < s.blocks(); ++block)
      if constexpr (tracked_schedule<S>)
        s.sends(rank, block, [&](round_t round, rank_t peer) {
          if (in_part(round)) visit(message{rank, peer, static_cast<std::int32_t>(round), 1});
        });
      else
        touches(s, rank, block, [&](round_t round) {
          if (!in_part(round)) return;
          if (const transfer out = s.at(rank, round).send; out && out.blocks.first == block)
            visit(message{rank, out.peer, static_cast<std::int32_t>(round), out.blocks.count});
        });
  }
}

/// All messages of a section from the ranks whose folded digits are 0, in order of rounds: by block where blocks are
/// few, else by round.
template <schedule S>
std::vector<message> all_messages(const S& s, const section& part, const fold& alike) {
  std::vector<message> all;
  if constexpr (requires {
                  s.first();
                  s.second();
                }) {
    const round_t border = s.first().rounds();
    if (part.first + part.rounds <= border) return all_messages(s.first(), part, alike);
    if (part.first >= border) {
      all = all_messages(s.second(), {part.first - border, part.rounds, part.period}, alike);
      for (message& m : all) m.round += static_cast<std::int32_t>(border);
      return all;
    }
  }
  if (s.blocks() >= part.rounds) {
    for (round_t round = part.first; round < part.first + part.rounds; ++round) {
      const auto some = messages_of(s, round, alike);
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
  std::vector<std::vector<message>> rounds(static_cast<std::size_t>(part.rounds));
  for_each_message(s, part, alike, [&](const message& m) {
    auto& now = rounds[static_cast<std::size_t>(m.round - part.first)];
    if (now.empty() || now.back().from != m.from) now.push_back(m);
  });
  for (const auto& now : rounds) all.insert(all.end(), now.begin(), now.end());
  return all;
}

}  // namespace colossus::detail
