// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/simulated_table.hpp>
#include <colossus/bench/statistics.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace colossus::bench {
namespace {

row measured(std::int64_t bytes, bool in_place, double time_us, const std::string& algorithm = "ring") {
  row r;
  r.algorithm = algorithm;
  r.dtype = "float";
  r.redop = "sum";
  r.bytes = bytes;
  r.count = bytes / 4;
  r.ranks = 4;
  r.in_place = in_place ? 1 : 0;
  r.errors = 0;
  set_time(r, time_us, "p50", 1.5);
  return r;
}

std::string words(const std::string& line) {
  std::istringstream in{line};
  std::string text;
  for (std::string word; in >> word;) text += (text.empty() ? "" : " ") + word;
  return text;
}

TEST(table, a_line_holds_both_places) {
  std::ostringstream out;
  measured_table table{out};
  table.add(measured(1 << 20, false, 100));
  EXPECT_EQ(out.str(), "") << "the second half is still to come";
  table.add(measured(1 << 20, true, 50));
  EXPECT_EQ(words(out.str()), "1048576 262144 float sum -1 100.0 10.49 15.73 0 50.00 20.97 31.46 0 - ring");
}

TEST(table, a_half_that_never_comes_is_not_available) {
  std::ostringstream out;
  measured_table table{out};
  table.add(measured(8, false, 2));
  table.add(measured(16, true, 4));
  table.add(measured(32, false, 8));
  table.end();
  std::istringstream lines{out.str()};
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(words(line), "8 2 float sum -1 2.00 0.0040 0.0060 0 N/A N/A N/A - - ring");
  std::getline(lines, line);
  EXPECT_EQ(words(line), "16 4 float sum -1 N/A N/A N/A - 4.00 0.0040 0.0060 0 - ring");
  std::getline(lines, line);
  EXPECT_EQ(words(line), "32 8 float sum -1 8.00 0.0040 0.0060 0 N/A N/A N/A - - ring");
}

TEST(table, wrong_data_shows_in_its_line) {
  std::ostringstream out;
  measured_table table{out};
  row bad = measured(8, false, 2);
  bad.errors = 7;
  bad.status = "wrong_data";
  bad.time_us.reset(), bad.algbw_GBps.reset(), bad.busbw_GBps.reset();
  table.add(bad);
  table.add(measured(8, true, 2));
  EXPECT_EQ(words(out.str()), "8 2 float sum -1 N/A N/A N/A 7 2.00 0.0040 0.0060 0 - ring");
}

TEST(table, head_and_lines_have_their_columns_below_each_other) {
  std::ostringstream out;
  measured_table table{out};
  table.head();
  table.add(measured(1 << 20, false, 123456));
  table.add(measured(1 << 20, true, 0.05));
  std::vector<std::string> lines;
  std::istringstream in{out.str()};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_EQ(lines[2].find("algorithm"), lines[4].find("ring"));
  EXPECT_EQ(lines[2].find("count") + 5, lines[4].find("262144") + 6);
  EXPECT_EQ(lines[2].find("time") + 4, lines[4].find("123456") + 6);
  EXPECT_EQ(lines[2].rfind("time") + 4, lines[4].find("0.0500") + 6);
}

TEST(table, figures_keep_their_meaning_when_they_are_small) {
  EXPECT_EQ(words(detail::figure(2.0, 9)), "2.00");
  EXPECT_EQ(words(detail::figure(0.0123, 9)), "0.0123");
  EXPECT_EQ(words(detail::figure(6e-8, 9)), "6.0e-08");
  EXPECT_EQ(words(detail::figure(1234567.0, 9)), "1234567");
  EXPECT_EQ(words(detail::figure(0.0, 9)), "0.00");
  EXPECT_EQ(words(detail::figure({}, 9)), "N/A");
}

TEST(table, prices_say_what_limits_them_and_the_share_of_the_speed_of_light) {
  std::ostringstream out;
  simulated_table table{out};
  row r = measured(1 << 20, false, 100);
  r.sol_us = 85;
  r.limit = "NIC out";
  r.routing = "ecmp";
  r.queue_pairs = 4;
  r.iters = 16;
  r.cost_model = "max_min";
  r.energy_J = 1.14e6;
  table.add(r);
  table.add(r);
  const std::string how = "# routing ecmp, 4 queue pairs, median of 16 draws; cost model max_min ";
  const std::string line = "1048576 262144 float sum -1 100.0 10.49 15.73 85.0 1.14 MJ NIC out ring";
  EXPECT_EQ(words(out.str()), how + line + " " + line) << "how it was priced is said where it changes";
}

}  // namespace
}  // namespace colossus::bench
