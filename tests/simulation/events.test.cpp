// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

#include "brute_events.hpp"
#include "replay.hpp"

namespace colossus {
namespace {

using topologies::clos;
using topologies::clos_shape;
using topologies::nodes_of;

/// Pods of nodes of GPUs, each GPU with a NIC of 50 GB/s on a rail of its own; leaves with `up` links to spines.
nodes_of<clos> machine_of(int pods, int nodes_per_pod, int gpus, int up) {
  clos_shape shape;
  shape.pods = pods, shape.nodes_per_pod = nodes_per_pod, shape.nics_per_node = shape.rails = gpus;
  shape.tiers = {{"leaf", nodes_per_pod, up, 50e9, 5e-7, 6e-7}, {"spine", 64, 0, 50e9, 5e-7, 6e-7}};
  topologies::node_shape node;
  node.gpus = gpus;
  node.speeds = {{450e9, 1e-6, 50e9, 1e-6}};
  return {clos{std::move(shape)}, std::move(node)};
}

struct outcome {
  double brute = 0, shared = 0, alone = 0, flow = 0;
};

/// A schedule by every engine.
template <schedule S, topology T>
outcome followed(const S& s, const T& machine, std::span<const gpu_t> placement, double bytes,
                 const simulate_options& o, bool brute = false) {
  using namespace detail;
  const script what{s, static_cast<rank_t>(placement.size()) / s.ranks()};
  wiring wires{machine, o.routing, o.routing.seed};
  const delays waits{o.disturbed, what.ranks()};
  return {brute ? test::brute_events{what, wires, placement, bytes, waits}() : 0,
          time_order<sharing::max_min>{what, wires, placement}(bytes, waits),
          time_order<sharing::none>{what, wires, placement}(bytes, waits),
          data_flow{what, wires, placement}(bytes, waits)};
}

template <class A>
price priced(const auto& machine, problem shape, std::int64_t bytes, simulate_options o, model m) {
  const auto placement = packed(machine, shape.ranks);
  o.cost_model = m;
  return simulate_sweep<A>(machine, placement, shape, std::span{&bytes, 1}, o).front();
}

void expect_near(double found, double expected, double to, const std::string& what) {
  EXPECT_NEAR(found / expected, 1, to) << what << ": expected " << expected << ", found " << found;
}

const disturbance trouble{
    .straggler_share = 0.2, .stragglers = {1}, .straggler_s = 7e-6, .noise_s = 2e-6, .skew_s = 1e-5, .seed = 5};

template <class Visit>
void for_each_algorithm(Visit&& visit) {
  const auto all = [&](auto list) {
    for_each_type(list, [&]<class A>(std::type_identity<A>) { visit(std::type_identity<A>{}); });
  };
  all(algorithms::all_reduce_list{});
  all(algorithms::all_gather_list{});
  all(algorithms::reduce_scatter_list{});
  all(algorithms::broadcast_list{});
  all(algorithms::reduce_list{});
  all(algorithms::all_to_all_list{});
}

/// One GPU a node under leaves that do not block: nobody meets anybody, and the price is the replay of the definition.
TEST(Events, WithoutContentionAreTheDefinition) {
  const auto machine = machine_of(4, 8, 1, 8);
  for_each_algorithm([&]<class A>(std::type_identity<A>) {
    for (const rank_t p : {2, 8, 16, 32})
      for (const std::int64_t bytes : {8, 1 << 16, 1 << 26}) {
        const problem shape{.ranks = p, .nodes = p, .bytes = bytes, .lanes = 1};
        if (!supports<A>(shape)) continue;
        const auto schedule = make<A>(shape);
        const double copies = detail::copies<typename A::collective>();
        const double expected = test::replay(
            schedule, copies * static_cast<double>(bytes), [](rank_t, rank_t) { return 1 / 50e9; },
            [&](rank_t a, rank_t b) { return machine.latency_s(a, b); });
        const price found = priced<A>(machine, shape, bytes, {}, model::discrete_event);
        EXPECT_EQ(found.kind, "events");
        if constexpr (laned_schedule<decltype(schedule)>)
          if (schedule.lane_count() > 1) continue;  // replay knows one interleaving of lanes
        expect_near(found.seconds, expected, 1e-9,
                    std::string{A::collective::name} + ' ' + std::string{A::name} + " on " + std::to_string(p));
      }
  });
}

/// With noise, stragglers and skew, on one machine: the order of events does not matter where they do not meet.
TEST(Events, OrderOfTimeIsOrderOfData) {
  const auto machine = machine_of(2, 4, 4, 4);
  for_each_algorithm([&]<class A>(std::type_identity<A>) {
    const problem shape{.ranks = 32, .nodes = 8, .pods = 2, .bytes = 1 << 20};
    const auto found = followed(make<A>(shape), machine, packed(machine, 32), 1 << 20, {.disturbed = trouble});
    expect_near(found.alone, found.flow, 1e-12, std::string{A::name});
  });
}

/// Exchanges on a fabric that does not block: a rank that is ahead never slows down one that is behind.
TEST(Events, ThoseAheadDoNotHinderThoseBehind) {
  const auto machine = machine_of(4, 8, 1, 8);
  for (const auto& disturbed : {disturbance{}, trouble}) {
    const problem shape{.ranks = 32, .nodes = 32, .bytes = 1 << 22};
    const simulate_options o{.disturbed = disturbed};
    const auto placement = shuffled(machine, 32, 3);
    const auto halving = followed(make<algorithms::halving_doubling>(shape), machine, placement, 1 << 22, o);
    expect_near(halving.shared, halving.flow, 1e-9, "halving_doubling");
    const auto doubling = followed(make<algorithms::recursive_doubling>(shape), machine, placement, 1 << 22, o);
    expect_near(doubling.shared, doubling.flow, 1e-9, "recursive_doubling");
  }
}

TEST(Events, AreThoseThatBruteForceFinds) {
  std::uint64_t state = 1;
  const auto draw = [&](std::uint64_t below) { return static_cast<int>((state = detail::mix(state)) % below); };
  int met = 0;
  for (int round = 0; round < 60; ++round)
    for_each_algorithm([&]<class A>(std::type_identity<A>) {
      const auto machine = machine_of(1 + draw(3), 2, 1 + draw(3), 1 << draw(2));
      const rank_t ranks = 1 + draw(static_cast<std::uint64_t>(machine.gpus()));
      problem shape{.ranks = ranks, .bytes = std::int64_t{1} << (12 + draw(12)), .lanes = draw(4)};
      const auto placement = shuffled(machine, ranks, state);
      shape.nodes = part(machine, placement).nodes;
      if (!supports<A>(shape)) return;
      simulate_options o{.routing = {.kind = static_cast<routing>(draw(3)), .queue_pairs = 1 + draw(3), .seed = state}};
      if (draw(2)) o.disturbed = trouble;
      const auto schedule = make<A>(shape);
      if (schedule.rounds() * ranks > 3000) return;
      const auto found = followed(schedule, machine, placement, static_cast<double>(shape.bytes), o, true);
      if (found.brute == 0) return;
      expect_near(found.shared, found.brute, 1e-9, std::string{A::name} + " of " + std::to_string(ranks));
      met += found.shared > found.alone * 1.01;
    });
  EXPECT_GE(met, 100) << "cases in which messages met";
}

TEST(Events, AgreeWithFoldedPricesOnSymmetricFabrics) {
  for (const int gpus : {1, 4}) {
    const auto machine = machine_of(4, 8, gpus, 8);
    for_each_algorithm([&]<class A>(std::type_identity<A>) {
      const problem shape{.ranks = 32 * gpus, .nodes = 32, .pods = 4, .lanes = 1};
      if (!supports<A>(shape)) return;
      if (gpus > 1 && (A::name == "double_tree" || A::name == "direct")) return;  // meet where they cross rails
      for (const std::int64_t bytes : {1 << 10, 1 << 20, 1 << 26}) {
        const double folded = priced<A>(machine, shape, bytes, {}, model::max_min).seconds;
        const double events = priced<A>(machine, shape, bytes, {}, model::discrete_event).seconds;
        expect_near(folded, events, 0.01,
                    std::string{A::collective::name} + ' ' + std::string{A::name} + ' ' + std::to_string(bytes));
      }
    });
  }
}

TEST(Events, AgreeWithFoldedPricesOfRingsUnderEcmp) {
  const auto machine = machine_of(4, 8, 4, 8);
  const auto expect_close = [&]<class A>(std::type_identity<A>) {
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      const simulate_options o{.routing = {.kind = routing::ecmp, .seed = seed}};
      const problem shape{.ranks = 128, .nodes = 32, .pods = 4, .lanes = 1};
      expect_near(priced<A>(machine, shape, 1 << 26, o, model::max_min).seconds,
                  priced<A>(machine, shape, 1 << 26, o, model::discrete_event).seconds, 0.01, std::string{A::name});
    }
  };
  expect_close(std::type_identity<algorithms::ring>{});
  expect_close(std::type_identity<algorithms::ring_all_gather>{});
  expect_close(std::type_identity<algorithms::ring_reduce_scatter>{});
}

TEST(Events, AreTheSameEveryTime) {
  const auto machine = machine_of(4, 8, 4, 8);
  const simulate_options o{.routing = {.kind = routing::ecmp, .queue_pairs = 2, .seeds = 2}, .disturbed = trouble};
  const problem shape{.ranks = 100, .nodes = 25};
  const price first = priced<algorithms::halving_doubling>(machine, shape, 1 << 24, o, model::discrete_event);
  EXPECT_EQ(first.draws, priced<algorithms::halving_doubling>(machine, shape, 1 << 24, o, model::discrete_event).draws);
  EXPECT_NE(first.draws[0], first.draws[1]);
}

/// Two ranks swap halves twice; the one that straggles sends the last message.
TEST(Events, StragglersWaitBeforeEachMessage) {
  const auto machine = machine_of(1, 2, 1, 1);
  const double busy = (1 << 20) / 2 / 50e9, latency = machine.latency_s(0, 1);
  const simulate_options slow{.disturbed = {.stragglers = {1}, .straggler_s = 1e-3}};
  expect_near(priced<algorithms::halving_doubling>(machine, {.ranks = 2}, 1 << 20, slow, model::discrete_event).seconds,
              2 * (1e-3 + busy) + latency, 1e-9, "two rounds");
}

TEST(Events, GroupsMeetWhereTheirPathsDo) {
  const auto machine = machine_of(2, 4, 1, 1);  // four nodes share one link up
  const std::vector<std::vector<gpu_t>> apart{{0, 1}, {2, 3}}, across{{0, 4}, {1, 5}};
  const std::int64_t bytes = 1 << 26;
  const simulate_options o{.cost_model = model::discrete_event};
  const auto seconds = [&](std::span<const std::vector<gpu_t>> groups) {
    return simulate_sweep<algorithms::halving_doubling>(machine, groups, {.nodes = 2}, std::span{&bytes, 1},
                                                        std::span{&o, 1})
        .front()
        .front()
        .seconds;
  };
  const double busy = 2 * (1 << 25) / 50e9;
  expect_near(seconds(apart), busy + 2 * machine.latency_s(0, 1), 1e-9, "in their pods");
  expect_near(seconds(std::span{across}.first(1)), busy + 2 * machine.latency_s(0, 4), 1e-9, "one across");
  expect_near(seconds(across), 2 * busy + 2 * machine.latency_s(0, 4), 1e-9, "two across");
}

TEST(Events, RefuseWhatTakesTooLong) {
  const auto machine = machine_of(4, 8, 4, 8);
  EXPECT_THROW(priced<algorithms::direct_all_to_all>(topologies::single_switch{50000, 50e9, 1e-6}, {.ranks = 50000},
                                                     1 << 20, {}, model::discrete_event),
               error);
  const simulate_options queues{.packets = fitted_packets};
  EXPECT_THROW(priced<algorithms::ring>(machine, {.ranks = 8}, 1 << 20, queues, model::discrete_event), error);
}

/// Against a plain list: events set, moved, removed and taken at random, many of them at equal times.
TEST(EventQueue, TakesTheEarliest) {
  std::uint64_t state = 7;
  const auto draw = [&](std::uint64_t below) { return (state = detail::mix(state)) % below; };
  for (int round = 0; round < 60; ++round) {
    const auto count = static_cast<std::uint32_t>(1 + draw(100));
    detail::event_queue queue{count};
    std::vector<double> times(count, -1);
    double now = 0;
    for (int i = 0; i < 3000; ++i) {
      const auto event = static_cast<std::uint32_t>(draw(count));
      if (const auto what = draw(4); what < 2) {
        const double step = static_cast<double>(draw(round % 2 ? 4 : 1 << 20)) * (draw(3) ? 0x1p-20 : 1);
        queue.set(event, times[event] = now + step);
      } else if (what == 2) {
        queue.remove(event);
        times[event] = -1;
      } else {
        const double until = draw(2) ? detail::event_queue::never : now + static_cast<double>(draw(100)) * 0x1p-24;
        double least = detail::event_queue::never;
        for (const double t : times)
          if (t >= 0) least = std::min(least, t);
        std::uint32_t found = 0;
        const bool any = queue.take(until, found);
        ASSERT_EQ(any, least <= until && least < detail::event_queue::never);
        if (any) {
          ASSERT_EQ(times[found], least);
          now = least, times[found] = -1;
        } else if (until < detail::event_queue::never) {
          now = std::max(now, until);
        }
      }
    }
  }
}

}  // namespace
}  // namespace colossus
