// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>
#include <colossus/bench/pairs_csv.hpp>

#include <nlohmann/json.hpp>

namespace commands {
namespace {

const std::string program = "colossus-threads";
using colossus::bench::read_rows;

TEST(threads, help_list_and_version_end_well) {
  const outcome help = run(program, "--help"), list = run(program, "--list"), some = run(program, "broadcast --list"),
                version = run(program, "--version");
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("--minbytes"), std::string::npos);
  EXPECT_EQ(help.err + list.err + some.err + version.err, "");
  EXPECT_TRUE(list.out.starts_with("all_reduce ring\n"));
  EXPECT_NE(list.out.find("all_to_all direct\n"), std::string::npos);
  EXPECT_EQ(some.out.find("all_reduce"), std::string::npos);
  EXPECT_TRUE(version.out.starts_with("colossus 0."));
}

TEST(threads, wrong_input_is_one_line_and_the_right_status) {
  const folder here;
  std::ofstream{here / "there.csv"} << "mine\n";
  expect_refusal(program, "--algorithm rings", 2, "unknown algorithm 'rings' for all_reduce: choose among ring, ");
  expect_refusal(program, "scan", 2, "unknown collective 'scan': choose one of all_reduce, ");
  expect_refusal(program, "-b 99999999999G", 2, "-b: expected a size below 8 EiB");
  expect_refusal(program, "-b 2G -e 1G", 2, "-b 2 GiB is above -e 1 GiB");
  expect_refusal(program, "-d quad", 2, "unknown data type 'quad'");
  expect_refusal(program, "-r 7 --ranks 2 broadcast -b 8 -e 8", 2, "-r 7: expected a rank from 0 to 1, or all");
  expect_refusal(program, "--ranks 1000000", 2, "--ranks: Value 1000000 not in range 1 to 4096");
  expect_refusal(program, "-G 1", 2, "-G 1: there is no CUDA graph on this backend");
  expect_refusal(program, "--benchmark_nonsense", 2, "--benchmark_nonsense: Google Benchmark does not know this flag");
  expect_refusal(program, "-b 8 -e 8 --csv " + here / "there.csv", 2,
                 "there.csv is there already: add to it with --append, or name another file");
  expect_refusal(program, "-b 8 -e 8 --append --csv " + here / "there.csv", 2,
                 "--append expects the header of schema 1");
  expect_refusal(program, "-b 8 -e 8 --csv /nowhere/x.csv", 2, "/nowhere/x.csv: expected a file that can be written");
  expect_refusal(program, "all_gather -b 4 -e 4 --ranks 2", 2, "nothing to measure");
  EXPECT_EQ(text_of(here / "there.csv"), "mine\n") << "a refused file is left alone";
}

TEST(threads, buffers_that_do_not_fit_are_refused_before_they_are_taken) {
  const outcome o = run(program, "-b 1024T -e 1024T --algorithm ring --ranks 2");
  EXPECT_EQ(o.status, 4);
  EXPECT_NE(o.err.find("the buffers take 4 PiB, and there are "), std::string::npos) << o.err;
}

TEST(threads, a_sweep_writes_a_row_for_each_place_and_a_sidecar) {
  const folder here;
  const outcome o =
      run(program, "-b 4 -e 1K -f 16 --ranks 3 -n 4 -w 1 --algorithm ring,direct --system test --tags a=b --csv " +
                       here / "x.csv");
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(o.err, "") << "no progress line where stderr is no terminal";
  EXPECT_TRUE(o.out.starts_with("# colossus 0.")) << o.out;
  EXPECT_NE(o.out.find("-b 4 -e 1K -f 16 -d float -o sum --algorithm ring,direct -n 4 -w 1 -c 1 -a 3"),
            std::string::npos)
      << "the first line echoes what is used";
  EXPECT_NE(o.out.find("# Out of bounds values : 0 OK"), std::string::npos);
  const auto rows = read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 3u * 2 * 2);
  for (const auto& r : rows) {
    EXPECT_EQ(r.status, "ok");
    EXPECT_EQ(r.errors, 0);
    EXPECT_EQ(r.ranks, 3);
    EXPECT_EQ(r.iters, 4);
    EXPECT_EQ(r.bytes, *r.count * 4);
    EXPECT_EQ(r.time_us, r.time_us_p50);
    EXPECT_GT(*r.time_us_min, 0);
    EXPECT_LE(*r.time_us_min, *r.time_us_p50);
    EXPECT_LE(*r.time_us_p50, *r.time_us_p99);
    EXPECT_LE(*r.time_us_p99, *r.time_us_max);
    EXPECT_NEAR(*r.busbw_GBps, *r.algbw_GBps * 4 / 3, 1e-12);
    EXPECT_EQ(r.run_id, rows.front().run_id);
    EXPECT_EQ(r.system + r.tags, "testa=b");
  }
  EXPECT_NEAR(*rows[rows.size() - 4].wire_factor, 4.0 / 3, 0.01) << "a ring sends 2 (P - 1) / P of the data";
  const auto meta = nlohmann::json::parse(text_of(here / "x.meta.json"));
  EXPECT_EQ(meta["runs"][0]["run_id"], rows.front().run_id);
}

