// SPDX-License-Identifier: Apache-2.0
#include "counters.hpp"
#include "machine.hpp"

#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>

#include <chrono>

namespace colossus::bench {
namespace {

using namespace algorithms;
using clock = std::chrono::steady_clock;

constexpr std::int64_t bytes = 64 << 20;

/// An algorithm on a machine like colossus-100k, one lane, the type forgotten.
template <class A>
struct stage {
  stage(gpu_t gpus, bool mixed, const routing_options& routes)
      : machine{machine_of(gpus)},
        placement{mixed ? shuffled(machine, gpus, 1) : packed(machine, gpus)},
        schedule{make<A>(shape())},
        what{schedule},
        wires{machine, routes, routes.seed} {}
  problem shape() const {
    problem p = part(machine, placement);
    p.bytes = bytes, p.lanes = 1;
    return p;
  }

  topologies::nodes_of<topologies::clos> machine;
  std::vector<gpu_t> placement;
  schedule_of<A> schedule;
  detail::script what;
  detail::wiring wires;
};

/// Messages that an iteration follows, as a rate.
void count_messages(benchmark::State& state, std::int64_t messages) {
  state.counters["messages_per_second"] =
      benchmark::Counter(static_cast<double>(messages), benchmark::Counter::kIsIterationInvariantRate);
  count_memory(state);
}

/// Adaptive routing, packed. `survey_s`: what it takes to see that nobody can meet anybody, once for all sizes; where
/// somebody can, as in a tree in rank order, the row still says how fast the engine is.
template <class A>
void free_of_contention(benchmark::State& state) {
  stage<A> on{static_cast<gpu_t>(state.range(0)), false, {}};
  const auto before = clock::now();
  const detail::survey load{on.what, on.wires, on.placement};
  state.counters["survey_s"] = std::chrono::duration<double>(clock::now() - before).count();
  const detail::delays waits{{}, on.what.ranks()};
  for (auto _ : state) {
    detail::data_flow flow{on.what, on.wires, on.placement};
    benchmark::DoNotOptimize(flow(bytes, waits));
    count_messages(state, flow.messages());
  }
}

/// In order of time, with an exponential delay of 1 us in the mean before each message; nobody meets anybody.
template <class A>
void noise(benchmark::State& state) {
  stage<A> on{static_cast<gpu_t>(state.range(0)), false, {}};
  const detail::delays waits{{.noise_s = 1e-6}, on.what.ranks()};
  for (auto _ : state) {
    detail::tallied.messages = 0;
    benchmark::DoNotOptimize(detail::time_order<detail::sharing::none>{on.what, on.wires, on.placement}(bytes, waits));
  }
  count_messages(state, detail::tallied.messages);
}

/// Whole nodes shuffled over the machine, one path for each connection, drawn: everything that a price takes.
template <class A>
void contended(benchmark::State& state) {
  const routing_options routes{.kind = routing::ecmp};
  const stage<A> on{static_cast<gpu_t>(state.range(0)), true, routes};
  const detail::delays waits{{}, on.what.ranks()};
  for (auto _ : state) {
    detail::tallied.messages = 0;
    detail::wiring wires{on.machine, routes, 1};
    benchmark::DoNotOptimize(detail::event_pricing{on.what, wires, on.placement}.seconds(bytes, waits));
  }
  count_messages(state, detail::tallied.messages);
}

template <class A>
void add_rows(int most_free, int most_noise, int most_contended) {
  const auto add = [&](const std::string& what, void (*row)(benchmark::State&), int most) {
    const std::string name = what + '/' + std::string{A::collective::name} + '/' + std::string{A::name};
    auto* const made = benchmark::RegisterBenchmark(name.c_str(), row)->Unit(benchmark::kMillisecond);
    for (const int gpus : {64, 512, 1'024, 4'096, 16'384, 100'352, 131'072})
      if (gpus <= most) made->Arg(gpus);
  };
  add("discrete_event_free", free_of_contention<A>, most_free);
  add("discrete_event_noise", noise<A>, most_noise);
  add("discrete_event_contended", contended<A>, most_contended);
}

/// Sizes at which a row takes some seconds.
[[maybe_unused]] const bool added = [] {
  constexpr int any = 131'072;
  add_rows<halving_doubling>(any, any, 100'352);
  add_rows<recursive_doubling>(any, any, 16'384);
  add_rows<bruck_all_gather>(any, any, 16'384);
  add_rows<hierarchical<>>(any, 16'384, 4'096);
  add_rows<double_tree>(16'384, 4'096, 4'096);
  add_rows<ring>(4'096, 4'096, 1'024);
  return true;
}();

}  // namespace
}  // namespace colossus::bench
