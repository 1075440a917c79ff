// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/pipeline_replay.hpp>

#include <cmath>
#include <optional>

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
    s.port = replay_->slowest_port(ranks);
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

  double replay(std::size_t ranks, round_t period, round_t generations) {
    return (*replay_)(ranks, period, generations);
  }
  void prepare(const edges& e, double bytes) {
    if (!replay_) replay_.emplace(e);
    replay_->resize(e, bytes);
  }

  std::array<std::vector<start>, window> starts_;  // in order of bytes
  std::optional<pipeline_replay> replay_;
};

}  // namespace colossus::detail