TEST(threads, append_goes_on_with_a_file_and_its_sidecar) {
  const folder here;
  const std::string line = "-b 8 -e 8 --ranks 2 -n 1 -w 0 --algorithm ring --append --csv " + here / "x.csv";
  ASSERT_EQ(run(program, line).status, 0);
  ASSERT_EQ(run(program, line).status, 0);
  const auto rows = read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_NE(rows.front().run_id, rows.back().run_id);
  EXPECT_EQ(nlohmann::json::parse(text_of(here / "x.meta.json"))["runs"].size(), 2u);
}

TEST(threads, rows_have_stdout_to_themselves_with_csv_minus) {
  const outcome o = run(program, "-b 8 -e 8 --ranks 2 -n 1 --algorithm ring --csv -");
  EXPECT_EQ(o.status, 0);
  EXPECT_EQ(colossus::bench::csv_rows(o.out, "stdout").size(), 2u);
  EXPECT_NE(o.err.find("# colossus"), std::string::npos);
}

TEST(threads, pairs_are_measured_and_written_beside_the_rows) {
  const folder here;
  const outcome o = run(program, "sendrecv --pairs -b 4K -e 4K -n 3 -w 1 --ranks 4 --csv " + here / "x.csv");
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("# 6 pairs in 3 rounds, no rank in two at a time\n"), std::string::npos) << o.out;
  EXPECT_NE(o.out.find("# 6 pairs -> " + here / "x.pairs.csv"), std::string::npos) << o.out;
  EXPECT_EQ(colossus::bench::read_pairs(here / "x.pairs.csv").size(), 6u);
  EXPECT_EQ(read_rows(here / "x.csv").size(), 12u);
  const outcome quick =
      run(program, "send_recv --pairs=quick -b 4K -e 4K -n 3 --ranks 5 --append --csv " + here / "x.csv");
  ASSERT_EQ(quick.status, 0) << quick.err;
  EXPECT_EQ(colossus::bench::read_pairs(here / "x.pairs.csv").size(), 6u + 2);
}

TEST(threads, pairs_are_refused_where_they_make_no_sense) {
  const folder here;
  here.write("x.pairs.csv", "mine\n");
  expect_refusal(program, "--pairs -b 8 -e 8", 2, "--pairs is of send_recv: name it as the collective");
  expect_refusal(program, "send_recv --pairs=some -b 8 -e 8", 2, "--pairs: unknown name 'some'");
  expect_refusal(program, "send_recv --pairs -b 8 -e 8 --ranks 1", 2, "--pairs needs 2 ranks at least, found 1");
  expect_refusal(program, "send_recv --pairs -b 8 -e 8 --ranks 2 --algorithm direct", 2, "--algorithm: leave it out");
  expect_refusal(program, "send_recv --pairs -b 8 -e 8 --ranks 2 --csv " + here / "x.csv", 2,
                 "x.pairs.csv is there already: add to it with --append, or name another file");
  EXPECT_FALSE(std::filesystem::exists(here / "x.csv"));
}

