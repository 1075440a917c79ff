// SPDX-License-Identifier: Apache-2.0
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

#include <set>

namespace colossus::topologies {
namespace {

template <class T>
std::vector<link_t> path(const T& fabric, gpu_t a, gpu_t b, routing how, std::uint64_t entropy = 0) {
  std::vector<link_t> links;
  fabric.route(a, b, how, entropy, [&](link_t link) { links.push_back(link); });
  return links;
}

TEST(Divider, IsDivision) {
  for (const std::uint32_t d : {1u, 2u, 3u, 7u, 8u, 49u, 64u, 100u, 641u, 65537u, 1000000u, (1u << 30) + 1})
    for (const std::uint32_t n : {0u, 1u, d - 1, d, d + 1, 2 * d - 1, 100351u, 99999999u, (1u << 31) - 1}) {
      if (n >= 1u << 31) continue;
      EXPECT_EQ(detail::divider{d}.quotient(n), n / d) << n << " / " << d;
      EXPECT_EQ(detail::divider{d}.remainder(n), n % d) << n << " % " << d;
    }
  EXPECT_EQ(detail::divider{}.quotient(12345), 12345u);
}

TEST(HashDraw, UsesEachBitOnce) {
  detail::hash_draw draw{0x8000000000000000u};  // one half
  EXPECT_EQ(draw.below(2), 1u);
  EXPECT_EQ(draw.below(1000), 0u);
  detail::hash_draw third{0xffffffffffffffffu};
  EXPECT_EQ(third.below(3), 2u);
  EXPECT_EQ(third.below(3), 2u);
}

TEST(Stripe, IsTheSmallestThatCarriesAllAndDivides) {
  EXPECT_EQ(stripe(49, 64, 64), 64);
  EXPECT_EQ(stripe(32, 64, 128), 16);
  EXPECT_EQ(stripe(32, 72, 144), 18);  // 16 would do, but does not divide 72
  EXPECT_EQ(stripe(8, 28, 224), 1);
  EXPECT_EQ(stripe(65, 64, 64), 0);
}

TEST(SingleSwitch, OnePortEachWay) {
  const single_switch fabric{4, 50e9, 2e-6};
  EXPECT_EQ(path(fabric, 1, 3, routing::ecmp), (std::vector<link_t>{1, 7}));
  EXPECT_TRUE(path(fabric, 2, 2, routing::ecmp).empty());
  EXPECT_EQ(fabric.links(), 8u);
  EXPECT_EQ(fabric.kinds()[static_cast<std::size_t>(fabric.kind(7))], "port in");
  EXPECT_EQ(fabric.link_name(7), "port in 3");
  EXPECT_DOUBLE_EQ(fabric.latency_s(0, 1), 2e-6);
  EXPECT_DOUBLE_EQ(fabric.latency_s(1, 1), 0);
  EXPECT_DOUBLE_EQ(fabric.bisection(), 100e9);
  EXPECT_THROW((single_switch{0, 1, 0}), error);
}

clos_shape two_tiers() {
  return {4, 4, 8, 8, 1, {{"leaf", 4, 4, 50e9, 1e-7, 3e-7}, {"spine", 16, 0, 50e9, 2e-7, 4e-7, 4, 1}}};
}
nodes_of<clos> machine(const clos_shape& shape, std::int32_t gpus = 8, std::int32_t domain = 1) {
  node_shape nodes;
  nodes.gpus = gpus, nodes.nodes_per_domain = domain;
  nodes.speeds = {{400e9, 4e-7, 50e9, 5e-7}};
  return {clos{shape}, nodes};
}

TEST(NodesOf, LatencyIsTheSumOfItsParts) {
  const auto fabric = machine(two_tiers());
  EXPECT_DOUBLE_EQ(fabric.latency_s(0, 0), 0);
  EXPECT_DOUBLE_EQ(fabric.latency_s(0, 1), 4e-7);
  EXPECT_NEAR(fabric.latency_s(0, 8), 2 * 5e-7 + 2 * 1e-7 + 3e-7, 1e-18);
  EXPECT_NEAR(fabric.latency_s(0, 32), 2 * 5e-7 + 2 * 1e-7 + 2 * 3e-7 + 2 * 2e-7 + 4e-7, 1e-18);
  EXPECT_NEAR(fabric.latency_s(0, 33), fabric.latency_s(0, 32) + 4e-7, 1e-18);  // to another rail, over NVLink first
  EXPECT_EQ(fabric.distances(), 6);
  EXPECT_EQ(fabric.distance_name(3), "through 3 switches (spine)");
}

TEST(NodesOf, CrossesRailsOnTheSendersNode) {
  const auto fabric = machine(two_tiers());
  std::vector<std::string> names;
  for (const link_t link : path(fabric, 3, 32 * 3 + 8 + 5, routing::deterministic))
    names.push_back(fabric.link_name(link));
  const std::vector<std::string> expected{"NVLink out p0-n0 gpu3", "NVLink in p0-n0 gpu5", "NIC out p0-n0 nic5",
                                          "leaf p0 r5 up 1",       "leaf p3 r5 down 1",    "NIC in p3-n1 nic5"};
  EXPECT_EQ(names, expected);
}

TEST(NodesOf, StaysOnNVLinkInsideADomain) {
  clos_shape shape = two_tiers();
  shape.nics_per_node = shape.rails = 4, shape.tiers[1].group_rails = 1;
  const auto fabric = machine(shape, 4, 2);  // domains of two nodes of four
  EXPECT_EQ(fabric.gpus_per_domain(), 8);
  EXPECT_EQ(path(fabric, 0, 7, routing::ecmp).size(), 2u);
  EXPECT_EQ(path(fabric, 0, 8, routing::adaptive).size(), 2u);  // two NICs on one leaf
  EXPECT_EQ(fabric.distance(0, 7), 1);
  EXPECT_EQ(fabric.distance(0, 8), 2);
  EXPECT_THROW(machine(shape, 4, 3), error);
}

TEST(NodesOf, SharesANicBetweenGpus) {
  clos_shape shape = two_tiers();
  shape.nics_per_node = 4, shape.rails = 4;
  const auto fabric = machine(shape);
  const auto nic = [&](gpu_t gpu) { return path(fabric, gpu, 64 + gpu, routing::adaptive).front(); };
  EXPECT_EQ(nic(0), nic(1));
  EXPECT_EQ(nic(6), nic(7));
  EXPECT_NE(nic(1), nic(2));
  EXPECT_EQ(fabric.link_name(nic(7)), "NIC out p0-n0 nic3");
}

TEST(NodesOf, MixesTypesOfNodes) {
  node_shape nodes;
  nodes.speeds = {{400e9, 4e-7, 50e9, 5e-7}, {800e9, 4e-7, 100e9, 5e-7}, {800e9, 6e-7, 100e9, 7e-7}};
  nodes.type_of_pod = {0, 0, 1, 2};
  const nodes_of<clos> fabric{clos{two_tiers()}, nodes};
  const auto nic_out = [&](gpu_t gpu) {
    return fabric.capacity(path(fabric, gpu, (gpu + 32) % 128, routing::ecmp)[0]);
  };
  EXPECT_DOUBLE_EQ(nic_out(0), 50e9);
  EXPECT_DOUBLE_EQ(nic_out(64), 100e9);
  EXPECT_DOUBLE_EQ(fabric.capacity(path(fabric, 64, 65, routing::ecmp)[1]), 800e9);
  EXPECT_EQ(fabric.distance(0, 32), fabric.distance(0, 64));  // types 0 and 1 differ in rates only
  EXPECT_NE(fabric.distance(0, 32), fabric.distance(0, 96));
  EXPECT_NEAR(fabric.latency_s(0, 96) - fabric.latency_s(0, 32), 2e-7, 1e-18);
  EXPECT_NEAR(fabric.latency_s(96, 97), 6e-7, 1e-18);
}

TEST(Clos, RefusesWhatDoesNotAddUp) {
  const auto complaint = [](auto change) {
    clos_shape shape = two_tiers();
    change(shape);
    try {
      clos{shape};
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), failure::input);
      return std::string{e.what()};
    }
    return std::string{"accepted"};
  };
  EXPECT_NE(complaint([](clos_shape& s) { s.rails = 3; }).find("/rails: expected a divisor of the NICs"),
            std::string::npos);
  EXPECT_NE(complaint([](clos_shape& s) { s.tiers[1].group_pods = 3; }).find("/tiers/1/group/pods: expected a divisor"),
            std::string::npos);
  EXPECT_NE(complaint([](clos_shape& s) { s.tiers[1].group_pods = 2; }).find("not joined by any tier above"),
            std::string::npos);
  EXPECT_NE(complaint([](clos_shape& s) { s.tiers[1].down = 3; }).find("no even stripe"), std::string::npos);
  EXPECT_NE(complaint([](clos_shape& s) { s.tiers[1].count = 3; }).find("/tiers/1/count"), std::string::npos);
  EXPECT_NE(complaint([](clos_shape& s) { s.tiers.pop_back(); }).find("expected a second tier"), std::string::npos);
  EXPECT_NE(complaint([](clos_shape& s) { s.pods = 0; }).find("1 or more"), std::string::npos);
  EXPECT_NE(complaint([](clos_shape& s) { s.pods = s.nodes_per_pod = 1000000; }).find("2^28"), std::string::npos);
}

