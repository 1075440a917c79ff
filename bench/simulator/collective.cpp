// SPDX-License-Identifier: Apache-2.0
#include "counters.hpp"
#include "machine.hpp"

#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>

namespace colossus::bench {
namespace {

/// One price of 64 MiB on all GPUs of a healthy machine that is already built; one draw of routes where they are drawn.
template <class A>
void healthy_collective(benchmark::State& state, routing how, gpu_t gpus) {
  const auto machine = machine_of(gpus);
  const auto placement = packed(machine, gpus);
  const std::int64_t bytes = 64 << 20;
  const problem shape = part(machine, placement);
  simulate_options options;
  options.routing.kind = how;
  price priced;
  try {
    for (auto _ : state) priced = simulate_sweep<A>(machine, placement, shape, std::span{&bytes, 1}, options).front();
  } catch (const error& refused) {
    return state.SkipWithError(refused.what());
  }
  state.counters["price_us"] = priced.seconds * 1e6;
  state.SetLabel(std::string{priced.kind});
  count_memory(state);
}

template <class A>
void add_rows(routing how) {
  const std::string name = "healthy_collective/" + std::string{to_string(how)} + "/" +
                           std::string{A::collective::name} + "/" + std::string{A::name} + "/";
  for (const gpu_t gpus : {1'024, 4'096, 100'352, 131'072})
    benchmark::RegisterBenchmark((name + std::to_string(gpus)).c_str(), [=](benchmark::State& state) {
      healthy_collective<A>(state, how, gpus);
    })->Unit(benchmark::kMillisecond);
}

/// Every algorithm of four collectives, 32 sizes from 8 bytes to 16 GiB, adaptive routing and one draw of ECMP.
void healthy_sweep(benchmark::State& state) {
  const auto machine = machine_of(static_cast<gpu_t>(state.range(0)));
  const auto placement = packed(machine, machine.gpus());
  const problem shape = part(machine, placement);
  std::vector<std::int64_t> bytes;
  for (int log = 3; log < 35; ++log) bytes.push_back(std::int64_t{1} << log);
  std::vector<simulate_options> options(2);
  options[1].routing.kind = routing::ecmp;
  using four = append<algorithms::all_reduce_list, algorithms::all_gather_list, algorithms::reduce_scatter_list,
                      algorithms::broadcast_list>;
  std::int64_t prices = 0;
  for (auto _ : state)
    for_each_type(four{}, [&]<class A>(std::type_identity<A>) {
      if (!supports<A>(shape)) return;
      for (const auto& under : simulate_sweep<A>(machine, placement, shape, bytes, options))
        prices += static_cast<std::int64_t>(under.size());
    });
  state.counters["prices_per_second"] = benchmark::Counter(static_cast<double>(prices), benchmark::Counter::kIsRate);
  count_memory(state);
}
BENCHMARK(healthy_sweep)->Arg(100'352)->Arg(131'072)->Arg(200'704)->Unit(benchmark::kMillisecond);

[[maybe_unused]] const bool added = [] {
  for (const routing how : {routing::adaptive, routing::ecmp})
    for_each_type(algorithms::all{}, [&]<class A>(std::type_identity<A>) { add_rows<A>(how); });
  return true;
}();

}  // namespace
}  // namespace colossus::bench
