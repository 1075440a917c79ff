// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <vector>

namespace colossus::detail {

/// A stretch of a lane's work, as long as nobody else is about: `rounds` equal rounds in `seconds`. In each a message
/// is under way for the share `busy` of the time, and then its latency passes.
struct stretch {
  double seconds = 0;
  round_t rounds = 0;
  double busy = 1;
  double felt = 1;            // share of its messages that meet other lanes' on the same links
  std::vector<double> use{};  // share of that time for which a message needs the busiest link of each kind
  /// Of the busiest link of each kind, what n lanes put on it over n times what one does: [(n - 1) * kinds + kind].
  /// Empty: 1, all lanes take the same links.
  std::vector<double> crowding{};
};

/// A round of a lane, in seconds: until its message is out, and in; and how much longer it was out than alone.
struct round_span {
  double begun = 0, out = 0, end = 0, slowed = 1;
};
/// Is told (lane, stretch, round of the lane, when) of every round that ends.
using round_watch = std::function<void(std::size_t, std::size_t, round_t, const round_span&)>;

/// When `lanes` copies of the stretches end that run side by side, message by message: lane l starts once lane l - 1
/// has done `stagger` rounds. Messages that are under way together and want more of a kind of link than there is share
/// it max-min fairly.
class overlap {
 public:
  overlap(std::span<const stretch> stretches, int lanes, round_t stagger, round_watch watch = {})
      : stretches_{stretches}, stagger_{stagger}, watch_{std::move(watch)}, lanes_(static_cast<std::size_t>(lanes)) {
    before_.push_back(0);
    for (const stretch& s : stretches) before_.push_back(before_.back() + s.rounds);
    find_kinds();
  }

  double operator()() {
    double now = 0;
    start(0, now);
    for (double next; (next = next_event(now)) < never; now = next) {
      for (lane_state& lane : lanes_)
        if (lane.is == lane_state::sending) lane.left -= (next - now) * lane.speed;
      for (std::size_t i = 0; i < lanes_.size(); ++i) happen(i, next);
    }
    return now;
  }

 private:
  struct lane_state {
    enum { idle, sending, waiting } is = idle;
    bool started = false, felt = true;
    std::size_t at = 0;  // stretch
    round_t round = 0;   // in it
    double left = 0;     // seconds of the message, at speed 1
    double until = 0;    // when its latency has passed
    double speed = 1;
    double begun = 0, out = 0;
  };
  static constexpr double never = std::numeric_limits<double>::infinity();
  static constexpr double together = 1e-12;

  /// Of kinds that all stretches use alike one counts.
  void find_kinds() {
    if (stretches_.empty()) return;
    all_kinds_ = stretches_.front().use.size();
    const auto alike = [&](std::size_t a, std::size_t b) {
      return std::ranges::all_of(stretches_, [&](const stretch& s) {
        for (std::size_t n = 0; n < s.crowding.size(); n += all_kinds_)
          if (s.crowding[n + a] != s.crowding[n + b]) return false;
        return s.use[a] == s.use[b];
      });
    };
    for (std::size_t kind = 0; kind < all_kinds_; ++kind)
      if (std::ranges::none_of(kinds_, [&](std::size_t other) { return alike(other, kind); })) kinds_.push_back(kind);
  }

  void start(std::size_t i, double now) {
    lanes_[i].started = true;
    begin(i, now);
  }

  /// Lane i begins a round, the next stretch or nothing; those behind it start where they may.
  void begin(std::size_t i, double now) {
    lane_state& lane = lanes_[i];
    while (lane.at < stretches_.size() &&
           (lane.round == stretches_[lane.at].rounds || stretches_[lane.at].seconds <= 0))
      ++lane.at, lane.round = 0;
    const bool done = lane.at == stretches_.size();
    const bool open = done || before_[lane.at] + lane.round >= stagger_;
    if (open && i + 1 < lanes_.size() && !lanes_[i + 1].started) start(i + 1, now);
    changed_ = true;
    if (done) return void(lane.is = lane_state::idle);
    const stretch& s = stretches_[lane.at];
    const auto felt = [&](round_t round) { return std::floor(static_cast<double>(round) * s.felt + 1e-9); };
    lane.is = lane_state::sending;
    lane.begun = now;
    lane.felt = felt(lane.round + 1) > felt(lane.round);
    lane.left = s.seconds / static_cast<double>(s.rounds) * s.busy;
  }

