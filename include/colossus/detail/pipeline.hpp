// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/edges.hpp>

#include <array>
#include <cmath>

namespace colossus::detail {

/// The makespan of a pipeline from all ranks ready at 0.
struct pipeline_price {
  double seconds = 0;
  double doubt = 0;  ///< how far it may be off, plus or minus; 0: exact
};

/// Prices a pipeline, given the messages of its first generation in order of rounds. Some generations are replayed;
/// from there each takes as long as the slowest cycle of the event graph: a port that never rests, or ranks that wait
/// for each other round by round. The growth of such a cycle may repeat only every few generations, so two windows are
/// compared.
class pipeline {
 public:
  pipeline_price operator()(const edges& e, std::size_t ranks, round_t period, round_t generations, double bytes) {
    if (e.size() == 0) return {};
    if (generations <= young + 2 * window || generations * static_cast<round_t>(e.size()) <= few_steps) {
      prepare(e, bytes);
      return {replay(ranks, period, generations), 0};
    }
    const round_t phase = (generations - young) % window;
    const start s = started(e, ranks, period, phase, bytes);
    const auto windows = static_cast<double>((generations - young - phase) / window - 2);
    const double before = s.second - s.first, growth = s.third - s.second, port = window * s.port;
    if (near(growth, port, s.third)) return {s.third + windows * port, 0};
    return {s.third + windows * std::max((before + growth) / 2, port),
            std::max(windows * std::abs(growth - before), 1e-15 * s.third)};
  }

 private:
  static constexpr round_t young = 9, window = 6, few_steps = 4'000'000;

  /// Makespans of a young pipeline, a window of generations apart, and the busiest port's time for one generation.
  struct start {
    double bytes = 0;
    round_t phase = 0;  // generations beyond young and a multiple of the window
    double first = 0, second = 0, third = 0, port = 0;
  };

  /// Convex and piecewise linear in the bytes: what lies between three sizes on a line is on that line.
  start started(const edges& e, std::size_t ranks, round_t period, round_t phase, double bytes) {
    auto& known = starts_[static_cast<std::size_t>(phase)];
    for (const start& s : known)
      if (s.bytes == bytes) return s;
    for (std::size_t i = 0; i + 2 < known.size(); ++i)
      if (bytes > known[i].bytes && bytes < known[i + 2].bytes && straight(known[i], known[i + 1], known[i + 2]))
        return between(known[i], known[i + 2], bytes);
    prepare(e, bytes);
    start s{bytes, phase, replay(ranks, period, young + phase), replay(ranks, period, young + phase + window)};
    s.port = slowest_port(ranks);
    const bool steady = near(s.second - s.first, window * s.port, s.second);  // nothing can be slower, so it stays
    s.third = steady ? s.second + window * s.port : replay(ranks, period, young + phase + 2 * window);
    known.insert(std::ranges::lower_bound(known, bytes, {}, &start::bytes), s);
    return s;
  }
  static start between(const start& low, const start& high, double bytes) {
    const double part = (bytes - low.bytes) / (high.bytes - low.bytes);
    const auto mix = [&](double start::*member) { return std::lerp(low.*member, high.*member, part); };
    return {bytes, low.phase, mix(&start::first), mix(&start::second), mix(&start::third), mix(&start::port)};
  }
  static bool straight(const start& low, const start& middle, const start& high) {
    const start s = between(low, high, middle.bytes);
    return near(s.first, middle.first, s.first) && near(s.second, middle.second, s.second) &&
           near(s.third, middle.third, s.third) && near(s.port, middle.port, s.port);
  }
  static bool near(double a, double b, double scale) { return std::abs(a - b) <= 1e-12 * scale; }

  struct hop {
    std::int32_t from, to;
    double busy, leaves, whole;  // seconds on the receiver's port; until it has left, until it has arrived
  };

  void prepare(const edges& e, double bytes) {
    hops_.resize(e.size());
    for (std::size_t i = 0; i < e.size(); ++i)
      hops_[i] = {e.messages[i].from, e.messages[i].to, e.busy(i, bytes), e.leaves(i, bytes), e.arrives(i, bytes)};
    if (!first_.empty()) return;
    const round_t begin = e.round(0);
    for (std::size_t i = 0; i < e.size(); ++i)
      while (begin + static_cast<round_t>(first_.size()) <= e.round(i)) first_.push_back(i);
    first_.push_back(e.size());
  }

  double slowest_port(std::size_t ranks) const {
    std::vector<double> out(ranks, 0), in(ranks, 0);
    for (const hop& h : hops_) {
      out[static_cast<std::size_t>(h.from)] += h.leaves;
      in[static_cast<std::size_t>(h.to)] += h.busy;
    }
    return std::max(*std::ranges::max_element(out), *std::ranges::max_element(in));
  }

  double replay(std::size_t ranks, round_t period, round_t generations) {
    end_.assign(ranks, 0);
    in_.assign(ranks, 0);
    const auto rounds = static_cast<round_t>(first_.size()) - 1;
    for (round_t round = 0; round < rounds + (generations - 1) * period; ++round) {
      const round_t youngest = std::min(round / period, generations - 1), oldest = round - youngest * period;
      begun_.clear();
      for (round_t k = oldest; k <= round && k < rounds; k += period)
        for (const hop& h : in_round(k)) begun_.push_back(end_[static_cast<std::size_t>(h.from)]);
      const double* begun = begun_.data();
      for (round_t k = oldest; k <= round && k < rounds; k += period)
        for (const hop& h : in_round(k)) {
          double &out = end_[static_cast<std::size_t>(h.from)], &end = end_[static_cast<std::size_t>(h.to)];
          double& in = in_[static_cast<std::size_t>(h.to)];
          in = std::max(in + h.busy, *begun + h.whole);
          end = std::max(end, in);
          out = std::max(out, *begun++ + h.leaves);
        }
    }
    return *std::ranges::max_element(end_);
  }
  std::span<const hop> in_round(round_t k) const {
    const std::size_t first = first_[static_cast<std::size_t>(k)];
    return std::span{hops_}.subspan(first, first_[static_cast<std::size_t>(k) + 1] - first);
  }

  std::array<std::vector<start>, window> starts_;  // in order of bytes
  std::vector<std::size_t> first_;                 // message of each round
  std::vector<hop> hops_;
  std::vector<double> end_, in_;  // of each rank's last round, of its last arrival
  std::vector<double> begun_;
};

}  // namespace colossus::detail
