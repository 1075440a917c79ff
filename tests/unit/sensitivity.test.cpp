// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/bench/sensitivity.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

using list = type_list<algorithms::ring, algorithms::halving_doubling>;
using rows = std::vector<std::vector<response>>;

/// The responses of all algorithms of `list`, at 1 KiB, 1 MiB and 1 GiB under adaptive routing.
rows responses_on(const std::string& name, rank_t ranks) {
  options o;
  o.topologies = {COLOSSUS_TOPOLOGY_DIR "/" + name + ".json"};
  o.ranks = {ranks};
  const scene s = scenes_of(o).front();
  const auto ways = pricings_of(o);
  std::vector<priced_operation> priced;
  for (const priced_algorithm& a : priced_algorithms<list>("all_reduce"))
    if (a.serves(s.shape)) {
      priced.push_back({a, simulated_row(s, a, 0, "float", "sum"), 4, {256, 1 << 18, 1 << 28}, ways});
      priced.back().rows = priced.back().on(s);
    }
  return responses(
      s, priced, [](const row&) {}, [](auto...) {});
}

const response& of(const std::vector<response>& row, const std::string& name) {
  return *std::ranges::find(row, name, &response::of);
}

TEST(sensitivity, a_time_goes_as_all_latencies_and_bandwidths_together) {
  for (const auto& [name, ranks] : std::vector<std::pair<std::string, rank_t>>{{"hgx-h100-node", 8},
                                                                               {"colossus-100k", 256},
                                                                               {"mrc-131k", 64},
                                                                               {"gb200-nvl72-1su", 144},
                                                                               {"tpu-v5p-6144", 64}})
    for (const auto& row : responses_on(name, ranks)) {
      double sum = 0;
      for (const response& r : row) {
        sum += r.latency - r.bandwidth;
        EXPECT_GT(r.latency, -1e-9) << name << ' ' << r.of;
        EXPECT_LT(r.bandwidth, 1e-9) << name << ' ' << r.of;
        EXPECT_LE(r.doubled, 1 + 1e-9) << name << ' ' << r.of;
        EXPECT_LE(r.halved, 1 + 1e-9) << name << ' ' << r.of;
      }
      EXPECT_NEAR(sum, 1, 0.03) << name << ": Euler's sum, but for kinks within the step";
    }
}

TEST(sensitivity, one_node_knows_nvlink_alone) {
  const rows found = responses_on("hgx-h100-node", 8);
  for (const auto& row : found) EXPECT_EQ(row.size(), 1u);
  EXPECT_NEAR(of(found[0], "NVLink").latency, 1, 0.01) << "a ring of 1 KiB waits";
  EXPECT_NEAR(of(found[2], "NVLink").bandwidth, -1, 0.01) << "a ring of 1 GiB sends";
  EXPECT_NEAR(of(found[2], "NVLink").doubled, 0.5, 0.01);
}

TEST(sensitivity, a_switch_matters_to_what_goes_through_it) {
  for (const auto& row : responses_on("colossus-100k", 256)) {  // 32 nodes under one leaf a rail
    EXPECT_GT(of(row, "leaf switch").latency, 0);
    EXPECT_EQ(of(row, "leaf-spine link").latency, 0);
    EXPECT_EQ(of(row, "spine switch").latency, 0);
    EXPECT_EQ(of(row, "leaf-spine link").bandwidth, 0);
  }
}

}  // namespace
}  // namespace colossus::bench
