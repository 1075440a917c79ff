// SPDX-License-Identifier: Apache-2.0
#include "import_text.hpp"

#include <colossus/bench/import/import_main.hpp>

namespace colossus::bench {
namespace {

using namespace import_text;

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

/// What nccl-tests writes with -J on two nodes of four GPUs, all on one line as it does, or with `end` behind parts.
std::string nccl_json_text(int version, const std::string& end = "") {
  return "{\"version\":" + std::to_string(version) + ",\"start_time\":\"2026-01-02 03:04:05\"," + end +
         "\"args\":[\"/opt/build/"
         "all_gather_perf\",\"-g\",\"4\"],\"env\":[\"SECRET_TOKEN=hush\"],\"nccl_version\":22809," +
         end +
         "\"config\":{\"nthreads\":1,\"ngpus\":4,\"warmup_iters\":1,\"iterations\":20,\"graph\":0,\"devices\":["
         "{\"rank\":0,\"group\":0,\"pid\":1,\"hostname\":\"a\",\"device\":0,\"device_info\":\"NVIDIA H100\"},"
         "{\"rank\":4,\"group\":0,\"pid\":2,\"hostname\":\"b\",\"device\":0,\"device_info\":\"NVIDIA H100\"}]}," +
         end + "\"results\":[{\"size\":1024,\"count\":32,\"type\":\"float\",\"redop\":\"none\",\"root\":\"    -1\"," +
         end + "\"out_of_place\":{\"time\":10.000000,\"alg_bw\":0.102400,\"bus_bw\":0.089600,\"nwrong\":0.000000}," +
         end + "\"in_place\":{\"time\":8.000000,\"alg_bw\":0.128000,\"bus_bw\":0.112000,\"nwrong\":null}," +
         "\"in_place_per_iter\":{\"min_us\":7.0,\"max_us\":9.0,\"avg_us\":8.0,\"p50_us\":8.0,\"p95_us\":9.0,\"p99_us\":"
         "9.0,"
         "\"stdev_us\":1.0,\"times_us\":[7.0,9.0]}," +
         "\"actual_iterations\":20,\"experiment_name\":\"\"}]," + end +
         "\"out_of_bounds\":{\"count\":0,\"okay\":\"true\"},\"average_bus_bandwidth\":{\"bandwidth\":0.100800,\"okay\":"
         "\"unchecked\"},\"errors\":[],\"end_time\":\"2026-01-02 03:05:05\"}";
}

TEST(import_nccl_json, all_versions_are_read) {
  for (const int version : {1, 2, 3})
    for (const std::string end : {"", "\n"}) {
      const imported file = read_text(nccl_json_text(version, end));
      EXPECT_EQ(file.format, "nccl-tests JSON");
      EXPECT_TRUE(file.warnings.empty()) << file.warnings[0];
      ASSERT_EQ(file.rows.size(), 2u);
      const row& r = file.rows[1];
      EXPECT_EQ(r.collective + " " + r.library + " " + r.dtype, "all_gather nccl-2.28.9 float");
      EXPECT_EQ(r.ranks, 8);
      EXPECT_EQ(r.nodes, 2);
      EXPECT_EQ(r.root, integer{});
      EXPECT_EQ(r.in_place, 1);
      EXPECT_EQ(r.time_us, 8);
      EXPECT_DOUBLE_EQ(*r.busbw_GBps, 0.112);
      EXPECT_EQ(r.errors, integer{});
      EXPECT_EQ(r.time_us_max, 9);
      EXPECT_DOUBLE_EQ(*r.time_us_stdev, std::sqrt(2.0));
      EXPECT_EQ(file.rows[0].errors, 0);
      EXPECT_EQ(csv_line(r).find("hush"), std::string::npos);
    }
  EXPECT_EQ(read_text(nccl_json_text(4)).warnings.size(), 1u);
}

TEST(import_nccl_json, what_is_wrong_is_said_with_line_and_member) {
  const std::string good = nccl_json_text(3, "\n");
  EXPECT_EQ(refusal(replaced(good, "\"time\":8.000000", "\"time\":\"8.0\"")),
            "line 6: results[0].in_place: expected a number, not below 0, in 'time', found \"8.0\"");
  EXPECT_EQ(refusal(replaced(good, "\"size\":1024,", "")),
            "line 4: results[0]: expected a whole number in 'size', found none");
  EXPECT_EQ(refusal(replaced(good, "\"    -1\"", "\"one\"")),
            "line 4: results[0]: expected a rank in 'root', found \"one\"");
  EXPECT_TRUE(refusal(replaced(good, "\"alg_bw\":0.102400", "\"alg_bw\":0.10x400"))
                  .starts_with("line 5: expected JSON: column"))
      << refusal(replaced(good, "\"alg_bw\":0.102400", "\"alg_bw\":0.10x400"));
  EXPECT_TRUE(refusal(good.substr(0, good.size() / 2)).starts_with("line ")) << "a cut file";
  EXPECT_NE(refusal(replaced(good, "\"time\":8", "\"cpu_time\":8")).find("found cpu_time"), std::string::npos);
  EXPECT_EQ(refusal("{\"a\":1}"),
            "expected 'results' of nccl-tests -J, or 'test_info' of perftest --out_json, found neither");
  const auto off = read_text(replaced(good, "\"bus_bw\":0.112000", "\"bus_bw\":0.122000")).warnings;
  ASSERT_EQ(off.size(), 2u);
  EXPECT_NE(off[0].find("says busbw 0.122 GB/s"), std::string::npos) << off[0];
}

const std::string osu_plain =
    "# OSU MPI Allgather Latency Test v7.4\n# Datatype: MPI_CHAR.\n# Size       Avg Latency(us)\n"
    "1                       7.79\n1048576              1000.00\n";
const std::string osu_full =
    "+ mpirun -np 64 ./osu_allreduce -f\n\n# OSU MPI-CUDA Allreduce Latency Test v7.4\n# Datatype: MPI_FLOAT.\n"
    "# Size       Avg Latency(us)   Min Latency(us)   Max Latency(us)  Iterations\n"
    "4                       2.81              1.89              3.73          10\n"
    "1048576               104.30            104.26            104.33          10\n";

TEST(import_osu, sizes_become_those_of_all_parts) {
  import_request asked;
  asked.set["ranks"] = "16";
  const imported file = read_text(osu_plain, asked);
  ASSERT_EQ(file.rows.size(), 2u);
  const row& r = file.rows[1];
  EXPECT_EQ(r.collective + " " + r.backend + " " + r.dtype + " " + r.timing, "all_gather mpi int8 isolated");
  EXPECT_EQ(r.bytes, 16 << 20) << "OSU's size is one rank's part";
  EXPECT_EQ(r.count, 1 << 20);
  EXPECT_DOUBLE_EQ(*r.busbw_GBps, 16.777216 * 15 / 16);
  const std::string scatter = replaced(osu_plain, "Allgather", "Reduce_scatter");
  EXPECT_EQ(read_text(scatter, asked).rows.at(1).bytes, 1 << 20) << "there it is the whole input";
  const std::string all_to_all = replaced(osu_plain, "Allgather", "All-to-All Personalized Exchange");
  EXPECT_EQ(read_text(all_to_all, asked).rows.at(1).bytes, 16 << 20);
  EXPECT_EQ(read_text(replaced(osu_plain, "Allgather", "Broadcast"), asked).rows.at(1).root, 0);
}

TEST(import_osu, full_output_and_pairs) {
  const imported file = read_text(osu_full);
  EXPECT_EQ(file.format, "OSU micro-benchmarks");
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.rows[0].ranks, 64) << "of the command in the log";
  EXPECT_EQ(file.rows[0].iters, 10);
  EXPECT_EQ(file.rows[0].time_us, 2.81);
  EXPECT_EQ(file.rows[0].redop, "sum");
  EXPECT_EQ(file.rows[0].tags, "tool=osu-7.4;buffers=cuda;fastest_rank_us=1.89;slowest_rank_us=3.73");
  const row latency =
      read_text("# OSU MPI Latency Test v5.9\n# Size          Latency (us)\n0     0.98\n8   1.50\n").rows.at(1);
  EXPECT_EQ(latency.collective + " " + latency.timing, "send_recv ping_pong");
  EXPECT_EQ(latency.ranks, 2);
  EXPECT_EQ(latency.time_us, 1.5);
  const row rate =
      read_text("# OSU MPI Bandwidth Test v5.9\n# Size      Bandwidth (MB/s)\n1000000   25000.00\n").rows.at(0);
  EXPECT_DOUBLE_EQ(*rate.time_us, 40);
  EXPECT_DOUBLE_EQ(*rate.algbw_GBps, 25);
}

TEST(import_osu, what_is_wrong_is_said_with_its_line) {
  EXPECT_EQ(refusal(osu_plain), "line 4: the file says not how many ranks took part: say it with --set ranks=N");
  EXPECT_EQ(refusal(replaced(osu_full, "104.30", "1o4.30")),
            "line 7: expected a number, not below 0, for Avg Latency(us), found '1o4.30'");
  EXPECT_EQ(refusal(replaced(osu_full, "104.30", "")), "line 7: expected the 5 fields of the header, found 4");
  EXPECT_EQ(refusal(replaced(osu_full, "1048576", "i048576")),
            "line 7: expected a whole number for Size, found 'i048576'");
  EXPECT_TRUE(refusal(replaced(osu_full, "Allreduce", "Barrier")).starts_with("line 3: expected a test of latency or"));
}

std::string perftest_text(const std::string& test, const std::string& results) {
  return "{\n\"test_info\": {\n\"test\": \"" + test + "\",\n\"Device\": \"mlx5_0\",\n\"Number_of_qps\": 4,\n" +
         "\"Link_type\": \"IB\"\n},\n\"results\": {\n" + results + "\n}\n}\n";
}

TEST(import_perftest, latency_and_bandwidth) {
  const imported file =
      read_text(perftest_text("RDMA_Write Latency Test",
                              "\"MsgSize\": 8,\n\"n_iterations\": 1000,\n\"t_min\": 0.98,\n\"t_max\": 5.33,\n"
                              "\"t_typical\": 1.02,\n\"t_avg\": 1.04,\n\"t_stdev\": 0.05,\n\"t_99\": 1.15"));
  EXPECT_EQ(file.format, "perftest JSON");
  const row& r = file.rows.at(0);
  EXPECT_EQ(r.collective + " " + r.library + " " + r.timing + " " + r.time_stat, "send_recv perftest ping_pong p50");
  EXPECT_EQ(r.time_us, 1.02);
  EXPECT_EQ(r.time_us_p99, 1.15);
  EXPECT_EQ(r.queue_pairs, 4);
  EXPECT_EQ(r.tags, "tool=perftest;test=RDMA_Write Latency Test;device=mlx5_0;link=IB");
  const auto bandwidth = [](const std::string& average, const std::string& messages) {
    return perftest_text("Send BW Test", "\"MsgSize\": 65536,\n\"n_iterations\": 5000,\n\"BW_average\": " + average +
                                             ",\n\"MsgRate\": " + messages);
  };
  EXPECT_NEAR(*read_text(bandwidth("23437.5", "0.375")).rows[0].algbw_GBps, 24.576, 1e-9) << "2^20 bytes a second";
  EXPECT_NEAR(*read_text(bandwidth("196.608", "0.375")).rows[0].algbw_GBps, 24.576, 1e-9) << "Gbit/s";
  EXPECT_TRUE(refusal(bandwidth("196.608", "0")).starts_with("line 11: results: BW_average fits MsgRate neither"));
  import_request asked;
  asked.units["BW_average"] = "Gb/s";
  EXPECT_NEAR(*read_text(bandwidth("196.608", "0"), asked).rows[0].algbw_GBps, 24.576, 1e-9);
  EXPECT_EQ(refusal(bandwidth("\"fast\"", "1")),
            "line 11: results: expected a number above 0 in 'BW_average', found \"fast\"");
}

const import_request vendor{
    {{"bytes", "Size"}, {"time_us", "Lat"}}, {{"collective", "all_reduce"}, {"ranks", "512"}}, {}};

TEST(import_table, any_columns_with_units) {
  const imported file = read_text("Remark,Size,Lat\n\"a, b\",1 MiB,250\nx,2M,500.5\n", vendor);
  ASSERT_EQ(file.rows.size(), 2u);
  EXPECT_EQ(file.rows[0].bytes, 1 << 20);
  EXPECT_EQ(file.rows[1].bytes, 2 << 20);
  EXPECT_EQ(file.rows[1].time_us, 500.5);
  EXPECT_EQ(file.rows[0].ranks, 512);
  import_request other = vendor;
  other.units["Lat"] = "ms";
  EXPECT_EQ(read_text("Size,Lat\n8,2\n", other).rows.at(0).time_us, 2000);
  other = vendor;
  other.columns = {{"bytes", "size (KB)"}, {"busbw_GBps", "bw [Gbit/s]"}};
  const row r = read_text("size (KB),bw [Gbit/s]\n1000,800\n", other).rows.at(0);
  EXPECT_EQ(r.bytes, 1'000'000);
  EXPECT_DOUBLE_EQ(*r.busbw_GBps, 100);
  EXPECT_DOUBLE_EQ(*r.time_us, 10 * 2 * 511 / 512.0) << "worked out from the bandwidth";
  EXPECT_EQ(r.tags, "time_from=busbw");
}

TEST(import_table, gb_beside_gib_is_refused) {
  EXPECT_EQ(
      refusal("Size,Lat\n1GiB,1\n1GB,1\n", vendor),
      "line 3: found units of 1000 (KB, MB, GB) beside units of 1024 (KiB, MiB, GiB): '1GiB' in column 'Size' and "
      "'1GB' in column 'Size': say which is meant in one unit");
  EXPECT_NE(
      refusal("size,algbw (GiB/s),busbw (GB/s)\n1,1,1\n",
              {{{"bytes", "size"}, {"algbw_GBps", "algbw (GiB/s)"}, {"busbw_GBps", "busbw (GB/s)"}}, vendor.set, {}})
          .find("line 1: found units of 1000"),
      std::string::npos);
  EXPECT_EQ(read_text("Size,Lat,busbw_GBps\n1GiB,1,1\n", vendor).rows.size(), 1u) << "GB/s beside GiB is usual";
}

TEST(import_table, lines_above_the_header_hold_for_all_rows) {
  const imported file = read_text(
      "# source: a vendor\n# collective: sendrecv (a ring)\n# dtype: F32\n# nranks: 8\n# nodes: 2\n"
      "# algo: ring\nsize_bytes,time_us,algbw_GBps,busbw_GBps,inplace,p10_us\n"
      "1000,10.0,0.100,0.100,1,9\n1000,,,0.200,,9\n");
  ASSERT_EQ(file.rows.size(), 2u);
  const row& r = file.rows[0];
  EXPECT_EQ(r.source + " " + r.collective + " " + r.dtype + " " + r.algorithm, "imported send_recv float ring");
  EXPECT_EQ(r.ranks, 8);
  EXPECT_EQ(r.ranks_per_node, 4);
  EXPECT_EQ(r.in_place, 1);
  EXPECT_EQ(file.rows[1].in_place, integer{});
  EXPECT_DOUBLE_EQ(*file.rows[1].time_us, 5);
  EXPECT_TRUE(file.warnings.empty());
}

TEST(import_table, what_is_wrong_is_said_with_its_line) {
  const auto because = [](const std::string& text) { return refusal(text, vendor); };
  EXPECT_EQ(because("Size,Lat\n\"8\",1\n8,l\n"), "line 3: expected a number, not below 0, for column 'Lat', found 'l'");
  EXPECT_EQ(because("Size,Lat\n8,1\n8\n"), "line 3: expected 2 fields, found 1");
  EXPECT_EQ(because("Size,Lat\n8q,1\n"), "line 2: expected a size, found '8q' in column 'Size'");
  EXPECT_EQ(because("Size,Lat\n1.5,1\n"),
            "line 2: expected a whole number of bytes below 2^63, found '1.5' in column 'Size'");
  EXPECT_EQ(because("Size,Lat\n8,\n"), "line 2: expected a time or a bandwidth above 0, found neither");
  EXPECT_EQ(because("Size,Time\n8,1\n"),
            "line 1: --columns time_us=Lat: expected a column 'Lat', found 'Size', 'Time'");
  EXPECT_EQ(because("Size,Lat\n"), "line 2: expected rows below the header, found none");
  EXPECT_EQ(refusal("bytes,time_us\n8,1\n"),
            "line 2: the file says not which collective: say it with --set collective=NAME");
  EXPECT_EQ(refusal("a,b\n8,1\n"),
            "line 1: expected a column of sizes and one of times or bandwidths, found 'a', 'b': say which they are, as "
            "--columns bytes=Size,time_us=Lat");
  import_request cycles = vendor;
  cycles.columns["time_us"] = "Lat (cycles)";
  EXPECT_TRUE(
      refusal("Size,Lat (cycles)\n8,1\n", cycles).starts_with("line 1: expected a unit that we know in column"));
}

TEST(import_any, our_own_rows_come_back_as_they_are) {
  row r;
  r.run_id = "x", r.source = "measured", r.collective = "scan, \"mine\"\n", r.bytes = 8, r.time_us = 0.1, r.launch = 7;
  const std::string text = csv_header() + csv_line(r) + csv_line(r);
  EXPECT_EQ(read_text(text).rows, (std::vector{r, r}));
  EXPECT_EQ(read_text(text).format, "colossus CSV");
  EXPECT_TRUE(refusal(text + "1,x\n").starts_with("line 6: expected ")) << "a field of two lines counts as two";
}

TEST(import_any, what_is_nothing_is_refused) {
  EXPECT_EQ(refusal(" \n"), "expected results, found an empty file");
  EXPECT_TRUE(refusal("hello\n").starts_with("expected the text or JSON of nccl-tests"));
  EXPECT_THROW(read_any("/nowhere/x.log"), error);
  EXPECT_THROW(read_any("/"), error);
}

TEST(import_any, numbers_that_do_not_fit_are_refused) {
  import_request asked;
  asked.set["ranks"] = "16";
  EXPECT_NE(
      refusal(replaced(osu_plain, "1048576", "9223372036854775807"), asked).find("line 5: expected a size that fits"),
      std::string::npos);
  EXPECT_TRUE(refusal(replaced(osu_plain, "1000.00", "1e999"), asked).starts_with("line 5: expected a number"));
  EXPECT_TRUE(refusal(replaced(osu_plain, "1000.00", "nan"), asked).starts_with("line 5: expected a number"));
  EXPECT_TRUE(refusal(replaced(nccl_json_text(3, "\n"), "\"size\":1024", "\"size\":1e999"))
                  .starts_with("line 4: expected JSON"));
  EXPECT_TRUE(
      refusal(replaced(nccl_json_text(3, "\n"), "\"size\":1024", "\"size\":-8")).starts_with("line 4: results[0]: "));
}

/// Runs the program; its exit status, and what it wrote to stderr.
std::pair<int, std::string> run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "colossus-import");
  testing::internal::CaptureStdout(), testing::internal::CaptureStderr();
  const int status = import_main(static_cast<int>(arguments.size()), arguments.data());
  testing::internal::GetCapturedStdout();
  return {status, testing::internal::GetCapturedStderr()};
}

