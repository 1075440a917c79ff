// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>

namespace commands {
namespace {

const std::string program = "colossus-import";

/// The text of nccl-tests with two sizes.
const std::string nccl_log =
    "# nThread 1 nGpus 8 minBytes 1024 maxBytes 2048 step: 2(factor) warmup iters: 5 iters: 20 agg iters: 1 "
    "validation: 1 graph: 0\n"
    "#  Rank  7 Group  0 Pid  1 on  alpha device  7 [0x00] NVIDIA H100\n"
    "#                                                              out-of-place                       in-place\n"
    "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw "
    "#wrong\n"
    "        1024           256     float     sum      -1    20.48    0.05    0.09      0    10.24    0.10    0.18     "
    " "
    "0\n"
    "        2048           512     float     sum      -1    20.48    0.10    0.18      0    20.48    0.10    0.18     "
    " "
    "0\n"
    "# Out of bounds values : 0 OK\n";

TEST(import, rows_are_written_and_the_same_again_is_another_launch) {
  const folder here;
  const std::string log = here.write("all_reduce.log", nccl_log), out = here / "x.csv";
  const outcome o = run(program, log + " " + log + " -o " + out);
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("all_reduce.log: nccl-tests text, 4 rows\n"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("8 rows -> " + out), std::string::npos) << o.out;
  const auto rows = colossus::bench::read_rows(out);
  ASSERT_EQ(rows.size(), 8u);
  EXPECT_EQ(rows[1].in_place, 1);
  EXPECT_EQ(rows[1].time_us, 10.24);
  EXPECT_EQ(rows[4].launch, 1);
  EXPECT_TRUE(std::filesystem::exists(here / "x.meta.json"));
}

TEST(import, what_cannot_be_read_leaves_nothing_and_names_the_line) {
  const folder here;
  std::string broken = nccl_log;
  broken.replace(broken.find("20.48"), 5, "2o.48");
  const std::string bad = here.write("all_reduce.log", broken), out = here / "x.csv";
  expect_refusal(program, bad + " -o " + out, 3, "all_reduce.log: line 5: ");
  EXPECT_FALSE(std::filesystem::exists(out));
  expect_refusal(program, "/nowhere.log -o " + out, 3, "/nowhere.log");
  expect_refusal(program, here.write("a.csv", "Size,Lat\n8,1\n") + " -o " + out, 3, "--columns bytes=Size");
  expect_refusal(program, here / "a.csv" + " -o " + out + " --columns bytes", 2, "--columns: expected NAME=VALUE");
  expect_refusal(program, bad, 2, "--output");
}

TEST(import, any_table_becomes_rows_on_stdout) {
  const folder here;
  const std::string table = here.write("a.csv", "Size,Lat (ms)\n1KiB,1\n");
  const outcome o =
      run(program, table + " -o - --columns 'bytes=Size,time_us=Lat (ms)' --set collective=all_gather,ranks=4");
  EXPECT_EQ(o.status, 0) << o.err;
  const auto rows = colossus::bench::csv_rows(o.out, "stdout");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].time_us, 1000);
  EXPECT_EQ(rows[0].bytes, 1024);
  EXPECT_EQ(rows[0].source, "imported");
}

}  // namespace
}  // namespace commands
