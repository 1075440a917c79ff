// SPDX-License-Identifier: Apache-2.0
#include <colossus/detail/lane_crowding.hpp>
#include <colossus/detail/overlap.hpp>

#include <gtest/gtest.h>

namespace colossus::detail {
namespace {

constexpr double nvlink = 1, network = 1.9;

/// `times` chunks of a two-level hierarchy: NVLink, network, NVLink.
std::vector<stretch> chunks(int times) {
  std::vector<stretch> lane;
  for (int i = 0; i < times; ++i)
    for (const stretch& s : {stretch{nvlink, 7, 1, 1, {1, 0}}, {network, 62, 1, 1, {0, 1}}, {nvlink, 7, 1, 1, {1, 0}}})
      lane.push_back(s);
  return lane;
}

TEST(Overlap, OneLaneIsTheSumOfItsStretches) {
  EXPECT_NEAR((overlap{chunks(4), 1, 0}()), 4 * (2 * nvlink + network), 1e-9);
}

TEST(Overlap, UnstaggeredLanesSitInTheSameLevelAndGainNothing) {
  EXPECT_NEAR((overlap{chunks(4), 8, 0}()), 8 * 4 * (2 * nvlink + network), 1e-6);
}

TEST(Overlap, StaggeredLanesKeepBothLevelsBusy) {
  const double ideal = 8 * 8 * 2 * nvlink;  // NVLink is the scarcer
  const double found = overlap{chunks(8), 8, 7}();
  EXPECT_GE(found, ideal * (1 - 1e-9));
  EXPECT_LE(found, ideal / 0.95);
}

TEST(Overlap, ALaneStartsOnceTheOneBeforeHasDoneTheStagger) {
  const std::vector<stretch> lane{{10, 10, 1, 1, {0}}};  // no link is busy: lanes do not slow each other down
  EXPECT_NEAR((overlap{lane, 3, 4}()), 10 + 2 * 4, 1e-6);
}

TEST(Overlap, MessagesThatAreUnderWayTogetherShareALink) {
  const std::vector<stretch> lane{{10, 10, 0.25, 1, {1}}};  // a message for 0.25 s, latency for 0.75 s
  EXPECT_NEAR((overlap{lane, 4, 0}()), 10 * (4 * 0.25 + 0.75), 1e-6);
  const std::vector<stretch> narrow{{10, 10, 0.25, 1, {0.25}}};
  EXPECT_NEAR((overlap{narrow, 4, 0}()), 10, 1e-6);
}

TEST(Overlap, MessagesThatAreNotFeltSlowNobody) {
  const std::vector<stretch> lane{{2, 2, 1, 0.5, {1}}};
  EXPECT_NEAR((overlap{lane, 2, 0}()), 1 + 2, 1e-6);
}

TEST(Overlap, LanesOnOtherPathsMeetByChance) {
  const std::vector<stretch> lane{{10, 10, 1, 1, {1}, {1, 0.75}}};  // the busiest link has 1.5 times as much of two
  EXPECT_NEAR((overlap{lane, 2, 0}()), 15, 1e-6);
}

TEST(Overlap, TheBusiestLinkIsThatOfDraws) {
  for (const double mean : {0.5, 4.0, 32.0})
    for (const int links : {256, 4'096}) {
      std::vector<int> most;
      double touched = 0;
      const auto flows = static_cast<std::uint64_t>(mean * links);
      for (std::uint64_t seed = 0; seed < 25; ++seed) {
        std::vector<int> load(static_cast<std::size_t>(links), 0);
        for (std::uint64_t flow = 0; flow < flows; ++flow)
          ++load[mix(mix(seed) + flow) % static_cast<std::uint64_t>(links)];
        most.push_back(*std::ranges::max_element(load));
        touched += static_cast<double>(std::ranges::count_if(load, [](int n) { return n > 0; })) / 25;
      }
      std::ranges::sort(most);
      EXPECT_NEAR(busiest_of(links, mean), most[12], 1) << mean << " on " << links;
      if (mean > 8) continue;  // every link has met some: there is nothing to be told from
      EXPECT_NEAR(mean_flows(static_cast<double>(flows), touched) / mean, 1, 0.05) << links;
    }
}

}  // namespace
}  // namespace colossus::detail
