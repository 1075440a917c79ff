// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

/// Two pods of four nodes with 4 GPUs on 4 rails.
topologies::nodes_of<topologies::clos> pair_of_pods() {
  topologies::clos_shape shape;
  shape.pods = 2, shape.nodes_per_pod = 4, shape.nics_per_node = shape.rails = 4;
  shape.tiers = {{"leaf", 4, 4, 50e9, 5e-7, 6e-7}, {"spine", 64, 0, 50e9, 4e-7, 6e-7, 2, 1}};
  topologies::node_shape node;
  node.gpus = 4;
  node.speeds = {{450e9, 1e-6, 50e9, 1.5e-6}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

/// By how much the folded price of lanes a level apart is above that of the events, at most, over sizes.
template <class A>
double widest_gap(const routing_options& routes, bool packs) {
  const auto machine = pair_of_pods();
  const auto placement = packs ? packed(machine, machine.gpus()) : shuffled(machine, machine.gpus(), 1);
  const problem shape = part(machine, placement);
  const std::vector<std::int64_t> sizes{1 << 20, 8 << 20, 32 << 20, 128 << 20, 512 << 20};
  simulate_options folded{.routing = routes}, events = folded;
  events.cost_model = model::discrete_event;
  const auto a = simulate_sweep<A>(machine, placement, shape, sizes, folded);
  const auto b = simulate_sweep<A>(machine, placement, shape, sizes, events);
  double widest = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) widest = std::max(widest, std::abs(a[i].seconds / b[i].seconds - 1));
  return widest;
}

using halvings = algorithms::hierarchical<algorithms::halving_doubling, algorithms::halving_doubling>;
using rings = algorithms::hierarchical<algorithms::ring, algorithms::ring>;

TEST(Staggered, LanesOfAHierarchyAreThoseOfTheEvents) {
  EXPECT_LE(widest_gap<halvings>({.kind = routing::adaptive}, true), 0.01);
  EXPECT_LE(widest_gap<rings>({.kind = routing::adaptive}, true), 0.01);
}

/// What goes up and down a tree is long under way, and busies a rank in some rounds only.
TEST(Staggered, LanesWithATreeOutsideAreNearThoseOfTheEvents) {
  EXPECT_LE(widest_gap<algorithms::hierarchical<>>({.kind = routing::adaptive}, true), 0.08);
  EXPECT_LE(widest_gap<algorithms::hierarchical<>>({.kind = routing::adaptive}, false), 0.11);
}

TEST(Staggered, LanesThatDrawTheirPathsMeetByChance) {
  EXPECT_LE(widest_gap<halvings>({.kind = routing::ecmp, .seeds = 3}, false), 0.1);
}

}  // namespace
}  // namespace colossus
