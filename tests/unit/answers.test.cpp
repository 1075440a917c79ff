// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/disturbances.hpp>
#include <colossus/bench/ecmp_cost.hpp>
#include <colossus/bench/scenario_cost.hpp>
#include <colossus/bench/stats.hpp>
#include <colossus/bench/variations.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

std::string words(const std::string& line) {
  std::istringstream in{line};
  std::string text;
  for (std::string word; in >> word;) text += (text.empty() ? "" : " ") + word;
  return text;
}

row priced(const std::string& routing, std::int64_t bytes, double us, const std::string& scenario = "healthy") {
  row r;
  r.topology = "here", r.ranks = 64, r.placement = "packed", r.cost_model = "max_min", r.algorithm = "ring";
  r.dtype = "float", r.routing = routing, r.bytes = bytes, r.time_us = us, r.scenario = scenario;
  if (routing == "ecmp") r.queue_pairs = 4;
  return r;
}

TEST(answers, ecmp_costs_what_its_median_and_worst_draw_do_where_it_is_most) {
  ecmp_cost cost;
  for (const std::int64_t bytes : {1 << 10, 1 << 20, 1 << 30}) cost.add(priced("adaptive", bytes, 100));
  EXPECT_TRUE(cost.lines().empty()) << "nothing was drawn";
  for (const auto& [bytes, median, worst] :
       {std::tuple{1 << 10, 101.0, 150.0}, {1 << 20, 130.0, 140.0}, {1 << 30, 120.0, 190.0}}) {
    row r = priced("ecmp", bytes, median);
    r.time_us_max = worst;
    cost.add(r);
  }
  const auto lines = cost.lines();
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(words(lines[2]), "1.300 1.400 4 1 MiB ring");
}

TEST(answers, ecmp_without_adaptive_is_not_compared) {
  ecmp_cost cost;
  cost.add(priced("ecmp", 8, 7));
  EXPECT_TRUE(cost.lines().empty());
}

TEST(answers, a_scenario_is_compared_with_the_first_over_all_sizes) {
  scenario_cost cost;
  for (const auto& [scenario, scale] : {std::pair{"up=64", 1.0}, {"up=32", 2.0}, {"up=16", 3.0}})
    for (const std::int64_t bytes : {8, 1 << 20})
      cost.add(priced("ecmp", bytes, bytes == 8 ? 10 : 100 * scale, scenario));
  const auto lines = cost.lines();
  ASSERT_EQ(lines.size(), 2u * 3);
  EXPECT_EQ(lines[0], "here, 64 ranks: up=32 against up=64");
  EXPECT_EQ(words(lines[2]), "1.000x 2.000x 1 MiB ecmp 4 QP ring");
  EXPECT_EQ(lines[3], "here, 64 ranks: up=16 against up=64");
  EXPECT_EQ(words(lines[5]), "1.000x 3.000x 1 MiB ecmp 4 QP ring");
}

TEST(answers, one_scenario_is_not_compared) {
  scenario_cost cost;
  for (int i = 0; i < 2; ++i) cost.add(priced("adaptive", 8, 7));
  EXPECT_TRUE(cost.lines().empty());
}

TEST(answers, settings_are_lists_but_for_what_is_in_brackets_and_quotes) {
  EXPECT_EQ(setting_of("/a/b=64,32").values, (std::vector<std::string>{"64", "32"}));
  EXPECT_EQ(setting_of("/a=[1,2],\"x,y\",{\"k\":[3,4]}").values,
            (std::vector<std::string>{"[1,2]", "\"x,y\"", "{\"k\":[3,4]}"}));
  for (const char* wrong : {"a=1", "/a", "/a="}) EXPECT_THROW(setting_of(wrong), error) << wrong;
}

TEST(answers, several_settings_are_combined_the_last_running_fastest) {
  options o;
  o.settings = {"/a=1,2", "/b=3,4"};
  o.faults = {"link:leaf:count=1"};
  o.cross_rail = "fabric";
  const auto all = variations_of(o);
  ASSERT_EQ(all.size(), 4u);
  using set = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(all[1].set, (set{{"/scale_out/cross_rail", "fabric"}, {"/a", "1"}, {"/b", "4"}}));
  EXPECT_EQ(all[2].set, (set{{"/scale_out/cross_rail", "fabric"}, {"/a", "2"}, {"/b", "3"}}));
  EXPECT_EQ(all[2].faults, o.faults);
}

TEST(answers, stragglers_are_a_share_or_ranks) {
  disturbance share, named;
  read_stragglers("2.5%:40", share);
  EXPECT_EQ(share.straggler_share, 0.025);
  EXPECT_DOUBLE_EQ(share.straggler_s, 40e-6);
  EXPECT_TRUE(draws(share));
  read_stragglers("3+17:50", named);
  EXPECT_EQ(named.stragglers, (std::vector<rank_t>{3, 17}));
  EXPECT_FALSE(draws(named));
  for (const char* wrong : {"", "1%", ":5", "1%:", "3+:5", "+3:5", "-3:5", "101%:5", "x%:5", "3:-5", "3:nan"}) {
    disturbance d;
    EXPECT_THROW(read_stragglers(wrong, d), error) << wrong;
  }
}

TEST(answers, packets_are_fitted_or_said) {
  EXPECT_EQ(packets_of("fitted"), fitted_packets);
  const packet_effects p = packets_of("spray_efficiency=0.9,header_bytes=64");
  EXPECT_EQ(p, (packet_effects{.spray_efficiency = 0.9, .header_bytes = 64}));
  for (const char* wrong : {"fit", "spray_efficiency", "spray_efficiency=2", "spray_efficiency=0", "queue_packets=-1",
                            "header_bytes=4096", "queue=12"})
    EXPECT_THROW((void)packets_of(wrong), error) << wrong;
}

TEST(answers, stats_count_from_when_they_were_made) {
  colossus::detail::tallied.flows += 5;
  const stats since;
  colossus::detail::tallied.flows += 1234;
  EXPECT_TRUE(since.lines(3).front().starts_with("stats: 1,234 flows routed, 0 max-min solves"));
  EXPECT_TRUE(since.lines(3).back().starts_with("stats: 3 rows in "));
}

}  // namespace
}  // namespace colossus::bench
