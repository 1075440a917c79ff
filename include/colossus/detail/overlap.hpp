// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

namespace colossus::detail {

/// A stretch of a lane's work: how long it takes alone, in how many rounds, and which share of that time the busiest
/// link of each kind works.
struct stretch {
  double seconds = 0;
  round_t rounds = 0;
  std::vector<double> use;
};

/// When `lanes` copies of the stretches end that run side by side: lane l starts once lane l - 1 has done `stagger`
/// rounds, and lanes that want more of a kind of link than there is share it max-min fairly. Events are ends and
/// starts.
class overlap {
 public:
  overlap(std::span<const stretch> stretches, int lanes, round_t stagger) : stretches_{stretches}, stagger_{stagger} {
    for (int lane = 0; lane < lanes; ++lane) lanes_.push_back({});
    lanes_.front().started = true;
  }

  double operator()() {
    double now = 0;
    while (settle()) {
      share();
      double step = std::numeric_limits<double>::infinity();
      for (std::size_t lane = 0; lane < lanes_.size(); ++lane) step = std::min(step, next_event(lane));
      now += step;
      for (lane_state& lane : lanes_)
        if (running(lane)) lane.left -= step * lane.speed / stretches_[lane.at].seconds;
    }
    return now;
  }

 private:
  struct lane_state {
    bool started = false;
    std::size_t at = 0;  // stretch
    double left = 1;     // of it
    double speed = 1;
  };
  static constexpr double nothing = 1e-9;  // of a stretch or a round

  bool running(const lane_state& lane) const { return lane.started && lane.at < stretches_.size(); }

  double rounds_done(const lane_state& lane) const {
    double rounds = 0;
    for (std::size_t i = 0; i < lane.at; ++i) rounds += static_cast<double>(stretches_[i].rounds);
    return lane.at < stretches_.size() ? rounds + (1 - lane.left) * static_cast<double>(stretches_[lane.at].rounds)
                                       : rounds;
  }

  /// Moves on what has ended and starts what may; false when all is done.
  bool settle() {
    bool busy = false;
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      lane_state& lane = lanes_[i];
      if (!lane.started)
        lane.started = lanes_[i - 1].started && rounds_done(lanes_[i - 1]) >= static_cast<double>(stagger_) - nothing;
      while (running(lane) && (lane.left <= nothing || stretches_[lane.at].seconds <= 0)) ++lane.at, lane.left = 1;
      busy |= running(lane);
    }
    return busy;
  }

  /// Max-min shares of each kind of link; a lane goes at the pace of its scarcest.
  void share() {
    for (lane_state& lane : lanes_) lane.speed = 1;
    const std::size_t kinds = stretches_.empty() ? 0 : stretches_.front().use.size();
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      std::vector<lane_state*> want;
      for (lane_state& lane : lanes_)
        if (running(lane) && stretches_[lane.at].use[kind] > 0) want.push_back(&lane);
      const auto wish = [&](const lane_state* lane) { return stretches_[lane->at].use[kind]; };
      std::ranges::sort(want, {}, wish);
      double room = 1;
      for (std::size_t i = 0; i < want.size(); ++i) {
        const double part = std::min(wish(want[i]), room / static_cast<double>(want.size() - i));
        room -= part;
        want[i]->speed = std::min(want[i]->speed, part / wish(want[i]));
      }
    }
  }

  /// Seconds until lane `i` ends its stretch or lets the next one start.
  double next_event(std::size_t i) const {
    const lane_state& lane = lanes_[i];
    if (!running(lane)) return std::numeric_limits<double>::infinity();
    const stretch& now = stretches_[lane.at];
    const double whole = now.seconds / lane.speed, end = lane.left * whole;
    if (i + 1 == lanes_.size() || lanes_[i + 1].started || now.rounds == 0) return end;
    const double rounds = static_cast<double>(stagger_) - rounds_done(lane);
    return std::min(end, std::max(rounds, nothing) / static_cast<double>(now.rounds) * whole);
  }

  std::span<const stretch> stretches_;
  round_t stagger_;
  std::vector<lane_state> lanes_;
};

}  // namespace colossus::detail
