// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/edges.hpp>

namespace colossus::detail {

/// The makespan of a pipeline from all ranks ready at 0.
struct pipeline_price {
  double seconds = 0;
  double doubt = 0;  ///< how far it may be off, plus or minus; 0: exact
};

/// Prices a pipeline, given the messages of its first generation in order of rounds. Some generations are replayed; from there
/// each takes as long as the slowest cycle of the event graph (a port that never rests, or ranks that wait for each other
/// round by round: its growth may repeat only every few generations), so the rest is extrapolated over two windows of six.
class pipeline {
 public:
  pipeline_price operator()(const edges& e, std::size_t ranks, round_t period, round_t generations, double bytes) {
    if (e.size() == 0) return {};
    if (generations <= full + 2 * window) return {whole(e, ranks, period, generations, bytes), 0};
    const start& s = started(e, ranks, period, generations % window, bytes);
    const auto windows = static_cast<double>((generations - full - generations % window) / window - 2);
    const double before = s.later - s.between, growth = s.last - s.later;
    const double steady = std::abs(growth - before) <= 1e-12 * s.last ? growth : (before + growth) / 2;
    const double pace = std::max(steady, window * s.port);
    return {s.last + windows * pace, windows * (pace - std::min(before, growth))};
  }

 private:
  static constexpr round_t full = 9, window = 6;

  double whole(const edges& e, std::size_t ranks, round_t period, round_t generations, double bytes) {
    if (last_generations_ == generations && last_bytes_ == bytes) return last_;  // two phases of one schedule
    prepare(e, bytes);
    last_generations_ = generations, last_bytes_ = bytes;
    return last_ = replay(ranks, period, generations);
  }

  /// Makespans of a young pipeline, a window of generations apart, and the busiest port's time for one generation.
  struct start {
    double bytes;
    round_t phase;  // generations beyond a multiple of the window
    double between, later, last, port;  // seconds
    start(double b, round_t p, double t0, double t1, double t2, double busy)
        : bytes{b}, phase{p}, between{t0}, later{t1}, last{t2}, port{busy} {}
  };

  const start& started(const edges& e, std::size_t ranks, round_t period, round_t phase, double bytes) {
    for (const start& s : starts_)
      if (s.bytes == bytes && s.phase == phase) return s;
    prepare(e, bytes);
    const auto after = [&](round_t windows) { return replay(ranks, period, full + phase + windows * window); };
    return starts_.emplace_back(bytes, phase, after(0), after(1), after(2), slowest_port(ranks));
  }

  struct hop {
    std::int32_t from, to;
    double busy, whole;  // seconds on the ports; until it has arrived
  };

  void prepare(const edges& e, double bytes) {
    hops_.resize(e.size());
    for (std::size_t i = 0; i < e.size(); ++i)
      hops_[i] = {e.messages[i].from, e.messages[i].to, e.busy(i, bytes), e.arrives(i, bytes)};
    if (!first_.empty()) return;
    const round_t begin = e.round(0);
    for (std::size_t i = 0; i < e.size(); ++i)
      while (begin + static_cast<round_t>(first_.size()) <= e.round(i)) first_.push_back(i);
    first_.push_back(e.size());
  }

  double slowest_port(std::size_t ranks) {
    std::vector<double> out(ranks, 0), in(ranks, 0);
    for (const hop& h : hops_) {
      out[static_cast<std::size_t>(h.from)] += h.busy;
      in[static_cast<std::size_t>(h.to)] += h.busy;
    }
    return std::max(*std::ranges::max_element(out), *std::ranges::max_element(in));
  }

  double replay(std::size_t ranks, round_t period, round_t generations) {
    ranks_.assign(ranks, {});
    const auto rounds = static_cast<round_t>(first_.size()) - 1;
    for (round_t round = 0; round < rounds + (generations - 1) * period; ++round) {
      const round_t youngest = std::min(round / period, generations - 1);
      begun_.clear();
      for (round_t k = round - youngest * period; k <= round && k < rounds; k += period)
        for (const hop& h : in_round(k)) begun_.push_back(ranks_[static_cast<std::size_t>(h.from)].end);
      const double* begun = begun_.data();
      for (round_t k = round - youngest * period; k <= round && k < rounds; k += period)
        for (const hop& h : in_round(k)) {
          rank_times &from = ranks_[static_cast<std::size_t>(h.from)], &to = ranks_[static_cast<std::size_t>(h.to)];
          to.in = std::max(to.in + h.busy, *begun + h.whole);
          to.end = std::max(to.end, to.in);
          from.end = std::max(from.end, *begun++ + h.busy);
        }
    }
    return std::ranges::max_element(ranks_, {}, &rank_times::end)->end;
  }
  std::span<const hop> in_round(round_t k) const {
    const std::size_t first = first_[static_cast<std::size_t>(k)];
    return std::span{hops_}.subspan(first, first_[static_cast<std::size_t>(k) + 1] - first);
  }

  struct rank_times {
    double end = 0, in = 0;  // of its last round, of its last arrival
  };
  round_t last_generations_ = 0;
  double last_bytes_ = 0, last_ = 0;
  std::vector<start> starts_;
  std::vector<std::size_t> first_;  // message of each round
  std::vector<hop> hops_;
  std::vector<rank_times> ranks_;
  std::vector<double> begun_;
};

}  // namespace colossus::detail
