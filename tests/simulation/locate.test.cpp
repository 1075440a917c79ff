// SPDX-License-Identifier: Apache-2.0
// One part of 64 nodes at half speed, planted in simulated tables of pairs with noise, is found again.
#include "locate_pairs.hpp"

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

constexpr double noise = 0.03;
const machine_of_pairs pod{"superpod-ndr-2su", {}, "packed"};                  // 512 GPUs, two groups of leaves
const machine_of_pairs planes{"superpod-b300-spectrumx-2su", {64}, "spread"};  // NICs with two ports

/// Expects `part` at half speed among the first three of `seeds` tables.
void expect_found(const machine_of_pairs& machine, const std::string& pairs, const std::string& routing,
                  const std::vector<std::string>& parts, std::vector<std::int64_t> seeds = {1, 2}) {
  for (const std::string& part : parts)
    for (const std::int64_t seed : seeds) {
      const auto named = first_suspects(machine, {pairs, routing, part + ":share=0.5", noise, seed});
      EXPECT_TRUE(std::ranges::any_of(named, [&](const auto& s) { return s.contains(part); }))
          << pairs << " " << routing << " seed " << seed << ": " << part << " is not among the first " << named.size();
    }
}

TEST(locate_64_nodes, nvlink_of_one_gpu) {
  expect_found(pod, "all", "adaptive", {"GPU p0-n0 gpu0", "GPU p0-n17 gpu3", "GPU p1-n31 gpu7"});
  expect_found(planes, "all", "adaptive", {"GPU p1-n4 gpu5"});
}

TEST(locate_64_nodes, one_nic_which_is_its_cable_too) {
  for (const char* pairs : {"all", "quick"})
    expect_found(pod, pairs, "adaptive", {"NIC p0-n0 nic0", "NIC p0-n9 nic5", "NIC p1-n31 nic7"});
  expect_found(planes, "all", "adaptive", {"NIC p0-n12 nic6"});
}

TEST(locate_64_nodes, one_of_two_cables_of_a_nic) {
  for (const char* pairs : {"all", "quick"})
    expect_found(planes, pairs, "adaptive", {"NIC p0-n0 nic0 plane0", "NIC p1-n20 nic3 plane1"});
}

TEST(locate_64_nodes, one_leaf_with_all_its_ports) {
  for (const char* pairs : {"all", "quick"})
    expect_found(pod, pairs, "adaptive", {"leaf p0 r0", "leaf p0 r5", "leaf p1 r7"});
  expect_found(planes, "all", "adaptive", {"leaf plane1 p0 r2"});
}

TEST(locate_64_nodes, one_spine_port) {
  expect_found(pod, "all", "adaptive", {"leaf p0 r0 up 0", "leaf p0 r3 up 17", "leaf p1 r7 up 31"}, {1, 2, 3});
}

TEST(locate_64_nodes, under_ecmp_without_its_hash) {
  expect_found(pod, "all", "ecmp", {"GPU p0-n17 gpu3", "NIC p0-n9 nic5", "leaf p1 r7"}, {1});
}

TEST(locate_64_nodes, under_deterministic_routing_a_cable_has_a_name) {
  const auto named = first_suspects(pod, {"all", "deterministic", "leaf p0 r3 up 17:share=0.5", noise, 1});
  ASSERT_FALSE(named.empty());
  EXPECT_TRUE(named.front().contains("leaf p0 r3 up 17"));
  EXPECT_LE(named.front().size(), 2u) << "it, or the one at the other end of the way";
}

TEST(locate_64_nodes, a_healthy_machine_names_nothing) {
  for (std::int64_t seed = 1; seed <= 10; ++seed)
    EXPECT_TRUE(first_suspects(pod, {"all", "adaptive", "", noise, seed}).empty()) << seed;
  for (std::int64_t seed = 1; seed <= 200; ++seed)
    EXPECT_TRUE(first_suspects(pod, {"quick", "adaptive", "", noise, seed}).empty()) << seed;
  for (std::int64_t seed = 1; seed <= 2; ++seed)
    EXPECT_TRUE(first_suspects(pod, {"all", "ecmp", "", noise, seed}).empty()) << seed;
}

}  // namespace
}  // namespace colossus::bench