TEST(Clos, OneTierIsASwitchPerRail) {
  clos_shape shape = two_tiers();
  shape.pods = 1, shape.tiers = {{"leaf", 4, 0, 50e9, 1e-7, 3e-7}};
  const auto fabric = machine(shape);
  EXPECT_EQ(path(fabric, 0, 8, routing::ecmp).size(), 2u);
  EXPECT_EQ(path(fabric, 0, 9, routing::ecmp).size(), 4u);
  EXPECT_DOUBLE_EQ(fabric.bisection(), 4 * 8 * 50e9 / 2);
}

TEST(None, IsNVLinkAlone) {
  node_shape nodes;
  nodes.gpus = 4, nodes.nodes_per_domain = 18, nodes.speeds = {{756e9, 8e-7, 0, 0}};
  const nodes_of<none> rack{none{18}, nodes};
  EXPECT_EQ(rack.gpus(), 72);
  EXPECT_EQ(rack.links(), 144u);
  EXPECT_EQ(rack.distances(), 2);
  EXPECT_EQ(path(rack, 0, 71, routing::adaptive), (std::vector<link_t>{0, 143}));
  EXPECT_DOUBLE_EQ(rack.bisection(), 36 * 756e9);
}

TEST(Torus, WalksTheShorterWayRound) {
  const torus fabric{{{4, 4, 6}, {}, 4, 100e9, 1e-6}};
  EXPECT_EQ(fabric.gpus(), 96);
  EXPECT_EQ(fabric.nodes(), 24);
  EXPECT_EQ(fabric.distances(), 2 + 2 + 3 + 1);
  EXPECT_EQ(fabric.distance(0, 5), 1);  // round the last dimension
  EXPECT_EQ(path(fabric, 0, 5, routing::ecmp), (std::vector<link_t>{5}));
  EXPECT_EQ(fabric.link_name(5), "chip 0 dimension 2 back");
  EXPECT_NEAR(fabric.latency_s(0, 24 + 6 + 1), 3e-6, 1e-15);
  EXPECT_DOUBLE_EQ(fabric.bisection(), 16 * 2 * 100e9);
}

