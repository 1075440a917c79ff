// SPDX-License-Identifier: Apache-2.0
#include "water_filling.hpp"

#include <colossus/detail/completion.hpp>
#include <colossus/detail/divider.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

class Completion : public testing::Test {
 protected:
  std::uint64_t random(std::uint64_t below) { return (state_ = detail::mix(state_)) % below; }
  double fraction() { return 0.25 + static_cast<double>(random(1'000'000)) / 1'000'000; }

  /// Flows over 2 to 13 links, some over none.
  test::sharing draw(std::size_t flows, bool even) {
    test::sharing s;
    for (std::uint64_t i = 0, links = 2 + random(12); i < links; ++i) s.capacity.push_back(even ? 1.0 : fraction());
    s.routes.resize(flows);
    for (auto& route : s.routes)
      for (std::uint64_t k = 0, hops = random(6); k < hops; ++k) {
        const auto link = static_cast<std::uint32_t>(random(s.capacity.size()));
        if (std::ranges::find(route, link) == route.end()) route.push_back(link);
      }
    return s;
  }
  void expect_textbook(const test::sharing& s, const std::vector<double>& bytes) {
    detail::contention flows;
    flows.clear(s.capacity.size());
    for (const auto& route : s.routes) {
      for (const auto link : route) flows.add_link(link);
      flows.end_flow();
    }
    flows.close(
        detail::capacity_runs(static_cast<link_t>(s.capacity.size()), [&](link_t link) { return s.capacity[link]; }));
    const auto found = completion_.ends(flows, bytes);
    const auto expected = test::water_filling_ends(s, bytes);
    for (std::size_t flow = 0; flow < bytes.size(); ++flow)
      ASSERT_NEAR(found[flow], expected[flow], 1e-9 * expected[flow]) << "flow " << flow;
  }

  detail::completion completion_;

 private:
  std::uint64_t state_ = 1;
};

TEST_F(Completion, EqualsTheTextbookOnRandomSizes) {
  for (int round = 0; round < 10'000; ++round) {
    const test::sharing s = draw(1 + random(24), round % 3 == 0);
    std::vector<double> bytes;
    for (std::size_t flow = 0; flow < s.routes.size(); ++flow)
      bytes.push_back(random(10) == 0 ? 0 : round % 4 ? fraction() : static_cast<double>(1 + random(2)));
    expect_textbook(s, bytes);
    if (HasFatalFailure()) FAIL() << "case " << round;
  }
}

TEST_F(Completion, EqualSizesNeedOneSolve) {
  for (int round = 0; round < 10'000; ++round) {
    const test::sharing s = draw(1 + random(24), round % 3 == 0);
    expect_textbook(s, std::vector<double>(s.routes.size(), 1 + fraction()));
    if (HasFatalFailure()) FAIL() << "case " << round;
  }
  EXPECT_EQ(completion_.updates(), 0u);
}

TEST_F(Completion, ManyFlowsIntoOneLink) {
  const test::sharing s = draw(700, false);
  std::vector<double> bytes;
  for (std::size_t flow = 0; flow < s.routes.size(); ++flow) bytes.push_back(fraction());
  expect_textbook(s, bytes);
}

/// Flows over links of one capacity, as the simulator describes them.
detail::contention describe(const std::vector<std::vector<std::uint32_t>>& routes, link_t links) {
  detail::contention flows;
  flows.clear(links);
  for (const auto& route : routes) {
    for (const auto link : route) flows.add_link(link);
    flows.end_flow();
  }
  flows.close(std::vector<detail::capacity_run>{{links, 50e9}});
  return flows;
}

/// Against everything solved again at every end.
TEST_F(Completion, FourFlowsFromEachHost) {
  constexpr std::uint32_t hosts = 256;
  for (int draw = 0; draw < 2; ++draw) {
    std::vector<std::vector<std::uint32_t>> routes;
    std::vector<double> left;
    for (std::uint32_t flow = 0; flow < 4 * hosts; ++flow) {
      routes.push_back({flow / 4, hosts + (flow * 7 + 3) % hosts});
      for (std::uint32_t tier = 2; tier < 6; ++tier)
        routes.back().push_back(tier * hosts + static_cast<std::uint32_t>(random(hosts)));
      left.push_back(1e9 * fraction());
    }
    const auto found = completion_.ends(describe(routes, 6 * hosts), left);
    std::vector<double> ends(found.begin(), found.end());
    cost_models::max_min solver;
    for (double now = 0; !routes.empty();) {
      const auto rates = solver.rates(describe(routes, 6 * hosts));
      std::size_t first = 0;
      for (std::size_t flow = 0; flow < left.size(); ++flow)
        if (left[flow] / rates[flow] < left[first] / rates[first]) first = flow;
      const double step = left[first] / rates[first];
      for (std::size_t flow = 0; flow < left.size(); ++flow) left[flow] -= step * rates[flow];
      now += step;
      ASSERT_NEAR(ends[first], now, 1e-9 * now);
      const auto at = static_cast<std::ptrdiff_t>(first);
      routes.erase(routes.begin() + at), left.erase(left.begin() + at), ends.erase(ends.begin() + at);
    }
  }
}

TEST_F(Completion, NothingGetsThroughALinkThatIsDown) {
  detail::contention flows;
  flows.clear(2);
  for (const std::uint32_t link : {0u, 0u, 1u, 1u}) flows.add_link(link), flows.end_flow();
  flows.close(detail::capacity_runs(2, [](link_t link) { return link == 0 ? 0.0 : 2.0; }));
  const auto ends = completion_.ends(flows, std::vector<double>{1, 2, 3, 5});
  EXPECT_EQ(ends[0], std::numeric_limits<double>::infinity());
  EXPECT_EQ(ends[1], std::numeric_limits<double>::infinity());
  EXPECT_DOUBLE_EQ(ends[2], 3);
  EXPECT_DOUBLE_EQ(ends[3], 4);
}

}  // namespace
}  // namespace colossus
