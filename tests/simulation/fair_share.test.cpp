// SPDX-License-Identifier: Apache-2.0
#include "water_filling.hpp"

#include <colossus/detail/divider.hpp>
#include <colossus/detail/fair_share.hpp>

#include <gtest/gtest.h>

#include <map>

namespace colossus {
namespace {

/// Flows come, go, and find links of another capacity; after each change the rates are those of the textbook.
class FairShare : public testing::Test {
 protected:
  std::uint64_t random(std::uint64_t below) { return (state_ = detail::mix(state_)) % below; }
  double draw_capacity() { return even_ ? 1.0 : 0.25 + static_cast<double>(random(1000)) / 1000; }

  void begin(std::size_t links, bool even, std::size_t most_hops) {
    links_ = links, even_ = even, most_hops_ = most_hops;
    ids_.clear(), expected_ = {};
    for (std::size_t i = 0; i < links; ++i) expected_.capacity.push_back(draw_capacity());
    share_.reset(expected_.capacity);
    known_.clear();
  }
  void add() {
    std::vector<std::uint32_t> route;
    for (std::uint64_t k = 0, hops = 1 + random(most_hops_); k < hops; ++k) {
      const auto link = static_cast<std::uint32_t>(random(links_));
      if (std::ranges::find(route, link) == route.end()) route.push_back(link);
    }
    double most = std::numeric_limits<double>::infinity();
    if (random(4) == 0) most = draw_capacity() / 2;
    ids_.push_back(share_.add(route, most));
    if (most < 1)
      route.push_back(static_cast<std::uint32_t>(expected_.capacity.size())), expected_.capacity.push_back(most);
    expected_.routes.push_back(route);
  }
  void remove() {
    const std::size_t i = random(ids_.size());
    share_.remove(ids_[i]);
    ids_[i] = ids_.back(), ids_.pop_back();
    expected_.routes[i] = expected_.routes.back(), expected_.routes.pop_back();
  }
  void resize() {
    const auto link = static_cast<std::uint32_t>(random(links_));
    expected_.capacity[link] = draw_capacity();
    share_.set_capacity(link, expected_.capacity[link]);
  }
  void expect_textbook() {
    for (const auto id : share_.relax()) known_[id] = share_.rate(id);
    const auto rates = test::water_filling(expected_);
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      ASSERT_NEAR(share_.rate(ids_[i]) / rates[i], 1, 1e-9);
      ASSERT_EQ(known_[ids_[i]], share_.rate(ids_[i])) << "a new rate was not reported";
    }
  }

  detail::fair_share share_;
  test::sharing expected_;
  std::vector<detail::fair_share::flow_id> ids_;
  std::map<detail::fair_share::flow_id, double> known_;

 private:
  std::uint64_t state_ = 1;
  bool even_ = false;
  std::size_t links_ = 0, most_hops_ = 0;
};

TEST_F(FairShare, EqualsTheTextbookAfterEveryChange) {
  for (int round = 0; round < 5'000; ++round) {
    begin(2 + random(12), round % 3 == 0, round % 5 ? 5 : 14);
    for (int change = 0; change < 40; ++change) {
      for (std::uint64_t together = 1 + random(3); together > 0; --together) {
        const auto what = random(8);
        if (what < 4 || ids_.empty()) add();
        else if (what < 7) remove();
        else resize();
      }
      expect_textbook();
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(FairShare, ManyFlowsOnOneLink) {
  begin(40, false, 3);
  for (int flow = 0; flow < 1'000; ++flow) add();
  expect_textbook();
  while (ids_.size() > 10) {
    for (int i = 0; i < 90 && ids_.size() > 10; ++i) remove();
    expect_textbook();
  }
}

/// A solver's rates of flows on one link may differ in the last bit; they are held by it all the same.
TEST_F(FairShare, AdoptsRatesThatTieButForRounding) {
  const std::vector<double> capacity{3};
  share_.reset(capacity);
  const std::vector<std::uint32_t> route{0};
  for (int flow = 0; flow < 3; ++flow) share_.add(route);
  share_.adopt(std::vector<double>{1, std::nextafter(1.0, 0), 1});
  share_.remove(0);
  share_.relax();
  EXPECT_DOUBLE_EQ(share_.rate(1), 1.5);
  EXPECT_DOUBLE_EQ(share_.rate(2), 1.5);
}

/// 13 flows that each want the next number below a 13th: their sum is rounded to more than there is.
TEST_F(FairShare, FullButForRounding) {
  const std::vector<double> capacity{3};
  share_.reset(capacity);
  const double wanted = std::nextafter(3.0 / 13, 0);
  const std::vector<std::uint32_t> route{0};
  for (int flow = 0; flow < 13; ++flow) share_.add(route, wanted);
  share_.relax();
  EXPECT_DOUBLE_EQ(share_.rate(0), wanted);
  const auto last = share_.add(route);
  share_.relax();
  EXPECT_DOUBLE_EQ(share_.rate(last), 3.0 / 14);
}

/// 16 flows between two hosts each, and many links of one capacity between: sums of rates that are full but for
/// rounding, which small cases do not show.
TEST_F(FairShare, ManyPathsOfManyHosts) {
  constexpr std::uint32_t hosts = 512, paths = 16, links = 2 * hosts + 4 * 512;
  expected_.capacity.assign(links, 50e9);
  share_.reset(expected_.capacity);
  for (std::uint32_t host = 0; host < hosts; ++host)
    for (std::uint32_t path = 0; path < paths; ++path) {
      std::vector<std::uint32_t> route{host, hosts + (host * 7 + 3) % hosts};
      for (std::uint32_t tier = 2; tier < 6; ++tier)
        route.push_back(tier * 512 + static_cast<std::uint32_t>(random(512)));
      ids_.push_back(share_.add(route));
      expected_.routes.push_back(route);
    }
  for (int round = 0; round < 20; ++round) {
    share_.relax();
    detail::contention flows;
    flows.clear(links);
    std::vector<double> rates;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      for (const auto link : expected_.routes[i]) flows.add_link(link);
      flows.end_flow();
      rates.push_back(share_.rate(ids_[i]));
    }
    flows.close(std::vector<detail::capacity_run>{{links, 50e9}});
    detail::fairness fairness;
    ASSERT_NO_THROW(detail::check_fairness(flows, rates, fairness)) << round;
    for (int i = 0; i < 40; ++i) remove();
  }
}

}  // namespace
}  // namespace colossus
