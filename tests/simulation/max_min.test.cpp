// SPDX-License-Identifier: Apache-2.0
#include "water_filling.hpp"

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

/// The flows of `s` as the simulator describes them.
detail::flows flows_of(const test::sharing& s) {
  const bare_links machine{s.capacity};
  detail::flows flows;
  flows.clear(s.capacity.size());
  for (const auto& route : s.routes) {
    for (const auto link : route) flows.add_link(machine, link);
    flows.end_flow();
  }
  return flows;
}

/// Up to 24 flows over up to 13 links, some over none; now and then 300 flows, and routes of up to 13 links.
test::sharing random_sharing(int round, const auto& random) {
  test::sharing s;
  for (std::uint64_t i = 0, links = 2 + random(12); i < links; ++i)
    s.capacity.push_back(round % 3 ? 0.25 + static_cast<double>(random(1000)) / 1000 : 1.0);
  const std::uint64_t most_hops = round % 7 ? 6 : 2 * s.capacity.size();
  s.routes.resize(round % 100 ? 1 + random(24) : 300);
  for (auto& route : s.routes)
    for (std::uint64_t k = 0, hops = random(most_hops); k < hops; ++k) {
      const auto link = static_cast<std::uint32_t>(random(s.capacity.size()));
      if (std::ranges::find(route, link) == route.end()) route.push_back(link);
    }
  return s;
}

TEST(MaxMin, EqualsWaterFillingOnRandomCases) {
  std::uint64_t state = 1;
  const auto random = [&](std::uint64_t below) { return (state = detail::mix(state)) % below; };
  cost_models::max_min solver;
  for (int round = 0; round < 10'000; ++round) {
    const test::sharing s = random_sharing(round, random);
    const auto found = solver.rates(flows_of(s));
    const auto expected = test::water_filling(s);
    for (std::size_t flow = 0; flow < s.routes.size(); ++flow)
      if (s.routes[flow].empty()) ASSERT_EQ(found[flow], expected[flow]) << "uses no link";
      else ASSERT_NEAR(found[flow] / expected[flow], 1, 1e-9) << "case " << round << ", flow " << flow;
  }
}

/// Flows over the same links, told in any order, may be one with many members: rates are those of each.
TEST(MaxMin, FlowsOverTheSameLinksAreOne) {
  std::uint64_t state = 2;
  const auto random = [&](std::uint64_t below) { return (state = detail::mix(state)) % below; };
  cost_models::max_min solver;
  std::size_t joined = 0;
  for (int round = 0; round < 1'000; ++round) {
    test::sharing s = random_sharing(round, random);
    for (std::size_t i = s.routes.size(); i > 0; --i) s.routes.push_back(s.routes[random(s.routes.size())]);
    detail::contention flows;
    flows.clear(s.capacity.size());
    std::vector<std::uint32_t> flow_of;
    for (const auto& route : s.routes) {
      for (const link_t link : route) flows.add_link(link);
      flow_of.push_back(flows.join_flow());
    }
    joined += s.routes.size() - flows.size();
    flows.close(
        detail::capacity_runs(static_cast<link_t>(s.capacity.size()), [&](link_t link) { return s.capacity[link]; }));
    const auto found = solver.rates(flows);
    const auto expected = test::water_filling(s);
    for (std::size_t i = 0; i < s.routes.size(); ++i) {
      if (s.routes[i].empty()) continue;
      ASSERT_NEAR(found[flow_of[i]] / expected[i], 1, 1e-9) << "case " << round << ", flow " << i;
    }
  }
  EXPECT_GT(joined, 1'000u);
}

/// A staircase freezes one link a pass: n passes of n flows, unless links then freeze one by one.
TEST(MaxMin, ManyPassesAreCutShort) {
  constexpr std::uint32_t n = 20'000;
  test::sharing s;
  for (std::uint32_t link = 0; link <= n; ++link) s.capacity.push_back(2.0 + link);
  for (std::uint32_t flow = 0; flow < n; ++flow) s.routes.push_back({flow, flow + 1});
  cost_models::max_min solver;
  const auto found = solver.rates(flows_of(s));
  EXPECT_LT(solver.passes(), 100);
  EXPECT_DOUBLE_EQ(found[0], 1.5);
  // Link i is full, or neither of its flows is held by it.
  for (std::uint32_t link = 1; link < n; ++link)
    ASSERT_LE(found[link - 1] + found[link], s.capacity[link] * (1 + 1e-12)) << link;
}

/// Rates that are off are found out, whichever way.
TEST(MaxMin, WrongRatesDoNotPass) {
  detail::contention flows;
  flows.clear(4);
  const std::vector<std::vector<link_t>> routes{{0, 1}, {1, 2}, {2, 3}, {}};
  for (const auto& route : routes) {
    for (const link_t link : route) flows.add_link(link);
    flows.end_flow();
  }
  const std::vector<double> capacity{10, 4, 10, 5};
  flows.close(detail::capacity_runs(4, [&](link_t link) { return capacity[link]; }));
  const double free = std::numeric_limits<double>::infinity();
  detail::fairness fairness;
  EXPECT_NO_THROW(detail::check_fairness(flows, std::vector<double>{2, 2, 5, free}, fairness));
  for (const std::vector<double>& wrong : {std::vector<double>{2, 2, 5.001, free},
                                           {2, 2, 4.999, free},
                                           {2.001, 2, 5, free},
                                           {2.001, 1.999, 5, free},
                                           {1.999, 2, 5, free},
                                           {2, 2, 5, 1e9},
                                           {NAN, 2, 5, free},
                                           {2, NAN, 5, free}})
    EXPECT_THROW(detail::check_fairness(flows, wrong, fairness), error)
        << wrong[0] << ' ' << wrong[1] << ' ' << wrong[2];
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
          machine.route(placement[rank], to, routing::ecmp, detail::mix(rank),
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
