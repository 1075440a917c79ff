// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/dissect.hpp>
#include <colossus/detail/lane_crowding.hpp>
#include <colossus/detail/overlap.hpp>
#include <colossus/detail/timer.hpp>

#include <numeric>

namespace colossus::detail {

/// Lanes that begin one after the other, from what a study says of one: who meets whom.
template <class Study, topology T>
class lane_work {
 public:
  /// At most `lanes` of them.
  lane_work(const Study& study, const T& machine, const crew& crew, int lanes)
      : study_{study}, crowding_{machine, crew, lanes}, kinds_{machine.kinds().size()} {}

  /// After each draw of the study.
  void draw(routing how, int paths, const route_draw& drawn) {
    needs_.assign(study_.what().patterns.size(), {});
    for (const phase& phase : study_.what().phases) {
      const edges& e = study_.edges_of(phase.pattern);
      need& of = needs_[phase.pattern];
      if (e.size() == 0 || of.slope > 0) continue;
      of = need_of(e, phase.period != 0, study_.use_in(static_cast<std::size_t>(&phase - study_.what().phases.data())));
      if (how == routing::ecmp && study_.order() == 1)
        of.crowding = crowding_(e.messages, static_cast<std::size_t>(paths), drawn);
    }
  }

  /// Seconds of all lanes, given when the phases of the core end.
  double operator()(const slicing& parts, const times& core, const round_watch& watch = {}) const {
    std::vector<stretch> once, lane;
    double before = 0;
    for (std::size_t i = 0; i < core.ends.size(); ++i) {
      once.push_back(stretch_of(study_.what().phases[i], parts.generations, core.bytes, core.ends[i] - before));
      before = core.ends[i];
    }
    for (int time = 0; time < parts.times; ++time) lane.insert(lane.end(), once.begin(), once.end());
    return overlap{lane, parts.lanes, parts.stagger, watch}();
  }

 private:
  /// What one message after the other needs. Elsewhere than in a pipeline the slowest paces all; there the way of the
  /// data is long, and the busiest rank sends in some rounds only.
  struct need {
    double slope = 0;     // seconds for each byte of the whole
    double messages = 1;  // of the busiest rank, in a generation
    std::vector<double> use{}, crowding{};
  };

  need need_of(const edges& e, bool streams, const std::vector<double>& use) const {
    need of{*std::ranges::max_element(e.slope), 1, use, {}};
    if (streams) {
      of.slope = std::accumulate(e.slope.begin(), e.slope.end(), 0.0) / static_cast<double>(e.slope.size());
      std::vector<int> sent(static_cast<std::size_t>(study_.places()), 0), taken = sent;
      for (std::size_t i = 0; i < e.size(); ++i) ++sent[e.from(i)], ++taken[e.to(i)];
      of.messages = std::max(*std::ranges::max_element(sent), *std::ranges::max_element(taken));
    }
    for (double& share : of.use) share = std::min(1.0, share / (of.slope * of.messages));
    return of;
  }

  stretch stretch_of(const phase& phase, round_t generations, double bytes, double seconds) const {
    const need& of = needs_[phase.pattern];
    const double times = phase.period != 0 ? static_cast<double>(generations) : 1;
    stretch made{seconds, std::llround(static_cast<double>(phase.rounds) * phase.stretch)};
    made.rounds += (generations - 1) * phase.period;
    made.use = of.use, made.crowding = of.crowding;
    made.use.resize(kinds_, 0);
    if (seconds <= 0) return made;
    const auto rounds = static_cast<double>(made.rounds);
    made.busy = std::min(1.0, of.slope * bytes / times * rounds / seconds);
    if (phase.period != 0) made.felt = std::min(1.0, of.messages * times / rounds);
    return made;
  }

  const Study& study_;
  lane_crowding<T> crowding_;
  std::size_t kinds_;        // of links
  std::vector<need> needs_;  // by pattern
};

}  // namespace colossus::detail
