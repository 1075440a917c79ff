// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <colossus/bench/pairs_csv.hpp>

#include <gtest/gtest.h>

namespace {

using namespace colossus::bench;

pair_line some_pair(int number) {
  return {"run",   number,        number, "host,\"" + std::to_string(number) + "\"",
          3,       number + 1,    "b",    7,
          1 << 20, 12.5 + number, 1e-3,   number % 2 ? "ok" : "timeout"};
}

TEST(pairs_csv, header_is_the_contract) {
  EXPECT_EQ(pairs_header(),
            "run_id,round,src_rank,src_host,src_device,dst_rank,dst_host,dst_device,bytes,time_us_p50,GBps,status\n");
  EXPECT_EQ(pairs_path("some/x.csv"), "some/x.pairs.csv");
}

TEST(pairs_csv, what_is_written_is_read_again) {
  const colossus::test::folder here;
  std::vector<pair_line> written;
  {
    pairs_file file{here / "x.pairs.csv", false};
    for (int i = 0; i < 5; ++i) file.write(written.emplace_back(some_pair(i)));
    pair_line& dead = written.emplace_back(some_pair(5));
    dead.time_us_p50 = dead.GBps = {}, dead.run_id.clear();
    file.write(dead);
  }
  EXPECT_EQ(read_pairs(here / "x.pairs.csv"), written);
  EXPECT_THROW((pairs_file{here / "x.pairs.csv", false}), colossus::error);
  pairs_file{here / "x.pairs.csv", true}.write(written[0]);
  EXPECT_EQ(read_pairs(here / "x.pairs.csv").size(), written.size() + 1);
}

TEST(pairs_csv, columns_go_by_name) {
  const auto pairs = csv_pairs(
      "note,dst_device,dst_host,dst_rank,src_device,src_host,src_rank,time_us_p50,bytes\nx,1,b,9,0,a,8,2.5,4096\n",
      "t");
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_EQ(pairs[0].src_host + pairs[0].dst_host, "ab");
  EXPECT_EQ(pairs[0].src_rank, 8);
  EXPECT_EQ(pairs[0].dst_device, 1);
  EXPECT_EQ(pairs[0].time_us_p50, 2.5);
  EXPECT_EQ(pairs[0].status, "ok");
  EXPECT_FALSE(pairs[0].round);
}

void expect_refused(const std::string& text, const std::string& because) {
  try {
    csv_pairs(text, "t.pairs.csv");
    FAIL() << "accepted: " << text;
  } catch (const colossus::error& e) {
    EXPECT_EQ(e.what(), "t.pairs.csv: " + because);
    EXPECT_EQ(e.exit_status(), 3);
  }
}

TEST(pairs_csv, what_is_wrong_is_said_with_its_line) {
  expect_refused("", "line 1: expected the header of a table of pairs, found an empty file");
  expect_refused("schema,run_id\n1,x\n",
                 "line 1: expected the header of a table of pairs, with column src_rank: --pairs of the benchmarks and "
                 "of colossus-simulate writes such");
  const std::string good = "r,0,0,\"a\nb\",0,1,b,1,64,2,3,ok\n";
  expect_refused(pairs_header() + good + "r,0,0,a,0,1,b,1,64,fast,3,ok\n",
                 "line 4: expected a number in column time_us_p50, found 'fast'");
  expect_refused(pairs_header() + good + good + "r,0,0\n", "line 6: expected 12 fields, found 3");
}

}  // namespace