  double next_event(double now) {
    if (changed_) share();
    double next = never;
    for (const lane_state& lane : lanes_) {
      if (lane.is == lane_state::sending) next = std::min(next, now + std::max(0.0, lane.left) / lane.speed);
      else if (lane.is == lane_state::waiting) next = std::min(next, lane.until);
    }
    return next;
  }

  void happen(std::size_t i, double now) {
    lane_state& lane = lanes_[i];
    if (lane.is == lane_state::sending && lane.left <= now * together) {
      const stretch& s = stretches_[lane.at];
      lane.is = lane_state::waiting;
      lane.out = now;
      lane.until = now + s.seconds / static_cast<double>(s.rounds) * (1 - s.busy);
      changed_ = true;
    }
    if (lane.is != lane_state::waiting || lane.until > now * (1 + together)) return;
    if (watch_) tell(i, now);
    ++lane.round, begin(i, now);
  }
  void tell(std::size_t i, double now) const {
    const lane_state& lane = lanes_[i];
    const stretch& s = stretches_[lane.at];
    const double alone = s.seconds / static_cast<double>(s.rounds) * s.busy, busy = lane.out - lane.begun;
    watch_(i, lane.at, before_[lane.at] + lane.round, {lane.begun, lane.out, now, alone > 0 ? busy / alone : 1});
  }

  void share() {
    changed_ = false;
    for (lane_state& lane : lanes_) lane.speed = 1;
    for (const std::size_t kind : kinds_) {
      share(kind, nullptr);
      for (lane_state& lane : lanes_)
        if (!lane.felt && wants(lane, kind)) share(kind, &lane);
    }
  }
  bool wants(const lane_state& lane, std::size_t kind) const {
    return lane.is == lane_state::sending && stretches_[lane.at].use[kind] > 0;
  }
  /// Max-min shares of a kind of link, among messages that feel each other or for one that nobody feels; a message
  /// goes at the pace of its scarcest.
  void share(std::size_t kind, lane_state* unfelt) {
    want_.clear();
    for (lane_state& lane : lanes_)
      if ((lane.felt || &lane == unfelt) && wants(lane, kind)) want_.push_back({&lane, stretches_[lane.at].use[kind]});
    if (want_.size() < 2) return;
    const double crowd = crowding(kind);
    std::ranges::sort(want_, {}, &wish::use);
    double room = 1;
    for (std::size_t i = 0; i < want_.size(); ++i) {
      const double use = want_[i].use * crowd, part = std::min(use, room / static_cast<double>(want_.size() - i));
      room -= part;
      lane_state* const lane = want_[i].of;
      if (unfelt == nullptr || lane == unfelt) lane->speed = std::min(lane->speed, part / use);
    }
  }
  /// Of those who want to share a kind, on the mean.
  double crowding(std::size_t kind) const {
    double sum = 0;
    for (const wish& w : want_) {
      const std::vector<double>& of = stretches_[w.of->at].crowding;
      sum += of.empty() ? 1 : of[(want_.size() - 1) * all_kinds_ + kind];
    }
    return sum / static_cast<double>(want_.size());
  }

  struct wish {
    lane_state* of;
    double use;
  };

  std::span<const stretch> stretches_;
  round_t stagger_;
  round_watch watch_;
  std::vector<lane_state> lanes_;
  std::vector<round_t> before_;  // rounds before each stretch
  std::size_t all_kinds_ = 0;
  std::vector<std::size_t> kinds_;
  std::vector<wish> want_;
  bool changed_ = true;
};

}  // namespace colossus::detail
