// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms/all_reduce.hpp>
#include <colossus/algorithms/send_recv/direct.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

// What a packet simulator measured (htsim with NSCC and trimming; packets of 4 KiB with 64 bytes of header, fat trees
// of 400 Gbit/s, 500 ns a link), and what the fluid says of the same case.

constexpr double line_rate = 50e9, mebibyte = 1 << 20;

packet_effects with_headers(packet_effects p = fitted_packets) {
  p.header_bytes = 64;
  return p;
}

/// Full bisection from switches with `half` links down and up.
topologies::nodes_of<topologies::clos> fat_tree(int hosts, int half, double link_latency_s = 5e-7) {
  topologies::clos_shape shape;
  shape.pods = hosts / half, shape.nodes_per_pod = half;
  shape.tiers = {{"leaf", half, half, line_rate, link_latency_s, 0},
                 {"spine", half, half, line_rate, link_latency_s, 0, half, 1},
                 {"core", 2 * half, 0, line_rate, link_latency_s, 0}};
  topologies::node_shape node;
  node.gpus = 1;
  node.speeds = {{1e12, 0, line_rate, 0}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

/// Every host sends `bytes` to another, a permutation drawn by `seed`: a ring shift in a shuffled order.
double permutation_us(const topologies::nodes_of<topologies::clos>& machine, double bytes, const routing_options& how,
                      const packet_effects& packets, std::uint64_t seed = 1) {
  const auto placement = shuffled(machine, machine.gpus(), seed);
  const std::vector<std::int64_t> sizes{static_cast<std::int64_t>(bytes)};
  return simulate_sweep<algorithms::direct_send_recv>(machine, placement, {}, sizes,
                                                      {.routing = how, .packets = packets})[0]
             .seconds *
         1e6;
}

TEST(Packets, NeutralEffectsChangeNoBit) {
  const auto machine = fat_tree(64, 4);
  for (const routing_options how : {routing_options{}, routing_options{routing::ecmp, 2, 3, 4}}) {
    packet_effects other_size;
    other_size.packet_bytes = 1024;
    EXPECT_EQ(permutation_us(machine, mebibyte, how, {}), permutation_us(machine, mebibyte, how, other_size));
  }
}

TEST(Packets, SprayedPermutationsTakeWhatPacketsTake) {
  struct measured {
    int hosts, half;
    double bytes, us, tolerance;
  };
  for (const auto& [hosts, half, bytes, us, tolerance] :
       {measured{64, 4, mebibyte, 32.06, 0.10}, measured{1024, 8, mebibyte, 34.46, 0.10},
        measured{4096, 16, mebibyte, 36.49, 0.10}, measured{64, 4, 16e6, 396.3, 0.05}}) {
    const auto machine = fat_tree(hosts, half);
    const double fluid = permutation_us(machine, bytes, {}, {});
    EXPECT_NEAR(fluid, 3 + bytes / line_rate * 1e6, 1e-9);
    EXPECT_LT(fluid, 0.85 * us) << "a fluid is far too fast";
    EXPECT_NEAR(permutation_us(machine, bytes, {}, with_headers()) / us, 1, tolerance) << hosts << " " << bytes;
  }
}

TEST(Packets, NoMessageQueuesForLongerThanItTakesToSend) {
  const auto machine = fat_tree(1024, 8);
  const packet_effects p = with_headers();
  const double rate = line_rate * p.payload_share() * p.spray_efficiency;
  for (const double bytes : {8.0, 1024.0, 65536.0, 1e6, 1e9}) {
    const double busy = bytes / rate;
    EXPECT_NEAR(permutation_us(machine, bytes, {}, p) * 1e-6, 3e-6 + busy + std::min(busy, p.wait_s(rate, 1024)), 1e-12)
        << bytes;
  }
}

/// The fluid's own figure for the same flows stands in the table; what packets add to it is ours.
TEST(Packets, CollidingPermutationsTakeWhatPacketsTake) {
  struct measured {
    double hosts, bytes, fluid_us, us, tolerance;
  };
  constexpr double fluid_latency_us = 3.95, latency_us = 3;  // of the two simulators' fat trees
  for (const auto& [hosts, bytes, fluid_us, us, tolerance] :
       {measured{64, mebibyte, 67.0, 83.2, 0.10}, measured{1024, mebibyte, 108.9, 145.8, 0.10},
        measured{64, 16e6, 994.0, 1048.5, 0.05}}) {
    const packet_effects p = with_headers();
    const double rate = bytes / (fluid_us - fluid_latency_us) * 1e6 * p.payload_share();
    EXPECT_NEAR((latency_us + (bytes / rate + p.wait_s(rate, hosts)) * 1e6) / us, 1, tolerance) << hosts << bytes;
  }
}

/// The table has one draw of permutation and paths: it lies among ours.
TEST(Packets, DrawnCollisionsAreAsSlowAsPacketsFindThem) {
  for (const auto& [hosts, half, us] : {std::tuple{64, 4, 83.2}, std::tuple{1024, 8, 145.8}}) {
    const auto machine = fat_tree(hosts, half);
    std::vector<double> all;
    for (std::uint64_t seed = 1; seed <= 64; ++seed)
      all.push_back(permutation_us(machine, mebibyte, {routing::ecmp, 1, seed, 1}, with_headers(), seed));
    std::ranges::sort(all);
    EXPECT_LE(all.front() * 0.95, us) << hosts;
    EXPECT_GE(all.back() * 1.05, us) << hosts;
    EXPECT_NEAR(detail::median(all) / us, 1, 0.30) << hosts;
  }
}

/// The kink where messages begin to queue for less than they take to send is no line to interpolate on.
TEST(Packets, SweepsEqualPricesOfSingleSizes) {
  const auto machine = fat_tree(128, 4);
  const auto placement = shuffled(machine, 128, 3);
  const simulate_options options{.routing = {routing::ecmp, 1, 5, 1}, .packets = with_headers()};
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = 64; size <= std::int64_t{16} << 30; size *= 2) sizes.push_back(size);
  for_each_type(algorithms::all_reduce_list{}, [&]<class A>(std::type_identity<A>) {
    const problem shape = part(machine, placement);
    if (!supports<A>(shape)) return;
    const auto sweep = simulate_sweep<A>(machine, placement, shape, sizes, options);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const double alone = simulate_sweep<A>(machine, placement, shape, std::span{&sizes[i], 1}, options)[0].seconds;
      EXPECT_NEAR(sweep[i].seconds / alone, 1, 1e-9) << A::name << " " << sizes[i];
    }
  });
}

