// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/delays.hpp>
#include <colossus/detail/script.hpp>
#include <colossus/detail/sent_message.hpp>
#include <colossus/detail/wiring.hpp>

namespace colossus::detail {

/// The makespan where every message has its path to itself: the definition of a schedule's time, round by round,
///   in(r, k)  = max(in(r, previous message) + busy,  begun(sender, k) + busy + latency)
///   end(r, k) = max(begun(r, k) + busy of what r sends,  in(r, k)),  begun(r, k) = end(r, k-1) + delay of r in k.
/// A time depends on times of the round before only, so rounds in order need no queue of events, whatever the delays.
class data_flow {
 public:
  data_flow(const script& s, wiring& machine, std::span<const gpu_t> placement, const message_watch& watch = {})
      : script_{s}, machine_{machine}, placement_{placement}, watch_{watch} {}

  /// Seconds until the last rank is done. `bytes` is what all blocks stand for.
  double operator()(double bytes, const delays& waits) {
    const auto ranks = static_cast<std::size_t>(script_.ranks());
    double last = 0;
    begin_.resize(ranks);
    for (std::size_t r = 0; r < ranks; ++r) begin_[r] = waits.begin(static_cast<rank_t>(r));
    for (int lane = 0; lane < script_.lanes(); ++lane) {
      end_ = begin_;
      in_.assign(ranks, 0);
      ways_.assign(ranks, {});
      const round_t opens = std::min(script_.stagger(), script_.rounds());
      for (round_t round = 0; round < script_.rounds(); ++round) {
        if (round == opens) begin_ = end_;
        once(lane, round, bytes, waits);
      }
      if (opens == script_.rounds()) begin_ = end_;
      last = std::max(last, *std::ranges::max_element(end_));
    }
    return last;
  }
  /// Messages that the last run sent.
  std::int64_t messages() const { return messages_; }

 private:
  struct way {  // of the message that a rank sent last
    rank_t to = nobody;
    double slope = 0, latency = 0;
  };

  void once(int lane, round_t round, double bytes, const delays& waits) {
    turns_.resize(end_.size());
    script_.fill(lane, round, turns_);
    begun_ = end_;
    const bool delayed = !waits.none();
    for (std::size_t r = 0; r < turns_.size(); ++r) {
      const turn& t = turns_[r];
      if (t.to == nobody) continue;
      ++messages_;
      way& w = ways_[r];
      if (w.to != t.to) w = way_of(lane, r, t.to);
      const double busy = bytes * t.share * w.slope;
      const double late = delayed ? waits.before(static_cast<rank_t>(r), lane, round) : 0;
      const double out = begun_[r] + busy + late;
      const auto to = static_cast<std::size_t>(t.to);
      in_[to] = std::max(in_[to] + busy, out + w.latency);
      end_[to] = std::max(end_[to], in_[to]);
      end_[r] = std::max(end_[r], out);
      if (watch_) watch_({static_cast<rank_t>(r), t.to, lane, round, t.share, begun_[r] + late, out, in_[to]});
    }
  }

  way way_of(int lane, std::size_t from, rank_t to) {
    const gpu_t a = placement_[from], b = placement_[static_cast<std::size_t>(to)];
    const int distance = machine_.distance(a, b);
    return {to, machine_.slope(a, b, lane, distance), machine_.latency_s(distance)};
  }

  const script& script_;
  wiring& machine_;
  std::span<const gpu_t> placement_;
  message_watch watch_;
  std::int64_t messages_ = 0;
  std::vector<double> begin_, begun_, end_, in_;
  std::vector<turn> turns_;
  std::vector<way> ways_;
};

}  // namespace colossus::detail
