// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>
#include <colossus/schedule.hpp>
#include <colossus/verify/contributions.hpp>
#include <colossus/verify/verdict.hpp>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace colossus::detail {

/// Follows one block through all ranks, with `touches`: what arrives in it, and in the blocks that this comes from.
template <collective C, schedule S>
class trace {
 public:
  trace(const S& s, block_t block)
      : s_{s}, extent_{s.ranks(), s.blocks(), root_of(s)}, all_{s.ranks() + extra_ranks(s)} {
    index_.reserve(static_cast<std::size_t>(all_));
    for (rank_t rank = 0; rank < all_; ++rank) index_of(rank, block);
  }

  verdict operator()() {
    for (std::size_t i = 0; i < places_.size(); ++i) {  // grows while it is walked
      const auto [rank, block] = places_[i];
      touches(s_, rank, block, [&](round_t round) {
        if (bad_) look(i, places_[i].rank, places_[i].block, round);
      });
      if (!bad_) return bad_;
    }
    play();
    return finish();
  }

 private:
  struct place {
    rank_t rank;
    block_t block;
  };
  struct arrival {
    round_t round;
    std::size_t to, from;
    bool reduces;
  };

  std::size_t index_of(rank_t rank, block_t block) {
    const std::uint64_t key = static_cast<std::uint64_t>(rank) << 32 | static_cast<std::uint32_t>(block);
    const auto [at, added] = index_.try_emplace(key, places_.size());
    if (added) places_.push_back({rank, block});
    return at->second;
  }

  /// The two ends of the messages that bring or take the block in this round.
  void look(std::size_t i, rank_t rank, block_t block, round_t round) {
    if (round < 0 || round >= s_.rounds())
      return fail("touches visits a round that does not exist", rank, round, block);
    const step now = s_.at(rank, round);
    for (const side which : {side::send, side::recv}) {
      const transfer& t = which == side::send ? now.send : now.recv;
      const block_t position = t ? position_in(s_, rank, round, which, block) : -1;
      if (position < 0) continue;
      if (t.peer < 0 || t.peer >= all_) return fail("the peer is not one of the ranks", rank, round, block);
      const step there = s_.at(t.peer, round);
      const side other = which == side::send ? side::recv : side::send;
      const transfer& theirs = which == side::send ? there.recv : there.send;
      if (theirs.peer != rank)
        return fail(which == side::send ? "nobody receives this message" : "nobody sends this message", rank, round,
                    block);
      const block_t partner = block_in(s_, t.peer, round, other, position);
      if (theirs.blocks.count != t.blocks.count || partner < 0)
        return fail("the two ends differ in the number of blocks", rank, round, block);
      if (partner >= s_.blocks())
        return fail("the blocks of a message are out of range, or none", t.peer, round, partner);
      if (which == side::recv) arrivals_.push_back({round, i, index_of(t.peer, partner), reduces(now.arrival)});
    }
  }
  void fail(const char* why, rank_t rank, round_t round, block_t block) { bad_ = {why, rank, round, block}; }

  void play() {
    fingerprints sets;
    for (const auto& [rank, block] : places_) {
      const token_range tokens = rank < extent_.ranks ? C::starts_with(extent_, rank, block) : token_range{};
      held_.push_back(tokens.count > 0 ? sets.of(tokens) : sets.garbage(rank, block));
    }
    const auto place_of = [](const arrival& a) { return std::pair{a.round, a.to}; };
    std::sort(arrivals_.begin(), arrivals_.end(), [&](auto& a, auto& b) { return place_of(a) < place_of(b); });
    const auto same = [&](auto& a, auto& b) { return place_of(a) == place_of(b); };  // touches may say a round twice
    arrivals_.erase(std::unique(arrivals_.begin(), arrivals_.end(), same), arrivals_.end());
    std::vector<std::uint64_t> moving;
    for (auto first = arrivals_.begin(); first != arrivals_.end();) {  // messages of one round leave before any arrives
      const auto end = std::find_if(first, arrivals_.end(), [&](const arrival& a) { return a.round != first->round; });
      moving.clear();
      for (auto a = first; a != end; ++a) moving.push_back(held_[a->from]);
      for (auto arriving = moving.begin(); first != end; ++first, ++arriving)
        held_[first->to] = *arriving + (first->reduces ? held_[first->to] : 0);
    }
  }

  verdict finish() {
    fingerprints sets;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const auto [rank, block] = places_[i];
      if (rank >= extent_.ranks) continue;
      const token_range promised = C::ends_with(extent_, rank, block);
      if (promised.count > 0 && held_[i] != sets.of(promised))
        return {"ends with the wrong contributions", rank, -1, block};
    }
    return {};
  }

  const S& s_;
  extent extent_;
  rank_t all_;  // with the switches
  std::unordered_map<std::uint64_t, std::size_t> index_;
  std::vector<place> places_;
  std::vector<arrival> arrivals_;
  std::vector<std::uint64_t> held_;
  verdict bad_;
};

}  // namespace colossus::detail
