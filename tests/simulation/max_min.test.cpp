// SPDX-License-Identifier: Apache-2.0
#include <colossus/cost_models.hpp>
#include <colossus/detail/study.hpp>
#include <colossus/placement.hpp>
#include <colossus/topologies/from_file.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace colossus {
namespace {

/// Links with given capacities, for flows that say which they use.
struct bare_links {
  std::vector<double> bytes_per_s;
  double capacity(link_t link) const { return bytes_per_s[link]; }
};

/// The textbook: the water level rises everywhere at once, and stops for the flows of each link as it fills.
std::vector<double> water_filling(const detail::flows& flows) {
  std::vector<double> rate(flows.size(), 0), rest(flows.links());
  for (std::uint32_t link = 0; link < flows.links(); ++link) rest[link] = flows.capacity(link);
  std::vector<bool> open(flows.size(), true);
  for (std::size_t left = flows.size(); left > 0;) {
    std::vector<int> users(flows.links(), 0);
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      if (open[flow])
        for (const auto link : flows.links_of(flow)) ++users[link];
    double level = std::numeric_limits<double>::infinity();
    for (std::uint32_t link = 0; link < flows.links(); ++link)
      if (users[link] > 0) level = std::min(level, rest[link] / users[link]);
    std::vector<bool> full(flows.links());
    for (std::uint32_t link = 0; link < flows.links(); ++link)
      full[link] = users[link] > 0 && rest[link] / users[link] <= level * (1 + 1e-12);
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      const auto links = flows.links_of(flow);
      if (!open[flow] || std::none_of(links.begin(), links.end(), [&](auto link) { return full[link]; })) continue;
      rate[flow] = level;
      open[flow] = false;
      --left;
      for (const auto link : links) rest[link] -= level;
    }
  }
  return rate;
}

TEST(MaxMin, EqualsWaterFillingOnRandomCases) {
  std::uint64_t state = 1;
  const auto random = [&](std::uint64_t below) { return (state = detail::mixed(state)) % below; };
  for (int round = 0; round < 10'000; ++round) {
    bare_links machine;
    for (std::uint64_t i = 0, links = 2 + random(12); i < links; ++i)
      machine.bytes_per_s.push_back(round % 3 ? 0.25 + static_cast<double>(random(1000)) / 1000 : 1.0);
    detail::flows flows;
    flows.clear(machine.bytes_per_s.size());
    for (std::uint64_t i = 0, count = 1 + random(24); i < count; ++i) {
      std::vector<link_t> used;
      for (std::uint64_t k = 0, hops = 1 + random(5); k < hops; ++k) {
        const auto link = static_cast<link_t>(random(machine.bytes_per_s.size()));
        if (std::ranges::find(used, link) == used.end()) used.push_back(link), flows.add_link(machine, link);
      }
      flows.end_flow();
    }
    cost_models::max_min solver;
    const auto found = solver.rates(flows);
    const auto expected = water_filling(flows);
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      ASSERT_NEAR(found[flow] / expected[flow], 1, 1e-9) << "case " << round << ", flow " << flow;
  }
}

/// What makes an allocation max-min fair: no link carries more than it can, and every flow has a full link on which
/// nobody has more.
TEST(MaxMin, EveryFlowOfALargeSolveHasItsBottleneck) {
  const loaded file = load_topology(COLOSSUS_TOPOLOGY_DIR "/colossus-100k.json");
  std::visit(
      [](const auto& machine) {
        const auto placement = shuffled(machine, machine.gpus(), 5);
        detail::flows flows;
        flows.clear(machine.links());
        for (std::size_t rank = 0; rank < placement.size(); ++rank) {
          const gpu_t to = placement[(rank + placement.size() / 2 + 8) % placement.size()];
          machine.route(placement[rank], to, routing::ecmp, detail::mixed(rank),
                        [&](link_t link) { flows.add_link(machine, link); });
          flows.end_flow();
        }
        cost_models::max_min solver;
        const auto rate = solver.rates(flows);
        std::vector<double> sum(flows.links(), 0), top(flows.links(), 0);
        for (std::size_t flow = 0; flow < flows.size(); ++flow)
          for (const auto link : flows.links_of(flow))
            sum[link] += rate[flow], top[link] = std::max(top[link], rate[flow]);
        for (std::uint32_t link = 0; link < flows.links(); ++link)
          ASSERT_LE(sum[link], flows.capacity(link) * (1 + 1e-9));
        for (std::size_t flow = 0; flow < flows.size(); ++flow) {
          const auto links = flows.links_of(flow);
          ASSERT_TRUE(std::any_of(links.begin(), links.end(),
                                  [&](auto link) {
                                    return sum[link] >= flows.capacity(link) * (1 - 1e-9) &&
                                           rate[flow] >= top[link] * (1 - 1e-9);
                                  }))
              << "flow " << flow;
        }
        EXPECT_LT(solver.passes(), 64);
      },
      file.fabric);
}

}  // namespace
}  // namespace colossus
