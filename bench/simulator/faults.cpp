// SPDX-License-Identifier: Apache-2.0
#include "broken_machine.hpp"
#include "counters.hpp"

#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>

namespace colossus::bench {
namespace {

/// A machine from its parameters, and its faults.
void build_broken_fabric(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(broken_machine(static_cast<gpu_t>(state.range(0))));
}
BENCHMARK(build_broken_fabric)->Apply(on_machines)->Arg(1'048'576)->Unit(benchmark::kMillisecond);

/// One price of 64 MiB on all GPUs of such a machine, one rank in a hundred of which is late by a microsecond with each
/// message.
template <class A>
void degraded_collective(benchmark::State& state, routing how) {
  const auto gpus = static_cast<gpu_t>(state.range(0));
  const auto machine = broken_machine(gpus);
  const auto placement = packed(machine, gpus);
  const problem shape = part(machine, placement);
  const std::int64_t bytes = 64 << 20;
  simulate_options options;
  options.routing.kind = how;
  options.disturbed.straggler_share = 0.01, options.disturbed.straggler_s = 1e-6;
  price priced;
  for (auto _ : state) priced = simulate_sweep<A>(machine, placement, shape, std::span{&bytes, 1}, options).front();
  state.counters["price_us"] = priced.seconds * 1e6;
  count_memory(state);
  state.SetLabel(std::string{priced.kind});
}

[[maybe_unused]] const bool added = [] {
  const auto add = [&]<class A>(std::type_identity<A>) {
    for (const routing how : {routing::adaptive, routing::ecmp}) {
      const std::string name = "degraded_collective/" + std::string{to_string(how)} + "/" +
                               std::string{A::collective::name} + "/" + std::string{A::name};
      benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) { degraded_collective<A>(state, how); })
          ->Apply(on_machines)
          ->Unit(benchmark::kMillisecond);
    }
  };
  add(std::type_identity<algorithms::ring>{});
  add(std::type_identity<algorithms::halving_doubling>{});
  add(std::type_identity<algorithms::hierarchical<>>{});
  benchmark::RegisterBenchmark(
      "degraded_collective",  // the slowest of these, under one short name
      [](benchmark::State& state) { degraded_collective<algorithms::hierarchical<>>(state, routing::ecmp); })
      ->Apply(on_machines)
      ->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace colossus::bench
