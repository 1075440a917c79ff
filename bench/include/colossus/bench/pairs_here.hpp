// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/statistics.hpp>

#include <cstdint>
#include <vector>

namespace colossus::bench {

/// What is known of pairs, where one process knows it all. `mpi_pairs` is the same where each process knows its
/// own.
struct pairs_here {
  /// Adds up what the processes have, place by place.
  void sum(std::vector<std::int64_t>&) const {}
  /// The median of what all processes have; 0 of nothing.
  double median(std::vector<double> values) const {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return percentile(values, 0.5);
  }
  /// On the process that speaks `use(each)` of what all processes have.
  template <class T, class F>
  void tell(const std::vector<T>& mine, F&& use) const {
    for (const T& each : mine) use(each);
  }
};

}  // namespace colossus::bench
