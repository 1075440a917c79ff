// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/edges.hpp>

#include <cmath>

namespace colossus::detail {

/// The makespan of a pipeline from all ranks ready at 0. Its generations are replayed until the first has passed through;
/// from there each takes as long as the slowest cycle of the event graph (a port that is always busy, or ranks that wait for
/// each other round by round), so the rest is that many times the last growth.
class pipeline {
 public:
  double operator()(const edges& e, std::size_t ranks, round_t period, round_t generations, double bytes) {
    if (e.size() == 0) return 0;
    index_rounds(e);
    const round_t filled = static_cast<round_t>(first_.size()) / period + 2;
    if (generations <= filled + growth) return replay(e, ranks, period, generations, bytes);
    const sample s = sampled(e, ranks, period, filled, bytes);
    return s.more + static_cast<double>(generations - filled - growth) * (s.more - s.filled) / growth;
  }

 private:
  static constexpr round_t growth = 4;

  struct sample {
    double bytes, filled, more;  // makespans of a pipeline that is just full, and of one a few generations longer
  };

  /// Makespans are convex and piecewise linear in the bytes (a maximum over paths of latencies plus bytes times slopes): where
  /// three sizes lie on a line, all between them do, and need no replay.
  sample sampled(const edges& e, std::size_t ranks, round_t period, round_t filled, double bytes) {
    for (std::size_t i = 0; i + 2 < samples_.size(); ++i) {
      const sample &low = samples_[i], &middle = samples_[i + 1], &high = samples_[i + 2];
      if (bytes < low.bytes || bytes > high.bytes) continue;
      const sample line = between(low, high, middle.bytes);
      if (close(line.filled, middle.filled) && close(line.more, middle.more)) return between(low, high, bytes);
    }
    const sample made{bytes, replay(e, ranks, period, filled, bytes), replay(e, ranks, period, filled + growth, bytes)};
    samples_.insert(std::ranges::lower_bound(samples_, bytes, {}, &sample::bytes), made);
    return made;
  }
  static sample between(const sample& low, const sample& high, double bytes) {
    const double part = (bytes - low.bytes) / (high.bytes - low.bytes);
    return {bytes, std::lerp(low.filled, high.filled, part), std::lerp(low.more, high.more, part)};
  }
  static bool close(double a, double b) { return std::abs(a - b) <= 1e-11 * b; }

  /// first_[k]: the first message of round k or later, counted from the pipeline's first round.
  void index_rounds(const edges& e) {
    if (!first_.empty()) return;
    begin_ = e.round(0);
    for (std::size_t i = 0; i < e.size(); ++i)
      while (begin_ + static_cast<round_t>(first_.size()) <= e.round(i)) first_.push_back(i);
    first_.push_back(e.size());
  }

  double replay(const edges& e, std::size_t ranks, round_t period, round_t generations, double bytes) {
    end_.assign(ranks, 0);
    port_.assign(ranks, 0);
    const auto rounds = static_cast<round_t>(first_.size()) - 1;
    for (round_t round = 0; round < rounds + (generations - 1) * period; ++round) {
      begun_.clear();
      each(round, rounds, period, generations, [&](std::size_t i) { begun_.push_back(end_[e.from(i)]); });
      auto begun = begun_.begin();
      each(round, rounds, period, generations, [&](std::size_t i) {
        const double out = *begun++ + e.busy(i, bytes);
        double &end = end_[e.to(i)], &in = port_[e.to(i)], &sender = end_[e.from(i)];
        in = std::max(in + e.busy(i, bytes), out + e.latency[i]);
        end = std::max(end, in);
        sender = std::max(sender, out);
      });
    }
    return *std::max_element(end_.begin(), end_.end());
  }

  /// Visits the messages of all generations in `round`.
  template <class Visit>
  void each(round_t round, round_t rounds, round_t period, round_t generations, Visit visit) const {
    const round_t youngest = std::min(round / period, generations - 1);
    for (round_t k = round - youngest * period; k <= round && k < rounds; k += period)
      for (std::size_t i = first_[static_cast<std::size_t>(k)]; i < first_[static_cast<std::size_t>(k) + 1]; ++i) visit(i);
  }

  round_t begin_ = 0;
  std::vector<std::size_t> first_;
  std::vector<sample> samples_;  // in order of bytes
  std::vector<double> end_, port_, begun_;
};

}  // namespace colossus::detail