TEST(import_program, writes_rows_and_a_sidecar_and_leaves_nothing_behind_an_error) {
  const folder here;
  const std::string a = here.write("a.json", nccl_json_text(2)), b = here.write("b.txt", osu_full), o = here / "o.csv";
  const std::string broken = here.write("c.csv", "bytes,time_us\n8,x\n");
  EXPECT_EQ(run({a.c_str(), broken.c_str(), "-o", o.c_str()}).first, 3);
  EXPECT_FALSE(std::filesystem::exists(o));
  const auto [status, said] = run({a.c_str(), b.c_str(), a.c_str(), "-o", o.c_str(), "--set", "system=s,tags=t=1"});
  EXPECT_EQ(status, 0) << said;
  EXPECT_EQ(said, "");
  const auto rows = read_rows(o);
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows[0].system, "s");
  EXPECT_EQ(rows[0].launch, 0);
  EXPECT_EQ(rows[4].launch, 1) << "the second file of the same";
  EXPECT_NE(rows[0].run_id, rows[4].run_id);
  const auto sidecar = nlohmann::json::parse(file_text(here / "o.meta.json"));
  EXPECT_EQ(sidecar["runs"].size(), 3u);
  EXPECT_EQ(sidecar["runs"][1]["imported_from"], "b.txt");
  EXPECT_EQ(run({"--set", "system=s", a.c_str(), "-o", (o + "2").c_str()}).first, 0) << "a flag takes one word";
  EXPECT_EQ(run({a.c_str(), "-o", o.c_str()}).first, 2) << "a file is never overwritten";
  EXPECT_EQ(run({a.c_str()}).first, 2);
  EXPECT_EQ(run({a.c_str(), "-o", "-", "--set", "ranks"}).second,
            "colossus-import: --set: expected NAME=VALUE, found 'ranks'\n");
}

