// SPDX-License-Identifier: Apache-2.0
#include "counters.hpp"
#include "machine.hpp"

#include <colossus/algorithms.hpp>
#include <colossus/groups.hpp>
#include <colossus/simulate.hpp>

namespace colossus::bench {
namespace {

/// Every GPU of a shuffled machine in one of 64 data-parallel groups (8 on machines of up to 4,096 GPUs): what a
/// collective of 64 MiB takes in all of them at once, and how much slower that is than in one alone.
template <class A>
void groups_at_once(benchmark::State& state, routing how) {
  const auto gpus = static_cast<gpu_t>(state.range(0));
  const auto machine = machine_of(gpus);
  const auto groups = strided_groups(shuffled(machine, gpus, 1), gpus > 4'096 ? 64 : 8);
  const problem shape = part_of_groups(machine, groups);
  const simulate_options options{.routing = {.kind = how, .seeds = 1}};
  constexpr std::int64_t bytes = 64 << 20;
  const auto seconds = [&](std::span<const std::vector<gpu_t>> of) {
    return simulate_sweep<A>(machine, of, shape, std::span{&bytes, 1}, std::span{&options, 1})[0][0].seconds;
  };
  double at_once = 0;
  for (auto _ : state) at_once = seconds(groups);
  state.counters["predicted_s"] = at_once;
  state.counters["slowdown"] = at_once / seconds(std::span{groups}.first(1));
  count_memory(state);
}

template <class A>
void row(routing how) {
  const std::string name = "groups_at_once/" + std::string{to_string(how)} + "/" + std::string{A::collective::name} +
                           "/" + std::string{A::name};
  benchmark::RegisterBenchmark(name.c_str(), groups_at_once<A>, how)
      ->Arg(1'024)
      ->Arg(4'096)
      ->Arg(100'352)
      ->Arg(131'072)
      ->Unit(benchmark::kMillisecond);
}

[[maybe_unused]] const bool registered = [] {
  for (const routing how : {routing::adaptive, routing::ecmp})
    row<algorithms::ring>(how), row<algorithms::halving_doubling>(how);
  return true;
}();

}  // namespace
}  // namespace colossus::bench
