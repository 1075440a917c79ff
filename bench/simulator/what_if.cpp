// SPDX-License-Identifier: Apache-2.0
#include "permutation.hpp"

#include <colossus/cost_models/max_min.hpp>
#include <colossus/detail/fair_share.hpp>

namespace colossus::bench {
namespace {

using topologies::cross_rail;

/// A random permutation, solved, whose rates follow what changes.
class solved {
 public:
  explicit solved(gpu_t gpus) : pattern{gpus, cross_rail::fabric} {
    const auto& machine = pattern.machine();
    std::vector<double> capacity(machine.links());
    for (link_t at = 0; at < machine.links(); ++at) capacity[at] = machine.capacity(at);
    share.reset(capacity);
    detail::contention flows;
    pattern.describe(flows);
    for (std::size_t flow = 0; flow < pattern.flows(); ++flow) {
      route_of(flow);
      share.add(route);
    }
    cost_models::max_min solver;
    share.adopt(solver.rates(flows));
    std::vector<int> users(machine.links());
    for (std::size_t flow = 0; flow < pattern.flows(); ++flow)
      for (const std::uint32_t at : share.route(static_cast<std::uint32_t>(flow))) ++users[at];
    for (link_t at = 0; at < machine.links(); ++at) {
      if (users[at] > 1) shared.push_back(at);
      if (users[at] > users[busiest]) busiest = at;
    }
  }
  void route_of(std::size_t flow) {
    route.clear();
    pattern.route(flow, [&](link_t at) { route.push_back(at); });
  }

  permutation pattern;
  detail::fair_share share;
  std::vector<std::uint32_t> route;
  std::vector<link_t> shared;  // links with several flows
  link_t busiest = 0;
};

/// New rates where the capacity of one link that flows share is halved, and again where it is as before; all such links
/// in turn.
void what_if_capacity(benchmark::State& state) {
  solved now{static_cast<gpu_t>(state.range(0))};
  std::size_t at = 0, felt = 0;
  for (auto _ : state) {
    const link_t link = now.shared[at++ * 7919 % now.shared.size()];
    const double whole = now.share.capacity(link);
    now.share.set_capacity(link, whole / 2);
    felt += now.share.relax().size();
    now.share.set_capacity(link, whole);
    now.share.relax();
  }
  state.counters["rates_changed"] = benchmark::Counter(static_cast<double>(felt), benchmark::Counter::kAvgIterations);
  count_flows(state, 2 * now.pattern.flows());
}

/// New rates where the busiest link is dead and its flows go another way, found from all routes; or is whole again.
void what_if_reroute(benchmark::State& state) {
  solved now{static_cast<gpu_t>(state.range(0))};
  const auto healthy = now.pattern.machine();
  auto broken = healthy;
  broken.keep(now.busiest, now.busiest, 0);
  std::size_t moved = 0;
  for (auto _ : state) {
    now.pattern.machine().break_like(now.pattern.machine().healthy() ? broken : healthy);
    for (std::size_t flow = 0; flow < now.pattern.flows(); ++flow) {
      const auto id = static_cast<std::uint32_t>(flow);
      now.route_of(flow);
      if (std::ranges::equal(now.route, now.share.route(id))) continue;
      now.share.remove(id);
      now.share.add(now.route);  // takes the number that has just become free
      ++moved;
    }
    benchmark::DoNotOptimize(now.share.relax().data());
  }
  state.counters["flows_moved"] = benchmark::Counter(static_cast<double>(moved), benchmark::Counter::kAvgIterations);
  count_flows(state, now.pattern.flows());
}

void on_wide_machines(benchmark::internal::Benchmark* row) {
  for (const int gpus : {1'024, 4'096, 16'384, 100'352, 131'072}) row->Arg(gpus);
  row->Unit(benchmark::kMillisecond);
}
BENCHMARK(what_if_capacity)->Apply(on_wide_machines)->Unit(benchmark::kMicrosecond);
BENCHMARK(what_if_reroute)->Apply(on_wide_machines);

}  // namespace
}  // namespace colossus::bench
