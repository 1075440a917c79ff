// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/edges.hpp>

#include <map>
#include <numeric>

namespace colossus::detail {

/// What the messages of a pattern that repeats take on the links they share once ranks have drifted apart.
///
/// In the first round all start together. Who is done sooner starts the next sooner, so that soon a message meets only
/// those that happen to be under way. In the mean that is a queue which serves all who are there alike, with as many
/// customers as the link has flows, each of which comes back a round later (mean value analysis of closed networks:
/// Reiser & Lavenberg, J. ACM 27, 1980). A round takes as long as the slowest message, or as the mean hop of a circle
/// where that is longer, and how long that is depends on the size. Messages that are all alike never drift.
class drift {
 public:
  bool none() const { return kind_of_.empty(); }

  /// `alone`: by message of `e`, seconds for each byte of the whole if it met nobody. `twins`: so many messages, itself
  /// among them, are alike in all and stay together.
  void describe(const edges& e, std::span<const double> alone, int twins) {
    kinds_.clear(), kind_of_.clear();
    std::map<std::pair<double, double>, std::uint32_t> known;
    for (std::size_t i = 0; i < e.size(); ++i) {
      const double own = std::min(alone[i] * twins, e.slope[i]);
      if (i == 0 || kinds_[kind_of_.back()].alone != own || kinds_[kind_of_.back()].together != e.slope[i]) {
        const auto [at, is_new] = known.try_emplace({own, e.slope[i]}, static_cast<std::uint32_t>(kinds_.size()));
        if (is_new) kinds_.push_back({own, e.slope[i], static_cast<int>(std::ceil(e.slope[i] / own * (1 - 1e-6)))});
        kind_of_.push_back(at->second);
      } else kind_of_.push_back(kind_of_.back());
    }
    if (std::ranges::all_of(kinds_, [](const kind& k) { return k.flows <= 1; })) kind_of_.clear();
  }

  /// The same messages as they go in `rounds` rounds, on average, when the whole is of so many bytes.
  const edges& operator()(const edges& e, const walks& w, round_t rounds, double bytes) {
    if (none() || bytes <= 0) return e;
    const double port = slowest_port(e, bytes);
    const circle round_trip = slowest_circle(e, w, bytes);
    for (kind& k : kinds_) k.settled = k.mean = k.together;
    for (int step = 0; step < steps; ++step) {
      const double round = std::max(port, mean_hop(round_trip, bytes)) / bytes;
      for (kind& k : kinds_) {
        const double met = shared(k.flows, k.alone, std::max(round - k.settled, 0.0));
        k.settled = (k.settled + std::min(met, k.together)) / 2;
        k.mean = over(rounds, k);
      }
    }
    return settled(e, mean_hop(round_trip, bytes) <= port);
  }

 private:
  static constexpr int steps = 24;  // each halves what is missing
  // From discrete events: of 4 to 16 GPUs a node, rings are within 5% (of 8 and 500 rounds within 1.4%), of 36 and 72
  // on few nodes within 20%.
  static constexpr double loses_step = 12;

  struct kind {
    double alone, together;  // seconds for each byte of the whole, with nobody and with all others under way
    int flows;               // on the link that they share
    double settled = 0, mean = 0;
  };
  struct circle {
    std::vector<double> hops{};  // of each kind
    double rest = 0;             // seconds of a turn besides
  };

  /// What a customer takes who is served alone for `alone` and comes back `away` later, among so many.
  static double shared(int flows, double alone, double away) {
    double there = 0, takes = alone;
    for (int n = 1; n <= flows; ++n) {
      takes = alone * (1 + there);
      there = n * takes / (away + takes);
    }
    return takes;
  }
  /// The mean over rounds that begin with all together: n flows take some n * n rounds to lose step.
  static double over(round_t rounds, const kind& k) {
    const double in_step = std::min(1.0, k.flows * k.flows / (loses_step * static_cast<double>(rounds)));
    return std::lerp(k.settled, k.together, in_step);
  }

  static double slowest_port(const edges& e, double bytes) {
    double most = 0;
    for (std::size_t i = 0; i < e.size(); ++i) most = std::max(most, e.leaves(i, bytes));
    return most;
  }
  circle slowest_circle(const edges& e, const walks& w, double bytes) const {
    const walks::walk* slowest = nullptr;
    double most = 0;
    for (const auto& walk : w.all) {
      if (!walk.closed) continue;
      double turn = 0;
      for (std::size_t i = 0; i < walk.count; ++i) turn += e.arrives(w.order[walk.first + i], bytes);
      if (turn > most * static_cast<double>(walk.count)) slowest = &walk, most = turn / static_cast<double>(walk.count);
    }
    circle found{std::vector<double>(kinds_.size(), 0)};
    for (std::size_t i = 0; slowest && i < slowest->count; ++i) {
      const std::uint32_t message = w.order[slowest->first + i];
      ++found.hops[kind_of_[message]];
      found.rest += e.arrives(message, bytes) - e.busy(message, bytes);
    }
    return found;
  }
  double mean_hop(const circle& turn, double bytes) const {
    double sum = turn.rest, hops = 0;
    for (std::size_t i = 0; i < kinds_.size(); ++i) sum += turn.hops[i] * kinds_[i].mean * bytes, hops += turn.hops[i];
    return hops > 0 ? sum / hops : 0;
  }
  /// Where a link is never idle it sets the pace of those on it.
  const edges& settled(const edges& e, bool paced) {
    const double slowest = *std::ranges::max_element(e.slope);
    settled_ = e;
    for (std::size_t i = 0; i < e.size(); ++i)
      if (!paced || e.slope[i] < slowest) settled_.slope[i] = kinds_[kind_of_[i]].mean;
    return settled_;
  }

  std::vector<kind> kinds_;
  std::vector<std::uint32_t> kind_of_;  // message; empty: nobody drifts
  edges settled_;
};

}  // namespace colossus::detail
