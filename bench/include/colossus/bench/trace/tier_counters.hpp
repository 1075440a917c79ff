// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace colossus::bench {

/// Bytes over each kind of link, in equal steps of time. What is added is not lost: the steps sum up to it.
class tier_counters {
 public:
  tier_counters(std::size_t kinds, double seconds, std::size_t steps)
      : steps_{steps}, seconds_{seconds}, bytes_(kinds, std::vector<double>(steps, 0)), sums_(kinds, 0) {}

  /// So many bytes, evenly from begin to end.
  void add(std::size_t kind, double begin, double end, double bytes) {
    sums_[kind] += bytes;
    const double scale = seconds_ > 0 ? static_cast<double>(steps_) / seconds_ : 0;
    const double from = begin * scale, to = std::max(end * scale, from);
    const std::size_t first = step(from), last = step(to);
    if (first == last || to <= from) return void(bytes_[kind][first] += bytes);
    for (std::size_t i = first; i <= last; ++i) {
      const double low = i == first ? from : static_cast<double>(i), high = i == last ? to : static_cast<double>(i + 1);
      bytes_[kind][i] += bytes * (high - low) / (to - from);
    }
  }

  std::size_t kinds() const { return bytes_.size(); }
  std::size_t steps() const { return steps_; }
  double begin(std::size_t step) const { return seconds_ * static_cast<double>(step) / static_cast<double>(steps_); }
  /// Bytes/s in a step.
  double rate(std::size_t kind, std::size_t step) const {
    return bytes_[kind][step] * static_cast<double>(steps_) / seconds_;
  }
  double sum(std::size_t kind) const { return sums_[kind]; }

 private:
  std::size_t step(double at) const { return std::min(static_cast<std::size_t>(std::max(at, 0.0)), steps_ - 1); }

  std::size_t steps_;
  double seconds_;
  std::vector<std::vector<double>> bytes_;
  std::vector<double> sums_;
};

}  // namespace colossus::bench