TEST(import_program, carries_the_sidecar_of_our_own_rows_and_takes_names_out_where_asked) {
  const folder here;
  row r;
  r.run_id = "r1", r.slowest_host = "gpu07", r.time_us = 1, r.tags = "ends=gpu08:0,gpu07:1";
  const std::string csv = here.write("x.csv", csv_header() + csv_line(r));
  write_sidecar(csv, {{"run_id", "r1"}, {"hosts", {"gpu08.cluster.example", "gpu07.cluster.example"}}});
  const std::string same = here / "same.csv", nameless = here / "nameless.csv";
  ASSERT_EQ(run({csv.c_str(), "-o", same.c_str()}), (std::pair<int, std::string>{0, ""}));
  EXPECT_EQ(read_sidecar(same), read_sidecar(csv));
  EXPECT_EQ(read_rows(same), read_rows(csv));
  ASSERT_EQ(run({csv.c_str(), "-o", nameless.c_str(), "--anonymise"}), (std::pair<int, std::string>{0, ""}));
  EXPECT_EQ(read_sidecar(nameless)[0]["hosts"], (nlohmann::ordered_json{"h000", "h001"}));
  EXPECT_EQ(read_rows(nameless)[0].slowest_host, "h001");
  EXPECT_EQ(read_rows(nameless)[0].tags, "ends=h000:0,h001:1");
}

}  // namespace
}  // namespace colossus::bench
