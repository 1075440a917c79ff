// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/edges.hpp>

#include <limits>

namespace colossus::detail {

/// The longest chain of waiting in `rounds` rounds of one pattern, from all ranks ready at 0: the makespan of the run.
/// In each round a chain stays at its rank (while its ports are busy) or follows a message (which arrives later). So it
/// is an arc of hops, and for all other rounds the slowest rank on it: max-plus algebra on a graph of cycles and chains
/// (Baccelli, Cohen, Olsder & Quadrat, Synchronization and Linearity, 1992, 3.2). O(messages) for any number of rounds.
class longest_walk {
 public:
  double operator()(const edges& e, const walks& w, round_t rounds, double bytes) {
    double longest = 0;
    for (const auto& walk : w.all) {
      describe(e, w, walk, bytes);
      longest = std::max(longest, longest_in(walk.closed, rounds));
    }
    return longest;
  }

 private:
  void describe(const edges& e, const walks& w, const walks::walk& walk, double bytes) {
    hop_.resize(walk.count);
    stay_.assign(walk.count + 1, 0);  // of the rank before hop i; the last is the rank at a chain's end
    for (std::size_t i = 0; i < walk.count; ++i) {
      const std::uint32_t message = w.order[walk.first + i];
      hop_[i] = e.arrives(message, bytes);
      stay_[i] = std::max(stay_[i], e.leaves(message, bytes));
      stay_[i + 1] = e.busy(message, bytes);
    }
    if (walk.closed) stay_[0] = std::max(stay_[0], stay_.back());
  }

  double longest_in(bool closed, round_t rounds) {
    const auto hops = static_cast<round_t>(hop_.size());
    double pace = *std::max_element(stay_.begin(), stay_.end());
    double longest = paced(closed, rounds, pace);
    if (closed && rounds >= 2 * hops && circle(pace) > 0) return longest;  // goes round, so it meets the slowest anyway
    for (int more = 0; more < 3 && (pace = next_below(pace)) >= 0; ++more)
      longest = std::max(longest, paced(closed, rounds, pace));  // a slightly faster rank may lie on a longer arc
    return longest;
  }

  double next_below(double pace) const {
    double next = -1;
    for (const double s : stay_)
      if (s < pace * (1 - 1e-12)) next = std::max(next, s);
    return next;
  }

  double circle(double pace) const {
    double sum = 0;
    for (const double h : hop_) sum += h - pace;
    return sum;
  }

  /// Longest chain that hops along an arc with a rank of this pace on it, and spends the other rounds there.
  double paced(bool closed, round_t rounds, double pace) {
    const auto hops = static_cast<round_t>(hop_.size());
    const double waits = static_cast<double>(rounds) * pace;
    if (!closed) return waits + best_arc(std::min(rounds, hops), pace, hops);
    const double gain = circle(pace);
    if (gain <= 0) return waits + best_arc(std::min(rounds, hops), pace, 2 * hops);
    const round_t full = std::max<round_t>(rounds / hops - 1, 0);  // all turns but the last two are alike
    const round_t rest = rounds - full * hops;
    return waits + static_cast<double>(full) * gain + best_arc(rest, pace, hops + rest);
  }

  /// Best sum of (hop - pace) over an arc of at most `most` of `count` consecutive hops, with a rank of this pace on
  /// it.
  double best_arc(round_t most, double pace, round_t count) {
    const std::size_t ranks = stay_.size() - 1;  // of a cycle; a chain has one more and never wraps
    const double slow = pace * (1 - 1e-12);
    double sum = 0, best = 0;
    starts_.assign(static_cast<std::size_t>(count) + 1, {});
    std::size_t front = 0, back = 0, waiting = 0;  // starts that may begin the best arc: rising sums in [front, back)
    prefix_.resize(static_cast<std::size_t>(count) + 1);
    for (round_t i = 0;; ++i) {
      const auto at = static_cast<std::size_t>(i);
      prefix_[at] = sum;
      if (stay_[at <= ranks ? at : at % ranks] >= slow)
        for (; waiting <= at; ++waiting) {  // arcs that begin up to here have met such a rank from now on
          while (back > front && prefix_[starts_[back - 1]] >= prefix_[waiting]) --back;
          starts_[back++] = static_cast<std::uint32_t>(waiting);
        }
      while (front < back && static_cast<round_t>(starts_[front]) < i - most) ++front;
      if (front < back) best = std::max(best, sum - prefix_[starts_[front]]);
      if (i == count) return best;
      sum += hop_[at % hop_.size()] - pace;
    }
  }

  std::vector<double> hop_, stay_, prefix_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace colossus::detail
