// SPDX-License-Identifier: Apache-2.0
// What broken parts cost, where a formula says it.
#include <colossus/algorithms.hpp>
#include <colossus/placement.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies/parts.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

using topologies::part_kind;
using machine = topologies::nodes_of<topologies::clos>;

/// Pods of `nodes` nodes with a GPU each, under a leaf with `cables` cables of 25 GB/s up; NICs have 50 GB/s.
machine pods_of(std::int32_t pods, std::int32_t nodes, std::int32_t cables) {
  topologies::clos_shape shape{pods, nodes, 1, 1, 1, {}};
  shape.tiers = {{"leaf", nodes, cables, 50e9, 1e-7, 3e-7}, {"spine", pods * cables, 0, 25e9, 1e-7, 3e-7}};
  topologies::node_shape node;
  node.gpus = 1, node.speeds = {{400e9, 4e-7, 50e9, 5e-7}};
  return {topologies::clos{shape}, node};
}

void break_part(machine& m, part_kind kind, std::int64_t number, double share = 0) {
  for (const auto& of : part_classes(m))
    if (of.kind == kind && of.tier == 0) impair(m, of, number, share);
}

/// Seconds for each byte of a ring's all-reduce: the price's slope in its size.
double slope(const machine& m, routing how) {
  const auto placement = packed(m, usable_gpus(m));
  problem shape = part(m, placement);
  shape.lanes = 1;
  simulate_options options;
  options.routing.kind = how, options.routing.seed = 3;
  const std::int64_t sizes[] = {std::int64_t{1} << 34, std::int64_t{1} << 35};
  const auto prices = simulate_sweep<algorithms::ring>(m, placement, shape, sizes, options);
  return (prices[1].seconds - prices[0].seconds) / static_cast<double>(sizes[1] - sizes[0]);
}

/// A ring of P ranks sends 2 (P - 1) / P of the bytes over its slowest edge (Patarasuk and Yuan 2009).
double ring_slope(int ranks, double slowest) { return 2.0 * (ranks - 1) / ranks / slowest; }

TEST(FaultPrices, AdaptiveRoutingLosesTheShareOfADeadCable) {
  machine m = pods_of(2, 1, 4);
  EXPECT_NEAR(slope(m, routing::adaptive) / ring_slope(2, 50e9), 1, 1e-9) << "as fast as the NIC";
  break_part(m, part_kind::link, 1), break_part(m, part_kind::link, 2);
  EXPECT_NEAR(slope(m, routing::adaptive) / ring_slope(2, 50e9), 1, 1e-9) << "two cables carry it all";
  break_part(m, part_kind::link, 3);
  EXPECT_NEAR(slope(m, routing::adaptive) / ring_slope(2, 25e9), 1, 1e-9);
  break_part(m, part_kind::link, 0, 0.5);
  EXPECT_NEAR(slope(m, routing::adaptive) / ring_slope(2, 12.5e9), 1, 1e-9) << "a cable that flaps half of the time";
}

TEST(FaultPrices, OtherRoutingsGoAroundADeadCableButNotADegradedOne) {
  for (const routing how : {routing::ecmp, routing::deterministic}) {
    machine m = pods_of(2, 1, 4);
    EXPECT_NEAR(slope(m, how) / ring_slope(2, 25e9), 1, 1e-9);
    for (const int dead : {0, 2, 3}) break_part(m, part_kind::link, dead);
    EXPECT_NEAR(slope(m, how) / ring_slope(2, 25e9), 1, 1e-9);
    break_part(m, part_kind::link, 1, 0.25);
    EXPECT_NEAR(slope(m, how) / ring_slope(2, 6.25e9), 1, 1e-9) << "the only one left";
  }
}

TEST(FaultPrices, ADegradedNicPacesTheRing) {
  machine m = pods_of(2, 3, 6);
  break_part(m, part_kind::nic, 4, 0.1);
  EXPECT_NEAR(slope(m, routing::adaptive) / ring_slope(6, 5e9), 1, 1e-9);
}

TEST(FaultPrices, ANodeThatIsDownTakesNoRank) {
  machine m = pods_of(2, 3, 6);
  break_part(m, part_kind::node, 1);
  EXPECT_EQ(packed(m, usable_gpus(m)), (std::vector<gpu_t>{0, 2, 3, 4, 5}));
  EXPECT_EQ(spread(m, 4), (std::vector<gpu_t>{0, 3, 4, 2}));
  EXPECT_NEAR(slope(m, routing::adaptive) / ring_slope(5, 50e9), 1, 1e-9);
  EXPECT_THROW(packed(m, 6), error);
  EXPECT_THROW(placed_on(m, "p0-n1", 1), error);
  break_part(m, part_kind::pod, 1);
  EXPECT_EQ(usable_gpus(m), 2);
}

TEST(FaultPrices, LanesThatMeetOtherPartsAreNoLongerExact) {
  machine m = pods_of(2, 1, 4);
  const auto kind = [&](int lanes) {
    const std::int64_t bytes = 1 << 20;
    problem shape = part(m, packed(m, 2));
    shape.lanes = lanes;
    return simulate_sweep<algorithms::ring>(m, packed(m, 2), shape, std::span{&bytes, 1}).front().kind;
  };
  EXPECT_EQ(kind(2), "exact");
  break_part(m, part_kind::link, 1);
  EXPECT_EQ(kind(1), "exact");
  EXPECT_EQ(kind(2), "lockstep");
}

TEST(FaultPrices, ADeadSwitchCutsOffWhatHasNoOther) {
  machine m = pods_of(2, 2, 2);
  break_part(m, part_kind::switch_, 1);
  EXPECT_THROW(slope(m, routing::adaptive), error);
}

}  // namespace
}  // namespace colossus
