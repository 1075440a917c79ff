// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/lane_set.hpp>

#include <span>

namespace colossus::detail {

/// What one rank does in one round of a lane: to whom it sends which share of all data, and from whom it receives.
/// Messages to oneself are left out: they cost nothing.
struct turn {
  rank_t to = nobody, from = nobody;
  double share = 0;
};

/// A schedule whose type is forgotten, as lanes that progress on their own: lane l begins on a rank once the rank's
/// lane l - 1 has done `stagger` rounds. Refers to the schedule.
class script {
 public:
  template <schedule S>
  explicit script(const S& s, rank_t groups = 1)
      : group_{s.ranks()},
        ranks_{s.ranks() * groups},
        lanes_{lane_count(s)},
        rounds_{nth_lane(s, 0).rounds()},
        schedule_{&s} {
    expects(extra_ranks(s) == 0, "discrete events: switches that reduce are not simulated yet");
    stagger_ = lanes_ == 1 ? 0 : detail::stagger(s);
    at_ = [](const void* from, int lane, rank_t rank, round_t round) {
      const auto one = nth_lane(*static_cast<const S*>(from), lane);
      return turn_of(one.at(rank, round), rank, 1.0 / one.blocks());
    };
    fill_ = [](const void* from, int lane, round_t round, std::span<turn> all) {
      const auto one = nth_lane(*static_cast<const S*>(from), lane);
      const double block = 1.0 / one.blocks();
      for (rank_t rank = 0; rank < one.ranks(); ++rank)
        all[static_cast<std::size_t>(rank)] = turn_of(one.at(rank, round), rank, block);
    };
    pattern_ = [](const void* from, round_t round) {
      return pattern_of(nth_lane(*static_cast<const S*>(from), 0), round);
    };
  }

  rank_t ranks() const { return ranks_; }  ///< of all groups
  int lanes() const { return lanes_; }
  round_t rounds() const { return rounds_; }  ///< of one lane
  round_t stagger() const { return stagger_; }
  turn at(int lane, rank_t rank, round_t round) const {
    if (rank < group_) return at_(schedule_, lane, rank, round);
    const rank_t first = rank - rank % group_;
    return moved(at_(schedule_, lane, rank - first, round), first);
  }
  /// The turns of all ranks in a round.
  void fill(int lane, round_t round, std::span<turn> all) const {
    const auto group = static_cast<std::size_t>(group_);
    fill_(schedule_, lane, round, all);
    for (std::size_t i = group; i < all.size(); ++i) all[i] = moved(all[i % group], static_cast<rank_t>(i - i % group));
  }
  /// How many rounds from this one on have its pattern.
  round_t alike(round_t round) const {
    const round_t pattern = pattern_(schedule_, round);
    round_t end = round + 1;
    while (end < rounds_ && pattern_(schedule_, end) == pattern) ++end;
    return end - round;
  }

 private:
  static turn turn_of(const step& s, rank_t rank, double block) {
    turn t;
    if (s.send && s.send.peer != rank) t.to = s.send.peer, t.share = s.send.blocks.count * block;
    if (s.recv && s.recv.peer != rank) t.from = s.recv.peer;
    return t;
  }

  static turn moved(turn t, rank_t by) {
    if (t.to != nobody) t.to += by;
    if (t.from != nobody) t.from += by;
    return t;
  }

  rank_t group_, ranks_;
  int lanes_;
  round_t rounds_, stagger_ = 0;
  const void* schedule_;
  turn (*at_)(const void*, int, rank_t, round_t);
  void (*fill_)(const void*, int, round_t, std::span<turn>);
  round_t (*pattern_)(const void*, round_t);
};

}  // namespace colossus::detail
