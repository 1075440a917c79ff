// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/longest_chain.hpp>
#include <colossus/detail/pipeline_replay.hpp>

#include <cmath>
#include <optional>

namespace colossus::detail {

/// The makespan of a pipeline from all ranks ready at 0.
struct pipeline_price {
  double seconds = 0;
  double doubt = 0;  ///< how far it may be off, plus or minus; 0: exact
};

/// Prices a pipeline, given the messages of its first generation in order of rounds. A short one is replayed; the
/// longest chain of waiting is searched for in a long one. Where no search gets there, some generations are replayed:
/// in the long run each takes as long as the slowest cycle of the event graph (a port that never rests, or ranks that
/// wait for each other round by round), but nothing says after how many this one has overtaken the others.
class pipeline {
 public:
  pipeline_price operator()(const edges& e, std::size_t ranks, round_t period, round_t generations, double bytes) {
    if (e.size() == 0) return {};
    const round_t steps = generations * static_cast<round_t>(e.size());
    chain_length chain;
    if (steps > few_steps) {
      if (!chain_) chain_.emplace(e, ranks, period);
      chain = (*chain_)(e, generations, bytes);
      if (chain.exact) return {*chain.exact, 0};
    }
    if (!replay_) replay_.emplace(e);
    replay_->resize(e, bytes);
    if (steps <= many_steps || generations <= few_generations) return {(*replay_)(ranks, period, generations), 0};
    return extrapolated(ranks, period, generations, chain.most);
  }

 private:
  static constexpr round_t young = 9, window = 6;
  // Three young pipelines are some 50 generations: to follow as many is no more work than to extrapolate.
  static constexpr round_t few_generations = 64, few_steps = 1 << 21, many_steps = 1 << 24;

  /// From two windows of generations, as the growth of a cycle may repeat only every few of them; never above `most`.
  pipeline_price extrapolated(std::size_t ranks, round_t period, round_t generations, double most) {
    const round_t phase = (generations - young) % window;
    std::array<double, 3> end{};
    for (round_t i = 0; i < 3; ++i)
      end[static_cast<std::size_t>(i)] = (*replay_)(ranks, period, young + phase + i * window);
    const auto windows = static_cast<double>((generations - young - phase) / window - 2);
    const double before = end[1] - end[0], growth = end[2] - end[1];
    const double port = static_cast<double>(window) * replay_->slowest_port(ranks);
    const double guess = std::min(end[2] + windows * std::max((before + growth) / 2, port), most);
    const double above = std::isfinite(most) ? most - guess : 0;
    return {guess, std::max({windows * std::abs(growth - before), above, 1e-15 * guess})};
  }

  std::optional<longest_chain> chain_;
  std::optional<pipeline_replay> replay_;
};

}  // namespace colossus::detail
