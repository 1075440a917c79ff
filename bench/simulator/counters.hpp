// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <benchmark/benchmark.h>

#include <sys/resource.h>

namespace colossus::bench {

/// The most memory that this process has had so far: what one row needs is seen where it runs alone.
inline void count_memory(benchmark::State& state) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  state.counters["rss_bytes"] = 1024.0 * static_cast<double>(used.ru_maxrss);
}

/// Flows that every iteration solves, as a rate.
inline void count_flows(benchmark::State& state, std::size_t flows) {
  state.counters["flows_per_second"] =
      benchmark::Counter(static_cast<double>(flows), benchmark::Counter::kIsIterationInvariantRate);
  count_memory(state);
}

}  // namespace colossus::bench