TEST(Torus, EveryRouteArrivesOnceAndShortest) {
  for (const bool wrap : {true, false}) {
    const torus fabric{{{3, 4, 5}, {wrap, wrap, wrap}, 1, 100e9, 1e-6}};
    const std::int32_t size[] = {3, 4, 5}, stride[] = {20, 5, 1};
    for (gpu_t a = 0; a < 60; ++a)
      for (gpu_t b = 0; b < 60; ++b) {
        gpu_t at = a;
        int hops = 0;
        for (const link_t link : path(fabric, a, b, routing::adaptive)) {
          ASSERT_EQ(static_cast<gpu_t>(link / 6), at);
          ASSERT_TRUE(fabric.uses(routing::adaptive, link));
          const link_t d = link % 6 / 2;
          const std::int32_t x = at / stride[d] % size[d], next = (x + (link % 2 ? size[d] - 1 : 1)) % size[d];
          at += (next - x) * stride[d], ++hops;
        }
        ASSERT_EQ(at, b);
        ASSERT_EQ(hops, fabric.distance(a, b));
        int least = 0;
        for (int d = 0; d < 3; ++d) {
          const int gap = std::abs(a / stride[d] % size[d] - b / stride[d] % size[d]);
          least += wrap ? std::min(gap, size[d] - gap) : gap;
        }
        ASSERT_EQ(hops, least);
      }
  }
}

TEST(Torus, RefusesWhatDoesNotAddUp) {
  EXPECT_THROW((torus{{{}, {}, 1, 1e9, 0}}), error);
  EXPECT_THROW((torus{{{4, 4}, {true}, 1, 1e9, 0}}), error);
  EXPECT_THROW((torus{{{3, 3}, {}, 4, 1e9, 0}}), error);
  EXPECT_THROW((torus{{{100000, 100000}, {}, 1, 1e9, 0}}), error);
}

}  // namespace
}  // namespace colossus::topologies
