// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/statistics.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

TEST(statistics, of_one_to_five) {
  row r;
  set_statistics(r, {5, 1, 4, 2, 3});
  EXPECT_EQ(r.time_us_min, 1.0);
  EXPECT_EQ(r.time_us_p50, 3.0);
  EXPECT_EQ(r.time_us_mean, 3.0);
  EXPECT_DOUBLE_EQ(*r.time_us_p95, 4.8);
  EXPECT_DOUBLE_EQ(*r.time_us_p99, 4.96);
  EXPECT_EQ(r.time_us_max, 5.0);
  EXPECT_DOUBLE_EQ(*r.time_us_stdev, std::sqrt(2.5));
}

TEST(statistics, the_median_of_an_even_number_lies_between_its_neighbours) {
  EXPECT_EQ(percentile({1, 2, 4, 8}, 0.5), 3.0);
  EXPECT_EQ(percentile({7}, 0.99), 7.0);
}

TEST(statistics, one_sample_has_no_deviation_and_none_has_nothing) {
  row one, none;
  set_statistics(one, {2});
  set_statistics(none, {});
  EXPECT_EQ(one.time_us_max, 2.0);
  EXPECT_FALSE(one.time_us_stdev.has_value());
  EXPECT_EQ(none, row{});
}

TEST(statistics, bandwidth_is_in_1e9_bytes_a_second) {
  row r;
  r.bytes = 1'000'000;
  r.ranks = 4;
  set_time(r, 1000, "p50", 1.5);
  EXPECT_EQ(r.time_us, 1000.0);
  EXPECT_EQ(r.time_stat, "p50");
  EXPECT_DOUBLE_EQ(*r.algbw_GBps, 1.0);
  EXPECT_DOUBLE_EQ(*r.busbw_GBps, 1.5);
}

TEST(statistics, one_rank_has_no_bus) {
  row r;
  r.bytes = 1000;
  r.ranks = 1;
  set_time(r, 1, "p50", 1.0);
  EXPECT_EQ(r.busbw_GBps, 0.0);
}

}  // namespace
}  // namespace colossus::bench
