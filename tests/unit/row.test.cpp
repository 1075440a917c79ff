// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/csv.hpp>

#include <gtest/gtest.h>

#include <clocale>
#include <limits>
#include <locale>
#include <set>
#include <sstream>

namespace colossus::bench {
namespace {

const std::string the_schema =
    "schema,run_id,source,backend,library,system,collective,algorithm,protocol,lanes,chunk_bytes,dtype,redop,root,in_"
    "place,"
    "bytes,count,ranks,nodes,ranks_per_node,placement,topology,topology_id,routing,queue_pairs,registration,cost_model,"
    "price_kind,profile,seed,scenario,timing,launch,warmup,iters,time_us,time_stat,time_us_min,time_us_p50,time_us_"
    "mean,"
    "time_us_p95,time_us_p99,time_us_max,time_us_stdev,time_us_low,time_us_high,slowest_rank,slowest_host,algbw_GBps,"
    "busbw_GBps,wire_factor,sol_us,limit,limit_link,energy_J,launches_per_op,status,errors,tags\n";

TEST(row, has_the_columns_of_schema_1_in_order) { EXPECT_EQ(csv_header(), the_schema); }

TEST(row, keys_are_the_columns_up_to_timing_without_schema_and_run_id) {
  bool past = false;
  for (const column& c : columns) {
    EXPECT_EQ(c.key, !past && c.name != "schema" && c.name != "run_id") << c.name;
    past |= c.name == "timing";
  }
}

TEST(row, every_column_is_explained_and_has_a_member_of_its_own) {
  row marked;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    EXPECT_FALSE(columns[i].meaning.empty()) << columns[i].name;
    EXPECT_FALSE(columns[i].empty_when.empty()) << columns[i].name;
    ASSERT_TRUE(set_from_text(marked, columns[i], std::to_string(100 + i)));
  }
  for (const column& c : columns) seen.insert(text_of(marked, c));
  EXPECT_EQ(seen.size(), columns.size());
}

TEST(row, every_column_reads_back_what_was_written) {
  row written;
  for (std::size_t i = 0; i < columns.size(); ++i) ASSERT_TRUE(set_from_text(written, columns[i], std::to_string(i)));
  written.time_us = 0.1 + 0.2;
  written.algbw_GBps = 5e-324;
  written.bytes = std::numeric_limits<std::int64_t>::max();
  written.tags = "note=a \"quoted\", long\nline;\r\nx=y";
  EXPECT_EQ(csv_rows(csv_header() + csv_line(written), "memory"), std::vector{written});
}

TEST(row, starts_empty_and_empty_reads_back_as_missing) {
  const row empty;
  EXPECT_EQ(csv_line(empty), "1" + std::string(columns.size() - 3, ',') + "ok,,\n");
  const auto again = csv_rows(csv_header() + csv_line(empty), "memory");
  ASSERT_EQ(again, std::vector{empty});
  EXPECT_FALSE(again.front().time_us.has_value());
}

/// Numbers as much of Europe writes them: 1.234.567,25.
struct with_commas final : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(row, numbers_do_not_follow_the_locale) {
  const std::locale before = std::locale::global(std::locale{std::locale::classic(), new with_commas});
  const bool c_as_well = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr || std::setlocale(LC_ALL, "de_DE") != nullptr;
  std::ostringstream here;
  here << 1234567.25;
  EXPECT_NE(here.str().find(','), std::string::npos) << "the test's own locale";
  row r;
  r.time_us = 1234567.25, r.bytes = 1234567;
  const std::string line = csv_line(r);
  EXPECT_EQ(csv_rows(csv_header() + line, "memory"), std::vector{r});
  EXPECT_NE(line.find(",1234567.25,"), std::string::npos) << (c_as_well ? "C and C++" : "C++ alone");
  EXPECT_NE(line.find(",1234567,"), std::string::npos);
  std::locale::global(before);
  std::setlocale(LC_ALL, "C");
}

TEST(row, text_that_is_no_number_is_refused_where_a_number_belongs) {
  row r;
  const auto& bytes = *std::find_if(columns.begin(), columns.end(), [](const column& c) { return c.name == "bytes"; });
  EXPECT_FALSE(set_from_text(r, bytes, "8 B"));
  EXPECT_FALSE(set_from_text(r, bytes, "9223372036854775808"));
  EXPECT_TRUE(set_from_text(r, bytes, "9223372036854775807"));
}

}  // namespace
}  // namespace colossus::bench