/// Neighbours share no link between switches that is full. In the packet simulator the next message leaves when the
/// last is acknowledged, so latencies count twice.
TEST(Packets, RingsPayHeadersOnly) {
  const auto machine = fat_tree(64, 4, 2 * 5e-7);
  const auto ring = make<algorithms::ring>({.ranks = 64, .lanes = 1});
  const price packed = simulate(ring, machine, std::int64_t{64} << 20, {.packets = with_headers()});
  EXPECT_NEAR(packed.seconds * 1e6 / 3047.5, 1, 0.03);
  packet_effects headers_only;
  headers_only.header_bytes = 64;
  EXPECT_EQ(packed.seconds, simulate(ring, machine, std::int64_t{64} << 20, {.packets = headers_only}).seconds);
}

TEST(Packets, AlphaBetaPaysHeadersAndNoQueues) {
  const auto machine = fat_tree(64, 4);
  const auto placement = shuffled(machine, 64, 1);
  const std::vector<std::int64_t> sizes{1 << 20};
  const simulate_options options{
      .routing = {routing::ecmp, 1, 1, 1}, .cost_model = model::alpha_beta, .packets = with_headers()};
  const price p = simulate_sweep<algorithms::direct_send_recv>(machine, placement, {}, sizes, options)[0];
  EXPECT_NEAR(p.seconds, 3e-6 + mebibyte / line_rate * 4096 / 4032, 1e-15);
}

}  // namespace
}  // namespace colossus
