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

}  // namespace
}  // namespace colossus
