// SPDX-License-Identifier: Apache-2.0
#include "import_text.hpp"

#include <colossus/bench/table.hpp>

#include <iterator>
#include <random>

namespace colossus::bench {
namespace {

using namespace import_text;

/// What is alike in tables of all versions.
std::string devices(int ranks, int per_node = 4) {
  std::string text = "# Using devices\n";
  for (int r = 0; r < ranks; ++r)
    text += "#  Rank " + std::to_string(r) + " Group  0 Pid 77" + std::to_string(r) + " on node" +
            std::to_string(r / per_node) + " device  0 [0000:04:00] NVIDIA H100 80GB HBM3\n";
  return text;
}

const std::string settings =
    "# nThread 1 nGpus 1 minBytes 8 maxBytes 16 step: 2(factor) warmup iters: 5 iters: 20 agg iters: 1 validation: 1 "
    "graph: 0\n#\n";
const std::string labels =
    "#\n#                                                out-of-place                       in-place\n";
const std::string head =
    "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw "
    "#wrong\n"
    "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)\n";
const std::string new_table =
    "# nccl-tests version 2.17.6 nccl-headers=22809 nccl-library=22809\n"
    "# Collective test starting: all_reduce_perf\n" +
    settings + devices(8) + labels + head +
    "  1048576  262144  float  sum  -1  100.00  10.49  18.35  0  50.00  20.97  36.70  3\n"
    "  2097152  524288  float  sum  -1  100.00  20.97  36.70  N/A  50.00  41.94  73.40  N/A\n"
    "# Out of bounds values : 3 FAILED\n# Avg bus bandwidth    : 41.2875\n#\n";

TEST(import_nccl, a_line_is_two_rows) {
  const imported file = read_text(new_table);
  EXPECT_EQ(file.format, "nccl-tests text");
  EXPECT_TRUE(file.warnings.empty()) << file.warnings[0];
  ASSERT_EQ(file.rows.size(), 4u);
  const row& r = file.rows[1];
  EXPECT_EQ(r.source, "imported");
  EXPECT_EQ(r.backend, "nccl");
  EXPECT_EQ(r.library, "nccl-2.28.9");
  EXPECT_EQ(r.collective, "all_reduce");
  EXPECT_EQ(r.dtype, "float");
  EXPECT_EQ(r.redop, "sum");
  EXPECT_EQ(r.root, integer{});
  EXPECT_EQ(r.in_place, 1);
  EXPECT_EQ(r.bytes, 1 << 20);
  EXPECT_EQ(r.count, 1 << 18);
  EXPECT_EQ(r.ranks, 8);
  EXPECT_EQ(r.nodes, 2);
  EXPECT_EQ(r.ranks_per_node, 4);
  EXPECT_EQ(r.timing, "back_to_back");
  EXPECT_EQ(r.warmup, 5);
  EXPECT_EQ(r.iters, 20);
  EXPECT_EQ(r.time_us, 50);
  EXPECT_EQ(r.time_stat, "mean");
  EXPECT_DOUBLE_EQ(*r.algbw_GBps, 20.97152);
  EXPECT_DOUBLE_EQ(*r.busbw_GBps, 20.97152 * 1.75);
  EXPECT_EQ(r.errors, 3);
  EXPECT_EQ(r.status, "wrong_data");
  EXPECT_EQ(r.tags, "tool=nccl-tests;device=NVIDIA H100 80GB HBM3");
  EXPECT_EQ(file.rows[0].errors, 0);
  EXPECT_EQ(file.rows[0].in_place, 0);
  EXPECT_EQ(file.rows[2].errors, integer{}) << "N/A: not checked";
  EXPECT_EQ(file.rows[2].status, "ok");
}

TEST(import_nccl, noise_and_prefixes_change_nothing) {
  const auto plain = read_text(new_table).rows;
  for (const std::string prefix : {"0: ", " 3: ", "[1,0]<stdout>:", "node07: ", ""}) {
    std::string noisy = "node0:12:12 [0] NCCL INFO Bootstrap : Using eth0\n+ srun something 17\n";
    for (const std::string& line : lines(new_table))
      noisy += prefix + line + "\r\nnode0:3442:3442 [0] NCCL INFO Launch mode Parallel\n10.0.0.7:1:1 [2] NCCL INFO x\n";
    EXPECT_EQ(read_text(noisy).rows, plain) << prefix;
  }
  std::string behind = new_table;  // another process writes behind a row, on its line
  behind.insert(behind.find("36.70  3\n") + 8, "  node0:3442:3442 [0] NCCL INFO Launch");
  EXPECT_EQ(read_text(behind).rows, plain);
}

TEST(import_nccl, each_damaged_line_is_named) {
  const auto all = lines(new_table);
  for (std::size_t i = all.size() - 5; i < all.size() - 3; ++i) {
    const std::string where = "line " + std::to_string(i + 1) + ": expected ";
    auto cut = all;
    cut[i].resize(cut[i].size() / 2);
    EXPECT_TRUE(refusal(text_of(cut)).starts_with(where)) << refusal(text_of(cut));
    std::istringstream words{all[i]};
    std::vector<std::string> fields{std::istream_iterator<std::string>{words}, {}};
    for (std::size_t f = 0; f < fields.size(); ++f) {
      auto damaged = all;
      damaged[i].clear();
      for (std::size_t k = 0; k < fields.size(); ++k)
        if (k != f) damaged[i] += " " + fields[k];
      EXPECT_TRUE(refusal(text_of(damaged)).starts_with(where)) << f << refusal(text_of(damaged));
      if (f == 2 || f == 3 || fields[f] == "N/A") continue;
      damaged[i].clear();
      for (std::size_t k = 0; k < fields.size(); ++k) damaged[i] += " " + fields[k] + (k == f ? "x" : "");
      EXPECT_TRUE(refusal(text_of(damaged)).starts_with(where)) << f << refusal(text_of(damaged));
    }
  }
}

TEST(import_nccl, figures_that_do_not_add_up_are_warned_of) {
  std::string wrong = new_table;
  wrong.replace(wrong.find("18.35"), 5, "17.35");
  const auto said = read_text(wrong).warnings;
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[0],
            "1 figures of bandwidth differ by more than rounding: line 18 says busbw 17.35 GB/s, bytes, time and "
            "ranks give 18.35 (ours are in the rows)");
  EXPECT_TRUE(said[1].starts_with("the average bus bandwidth of the rows is 41.03")) << said[1];
  std::string lost = new_table.substr(0, new_table.find("  2097152")) + new_table.substr(new_table.find("# Out of"));
  ASSERT_EQ(read_text(lost).warnings.size(), 1u) << "a line is missing";
  const std::string killed = new_table.substr(0, new_table.find("# Out of"));
  ASSERT_EQ(read_text(killed).warnings.size(), 1u);
  EXPECT_NE(read_text(killed).warnings[0].find("its last lines are missing"), std::string::npos);
}

TEST(import_nccl, what_the_file_does_not_say_is_asked_for) {
  const std::string anonymous =
      new_table.substr(0, new_table.find("#  Rank")) + labels + head + new_table.substr(new_table.find("  1048576"));
  EXPECT_EQ(refusal(anonymous), "line 10: the file lists no ranks above this line: say how many with --set ranks=N");
  import_request asked;
  asked.set["ranks"] = "8";
  EXPECT_EQ(read_text(anonymous, asked).rows.size(), 4u);
  asked.set["ranks"] = "none";
  EXPECT_EQ(refusal(anonymous, asked, failure::usage), "--set ranks=none: expected a number of ranks above 0");
  asked.set = {{"collective", "scan"}};
  EXPECT_TRUE(
      refusal(new_table, asked, failure::usage).starts_with("--set collective=scan: expected one of all_reduce, "));
  asked.set = {{"collective", "AllReduce"}, {"system", "here"}, {"nodes", "1"}};
  const row r = read_text(new_table, asked).rows.at(0);
  EXPECT_EQ(r.collective + r.system, "all_reducehere");
  EXPECT_EQ(r.ranks_per_node, 8);
  std::string cpu = new_table;
  cpu.replace(cpu.find(" time "), 6, " cputime ");
  EXPECT_NE(refusal(cpu).find("line 16: expected times of operations, found cputime"), std::string::npos)
      << refusal(cpu);
}

/// nccl-tests' table of random times for a collective, as old programs write it: without what it does not need.
struct old_table {
  std::string text;
  std::vector<double> times;
};

old_table random_table(const importing::foreign_collective& c, int ranks, std::uint32_t seed) {
  std::mt19937 random{seed};
  old_table made;
  made.text = settings + devices(ranks) + labels + "#  size  count  type" + (c.reduces ? "  redop" : "") +
              (c.rooted ? "  root" : "") + "  time  algbw  busbw  error  time  algbw  busbw  error\n";
  for (std::int64_t count = 1 << 18; count <= 1 << 26; count *= 4) {
    const std::int64_t bytes = count * 4 * (c.per_rank ? ranks : 1);
    std::string line =
        detail::format("%12lld %12lld float", static_cast<long long>(bytes), static_cast<long long>(count));
    line += c.reduces ? "  sum" : "";
    line += c.rooted ? "  0" : "";
    for (int half = 0; half < 2; ++half) {
      const double time = std::uniform_int_distribution{4000, 90000}(random) / 100.0;
      const double alg = static_cast<double>(bytes) / time * 1e-3;
      line += detail::format("  %.2f  %.2f  %.2f  0e+00", time, alg, alg * c.bus_factor(ranks));
      made.times.push_back(time);
    }
    made.text += line + '\n';
  }
  made.text += "# Out of bounds values : 0 OK\n";
  return made;
}

TEST(import_nccl, old_tables_of_each_collective_come_back) {
  for (const auto& c : importing::foreign_collectives)
    for (const int ranks : {2, 3, 8, 48}) {
      if (c.name == "all_to_all_v" || c.name == "hypercube" || c.spelling.size() > 13) continue;
      const old_table made = random_table(c, ranks, static_cast<std::uint32_t>(ranks));
      const imported file = read_text(made.text, {}, "run-" + std::string{c.spelling} + ".txt");
      EXPECT_LE(file.warnings.size(), 1u) << c.name << ranks;
      for (const std::string& said : file.warnings) EXPECT_NE(said.find("its name says"), std::string::npos) << said;
      ASSERT_EQ(file.rows.size(), made.times.size());
      for (std::size_t i = 0; i < file.rows.size(); ++i) {
        EXPECT_EQ(file.rows[i].collective, c.name) << ranks;
        EXPECT_EQ(file.rows[i].time_us, made.times[i]);
        EXPECT_EQ(file.rows[i].errors, 0);
        EXPECT_EQ(file.rows[i].root, c.rooted ? integer{0} : integer{});
      }
    }
}

TEST(import_nccl, a_collective_that_cannot_be_told_is_asked_for) {
  const auto& all_gather = *importing::spelled("all_gather");
  EXPECT_NE(refusal(random_table(all_gather, 8, 1).text)
                .find("its figures fit all_gather or all_to_all: name it with --set collective=NAME"),
            std::string::npos);
  const std::string command = "+ mpirun -np 8 /opt/nccl-tests/build/alltoall_perf -b 8\n";
  EXPECT_EQ(read_text(command + random_table(all_gather, 8, 1).text).rows.at(0).collective, "all_to_all");
}

TEST(import_nccl, several_runs_in_a_log_are_told_apart) {
  const auto& gather = *importing::spelled("all_gather");
  const std::string other = "/x/all_gather_perf -b 8\n" + random_table(gather, 4, 1).text;
  const imported file = read_text(new_table + other + new_table);
  ASSERT_EQ(file.rows.size(), 4u + 10u + 4u);
  EXPECT_EQ(file.rows[3].collective + file.rows[4].collective, "all_reduceall_gather");
  EXPECT_EQ(file.rows[4].ranks, 4);
  EXPECT_EQ(file.rows[0].launch, 0);
  EXPECT_EQ(file.rows[14].launch, 1) << "the same again is another launch";
}

TEST(import_nccl, per_iteration_columns_timestamps_and_split_groups) {
  std::string text = "# Collective test starting: sendrecv_perf\n" + settings + devices(2) +
                     "#  Rank 2 Group  1 Pid 9 on far device  0 [0000:04:00] NVIDIA H100\n"
                     "#  Rank 3 Group  1 Pid 9 on far device  0 [0000:04:00] NVIDIA H100\n" +
                     labels +
                     "# size count type redop root time algbw busbw #wrong i_min i_max i_p99 i_cv% time algbw busbw "
                     "#wrong i_min i_max i_p99 i_cv% timestamp\n"
                     " 1000000 250000 float none -1 100.0 10.00 10.00 0 90.0 120.0 118.0 3.0 50.0 20.00 20.00 N/A 40.0 "
                     "60.0 59.0 1.0 2026-01-02 03:04:05\n# Out of bounds values : 0 OK\n";
  const imported file = read_text(text);
  EXPECT_TRUE(file.warnings.empty()) << file.warnings[0];
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.rows[0].collective, "send_recv");
  EXPECT_EQ(file.rows[0].ranks, 2);
  EXPECT_EQ(file.rows[0].nodes, 1);
  EXPECT_EQ(file.rows[0].redop, "");
  EXPECT_EQ(file.rows[0].time_us_max, 120);
  EXPECT_EQ(file.rows[1].time_us_p99, 59);
}

