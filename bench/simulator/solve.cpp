// SPDX-License-Identifier: Apache-2.0
#include "machine.hpp"

namespace colossus::bench {
namespace {

/// A machine from its parameters.
void build_fabric(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(machine_of(static_cast<gpu_t>(state.range(0))));
}
BENCHMARK(build_fabric)->Apply(on_machines)->Arg(1'048'576)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace colossus::bench
