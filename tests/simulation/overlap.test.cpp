// SPDX-License-Identifier: Apache-2.0
#include <colossus/detail/overlap.hpp>

#include <gtest/gtest.h>

namespace colossus::detail {
namespace {

constexpr double nvlink = 1, network = 1.9;

/// `times` chunks of a two-level hierarchy: NVLink, network, NVLink.
std::vector<stretch> chunks(int times) {
  std::vector<stretch> lane;
  for (int i = 0; i < times; ++i)
    for (const stretch& s : {stretch{nvlink, 7, {1, 0}}, {network, 62, {0, 1}}, {nvlink, 7, {1, 0}}}) lane.push_back(s);
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
  const std::vector<stretch> lane{{10, 10, {0}}};  // no link is busy: lanes do not slow each other down
  EXPECT_NEAR((overlap{lane, 3, 4}()), 10 + 2 * 4, 1e-6);
}

TEST(Overlap, WaitingForLatencyLeavesTheLinkToOthers) {
  const std::vector<stretch> lane{{10, 10, {0.25}}};
  EXPECT_NEAR((overlap{lane, 4, 0}()), 10, 1e-6);
  EXPECT_NEAR((overlap{lane, 8, 0}()), 20, 1e-6);
}

}  // namespace
}  // namespace colossus::detail