TEST(threads, every_collective_has_right_data_in_every_type_and_reduction) {
  for (const auto* collective :
       {"all_reduce", "reduce_scatter", "all_gather", "reduce", "broadcast", "send_recv", "all_to_all"}) {
    const outcome o =
        run(program, std::string{collective} + " -b 1 -e 3K -i 1009 --ranks 3 -n 1 -w 0 -d all -o all -r all");
    EXPECT_EQ(o.status, 0) << collective << o.err;
    EXPECT_NE(o.out.find("# Out of bounds values : 0 OK"), std::string::npos) << collective;
  }
}

TEST(threads, google_benchmarks_own_flags_work) {
  const folder here;
  const std::string line = "-b 8 -e 64 -f 8 --ranks 2 -w 0 --algorithm ring ";
  const outcome list = run(program, line + "--benchmark_list_tests");
  EXPECT_EQ(list.status, 0);
  EXPECT_EQ(list.out.substr(0, list.out.find('\n')),
            "all_reduce/ring/float/sum/bytes:8/out_of_place/iterations:20/manual_time");
  const outcome some = run(program, line + "-n 3 --benchmark_filter=in_place --benchmark_repetitions=2 --csv " +
                                        here / "x.csv" + " --benchmark_out=" + here / "x.json");
  ASSERT_EQ(some.status, 0) << some.err;
  const auto rows = read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].launch, 0);
  EXPECT_EQ(rows[1].launch, 1);
  const auto json = nlohmann::json::parse(text_of(here / "x.json"));
  EXPECT_EQ(json["benchmarks"][0]["iterations"], 3);
  EXPECT_EQ(json["benchmarks"][0]["bytes"], 8.0);
  const outcome none = run(program, line + "--benchmark_filter=no_such_thing");
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.err, "colossus-threads: --benchmark_filter leaves nothing to run: see --benchmark_list_tests\n");
}

TEST(threads, google_benchmark_may_choose_the_iterations) {
  const folder here;
  const outcome o =
      run(program, "-b 8 -e 8 --ranks 2 --algorithm ring --benchmark_min_time=0.01 --csv " + here / "x.csv");
  ASSERT_EQ(o.status, 0) << o.err;
  const auto rows = read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 2u) << "calls that only look for the number of iterations are no rows";
  EXPECT_GT(*rows[0].iters, 1);
}

TEST(threads, operations_back_to_back_have_one_mean) {
  const outcome o = run(program, "-b 8 -e 8 --ranks 2 -n 10 --algorithm ring --timing back_to_back --csv -");
  const auto rows = colossus::bench::csv_rows(o.out, "stdout");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].time_stat, "mean");
  EXPECT_EQ(rows[0].timing, "back_to_back");
  EXPECT_EQ(rows[0].iters, 10);
  EXPECT_FALSE(rows[0].time_us_p50.has_value());
}

TEST(threads, an_interrupt_ends_it_between_two_rows) {
  const folder here;
  const outcome o = shell("timeout --preserve-status -s INT 1 " + (programs() / program).string() +
                          " -b 4 -e 16K -i 8 -n 1000 --ranks 2 --algorithm ring --csv " + here / "x.csv");
  EXPECT_EQ(o.status, 130);
  const std::string text = text_of(here / "x.csv");
  EXPECT_TRUE(text.ends_with('\n'));
  EXPECT_NO_THROW(colossus::bench::csv_rows(text, "x.csv"));
}

}  // namespace
}  // namespace commands
