// SPDX-License-Identifier: Apache-2.0
#include "permutation.hpp"

#include <colossus/detail/completion.hpp>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace colossus::bench {
namespace {

using topologies::cross_rail;

/// A machine from its parameters.
void build_fabric(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(machine_of(static_cast<gpu_t>(state.range(0))));
  count_memory(state);
}
BENCHMARK(build_fabric)->Apply(on_machines)->Arg(1'048'576)->Unit(benchmark::kMillisecond);

/// Rates of a random permutation, routing included; messages change rails as `across` says.
void max_min_solve(benchmark::State& state, cross_rail across) {
  const permutation pattern{static_cast<gpu_t>(state.range(0)), across};
  detail::contention flows;
  cost_models::max_min solver;
  for (auto _ : state) {
    pattern.describe(flows);
    benchmark::DoNotOptimize(solver.rates(flows).data());
  }
  state.counters["passes"] = solver.passes();
  count_flows(state, pattern.flows());
}

/// The same with memory that the system has yet to give, as the first solve of a process.
void max_min_solve_cold(benchmark::State& state) {
  const permutation pattern{static_cast<gpu_t>(state.range(0)), cross_rail::fabric};
  for (auto _ : state) {
    state.PauseTiming();
    auto flows = std::make_unique<detail::contention>();
    auto solver = std::make_unique<cost_models::max_min>();
#ifdef __GLIBC__
    malloc_trim(0);  // else what the last iteration freed is used again
#endif
    state.ResumeTiming();
    pattern.describe(*flows);
    benchmark::DoNotOptimize(solver->rates(*flows).data());
    state.PauseTiming();
    flows.reset(), solver.reset();
    state.ResumeTiming();
  }
  count_flows(state, pattern.flows());
}

/// A random permutation until its last flow has ended, routing included.
void to_completion(benchmark::State& state, bool equal, int queue_pairs) {
  const permutation pattern{static_cast<gpu_t>(state.range(0)), cross_rail::fabric, queue_pairs};
  const std::vector<double> bytes = equal ? std::vector<double>(pattern.flows(), 1e9) : pattern.random_sizes();
  detail::contention flows;
  detail::completion completion;
  double last = 0;
  for (auto _ : state) {
    pattern.describe(flows);
    last = std::ranges::max(completion.ends(flows, bytes));
  }
  state.counters["last_end_ms"] = last * 1e3;
  count_flows(state, pattern.flows());
}

void on_more_machines(benchmark::internal::Benchmark* row) {
  on_machines(row);
  row->Arg(200'704)->Arg(1'048'576)->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(max_min_solve, cross_rail
                  : fabric, cross_rail::fabric)
    ->Name("max_min_solve")
    ->Apply(on_more_machines);
BENCHMARK_CAPTURE(max_min_solve, cross_rail
                  : nvlink, cross_rail::nvlink)
    ->Name("max_min_solve/cross_rail:nvlink")
    ->Apply(on_more_machines);
BENCHMARK(max_min_solve_cold)->Apply(on_more_machines);
BENCHMARK_CAPTURE(to_completion, equal, true, 1)->Name("permutation_to_completion_equal")->Apply(on_more_machines);
BENCHMARK_CAPTURE(to_completion, random, false, 1)->Name("permutation_to_completion_random")->Apply(on_more_machines);
BENCHMARK_CAPTURE(to_completion, random_4, false, 4)
    ->Name("permutation_to_completion_random/queue_pairs:4")
    ->Apply(on_machines)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(to_completion, random_16, false, 16)
    ->Name("permutation_to_completion_random/queue_pairs:16")
    ->Arg(1'024)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace colossus::bench