TEST(import_nccl, rccl_is_said) {
  std::string text = new_table.substr(new_table.find("# Collective"));
  for (auto at = text.find("NVIDIA H100 80GB HBM3"); at != std::string::npos; at = text.find("NVIDIA H100 80GB HBM3"))
    text.replace(at, 21, "AMD Instinct MI300X");
  EXPECT_EQ(read_text(text).rows.at(0).library, "rccl");
  const imported file = read_text("RCCL version : 2.22.3-develop:abc\n" + text);
  EXPECT_TRUE(file.rows.at(0).library.starts_with("rccl")) << file.rows[0].library;
  EXPECT_TRUE(file.rows.at(0).tags.starts_with("tool=rccl-tests;device=AMD")) << file.rows[0].tags;
}

/// The folder of other tools' files, which are not part of the project.
std::filesystem::path shared() { return std::filesystem::path{__FILE__}.parent_path() / "../../../shared"; }

TEST(import_samples, superbench_logs_have_34_lines_each_and_name_what_is_damaged) {
  const auto from = shared() / "samples/nccl-tests-output";
  if (!std::filesystem::exists(from)) GTEST_SKIP() << "without " << from;
  for (const auto& [file, collective] : {std::pair{"allgather", "all_gather"},
                                         {"allreduce", "all_reduce"},
                                         {"broadcast", "broadcast"},
                                         {"reduce", "reduce"},
                                         {"reducescatter", "reduce_scatter"}}) {
    const std::string path = (from / ("superbench-" + std::string{file} + ".log")).string(), text = file_text(path);
    const imported found = read_any(path);
    EXPECT_EQ(found.rows.size(), 68u) << file;
    EXPECT_EQ(found.warnings.size(), collective == std::string{"all_gather"} ? 1u : 0u) << file;
    for (const row& r : found.rows) EXPECT_EQ(r.collective, collective);
    EXPECT_EQ(found.rows.back().bytes, std::int64_t{8} << 30);
    EXPECT_EQ(found.rows.back().ranks, 8);
    const auto all = lines(text);
    for (std::size_t i = 16; i < 50; i += 3) {
      const std::string where = "line " + std::to_string(i + 1) + ": ";
      auto cut = all, letter = all, missing = all;
      cut[i].resize(60);
      letter[i].replace(letter[i].find('.'), 1, "o");
      missing[i].erase(0, missing[i].find_first_of(' ', missing[i].find_first_not_of(' ')));
      for (const auto& damaged : {cut, letter, missing})
        EXPECT_TRUE(refusal(text_of(damaged)).starts_with(where)) << file << refusal(text_of(damaged));
    }
  }
}

TEST(import_samples, measurements_are_read_as_tables) {
  const auto from = shared() / "measurements";
  if (!std::filesystem::exists(from)) GTEST_SKIP() << "without " << from;
  for (const auto& each : std::filesystem::directory_iterator{from}) {
    const std::string path = each.path().string();
    const auto all = lines(file_text(path));
    const auto expected =
        std::count_if(all.begin(), all.end(), [](const auto& l) { return !l.empty() && l[0] != '#'; }) - 1;
    const imported file = read_any(path);
    EXPECT_EQ(file.rows.size(), static_cast<std::size_t>(expected)) << path;
    EXPECT_TRUE(file.warnings.empty()) << path << file.warnings[0];
    for (const row& r : file.rows) EXPECT_TRUE(r.ranks && r.bytes && *r.time_us > 0 && *r.busbw_GBps > 0) << path;
  }
}

}  // namespace
}  // namespace colossus::bench
