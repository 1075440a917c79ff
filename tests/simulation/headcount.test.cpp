// SPDX-License-Identifier: Apache-2.0
#include "water_filling.hpp"

#include <colossus/cost_models.hpp>
#include <colossus/detail/headcount.hpp>
#include <colossus/detail/pacing.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

/// Links of two kinds in turn that carry 1 to 3 bytes/s.
struct links_to_count {
  link_t all;
  link_t size() const { return all; }
  std::size_t kinds() const { return 2; }
  int kind(link_t at) const { return static_cast<int>(at % 2); }
  bool uses(routing, link_t) const { return true; }
  link_t link(link_t at) const { return at; }
  double count(link_t) const { return 1; }
  link_t same_until(link_t at) const { return at + 1; }
  double capacity(link_t at) const { return 1 + 0.5 * (at % 5); }
  std::vector<detail::capacity_run> capacities() const {
    return detail::capacity_runs(all, [this](link_t at) { return capacity(at); });
  }
};

/// Some links of a path, each once.
std::vector<link_t> links_of_path(const links_to_count& links, std::uint64_t path) {
  std::vector<link_t> route;
  for (std::uint64_t hop = 0; hop < 1 + path % 4; ++hop) {
    const auto link = static_cast<link_t>(detail::mix(path * 8 + hop) % links.size());
    if (std::ranges::find(route, link) == route.end()) route.push_back(link);
  }
  return route;
}

TEST(Headcount, IsNeverAboveMaxMinAndEqualForTheSlowest) {
  detail::headcount heads;
  for (std::uint64_t round = 0; round < 500; ++round) {
    const links_to_count links{static_cast<link_t>(2 + round % 40)};
    test::sharing s;
    for (link_t link = 0; link < links.size(); ++link) s.capacity.push_back(links.capacity(link));
    heads.clear(links.size(), 30, 4);
    for (std::uint64_t flow = 0; flow < 30; ++flow) {
      s.routes.push_back(links_of_path(links, round * 30 + flow));
      heads.add_flow([&](auto&& visit) { std::ranges::for_each(s.routes.back(), visit); });
    }
    heads.close(links.capacities());
    const std::vector<double> fair = test::water_filling(s);
    double least = fair.front(), least_counted = least;
    heads.for_each(1, [&](std::size_t flow, double seconds_per_byte) {
      ASSERT_LE(1 / seconds_per_byte, fair[flow] * (1 + 1e-9)) << "case " << round << ", flow " << flow;
      least = std::min(least, fair[flow]), least_counted = std::min(least_counted, 1 / seconds_per_byte);
    });
    ASSERT_NEAR(least_counted / least, 1, 1e-9) << "case " << round;
  }
}

/// A large pattern that comes once goes no faster than one that is solved, its slowest message just as fast, and loads
/// links the same; messages of one size and of several, with several paths each.
TEST(Headcount, PacesLargePatternsThatComeOnce) {
  links_to_count links{1'500};
  for (const block_t sizes : {1, 3}) {
    std::vector<detail::message> messages;
    for (rank_t i = 0; i < 20'000; ++i) messages.push_back({i, i + 1, 0, 1 + i % sizes});
    const auto paced = [&](bool once, detail::traffic& busy) {
      detail::crowd who{messages, 1e-6, 0, 1, 2, 3.0, once};
      detail::traffic_sum carried;
      carried.clear(links.size());
      detail::pacing<cost_models::max_min> pacing;
      const auto route = [&](int, const detail::message& m, int path, auto&& visit) {
        for (const link_t link : links_of_path(links, 2 * static_cast<std::uint64_t>(m.from) + (path != 0)))
          visit(link);
      };
      const detail::pace found = pacing(who, links, {}, true, route, carried);
      busy = carried.sum(links);
      return found;
    };
    detail::traffic counted_busy, solved_busy;
    const detail::pace counted = paced(true, counted_busy), solved = paced(false, solved_busy);
    ASSERT_EQ(counted.slopes.size(), solved.slopes.size());
    double most = 0, most_solved = 0, sum = 0, sum_solved = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ASSERT_GE(counted.slopes[i], solved.slopes[i] * (1 - 1e-9)) << i;
      sum += counted.slopes[i], sum_solved += solved.slopes[i];
      most = std::max(most, counted.slopes[i] / messages[i].blocks);
      most_solved = std::max(most_solved, solved.slopes[i] / messages[i].blocks);
    }
    EXPECT_NEAR(most / most_solved, 1, 1e-9);
    EXPECT_GT(sum, sum_solved) << "heads were not counted";
    for (std::size_t kind = 0; kind < 2; ++kind) {
      EXPECT_NEAR(counted.use[kind] / solved.use[kind], 1, 1e-9);
      EXPECT_NEAR(counted_busy.mean[kind] / solved_busy.mean[kind], 1, 1e-9);
    }
    EXPECT_NEAR(counted_busy.most / solved_busy.most, 1, 1e-9);
    EXPECT_EQ(counted_busy.busiest, solved_busy.busiest);
  }
}

}  // namespace
}  // namespace colossus
