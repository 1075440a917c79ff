// SPDX-License-Identifier: Apache-2.0
// colossus-nccl, the very program that a GPU node runs, on the fakes of tests/fake_gpu: data, rows and refusals. Times
// of host memory mean nothing, and none is looked at.
#include "command.hpp"

#include <colossus/bench/csv.hpp>
#include <colossus/bench/pairs_csv.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <set>

namespace commands {
namespace {

using colossus::bench::row;

class nccl : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(programs() / "colossus-nccl"))
      GTEST_SKIP() << "colossus-nccl was not built: no CUDA or no NCCL";
    if (!std::filesystem::exists(fakes() / "libnccl.so.2")) GTEST_SKIP() << "the fake GPU was not built";
  }
  static std::filesystem::path fakes() { return programs().parent_path() / "fake_gpu"; }

  /// The command line on so many fake GPUs; `before` are further variables of the environment.
  static std::string on(int gpus, const std::string& arguments, const std::string& before = {}) {
    return "env LD_LIBRARY_PATH=" + fakes().string() +
           ":$LD_LIBRARY_PATH FAKE_GPU=1 FAKE_GPU_DELAY_US=20 FAKE_GPU_DEVICES=" + std::to_string(gpus) + " " + before +
           " " + (programs() / "colossus-nccl").string() + " " + arguments;
  }
  /// The rows of a run that ends well.
  static std::vector<row> rows(int gpus, const std::string& arguments, const std::string& before = {}) {
    const outcome o = shell(on(gpus, arguments + " --csv -", before));
    EXPECT_EQ(o.status, 0) << arguments << "\n" << o.err;
    return o.out.empty() ? std::vector<row>{} : colossus::bench::csv_rows(o.out, "stdout");
  }
  /// One line of the program's own on stderr, with `text`; the fakes say first that they are fakes.
  static void expect_line(const std::string& command, int status, const std::string& text) {
    const outcome o = shell(command);
    EXPECT_EQ(o.status, status) << command << "\n" << o.err;
    EXPECT_EQ(o.out, "") << command;
    const auto at = ("\n" + o.err).find("\ncolossus-nccl: ");
    ASSERT_NE(at, std::string::npos) << command << "\n" << o.err;
    EXPECT_EQ(o.err.find('\n', at), o.err.size() - 1) << "one line is expected: " << o.err;
    EXPECT_NE(o.err.find(text, at), std::string::npos) << command << "\nexpected " << text << "\nfound " << o.err;
  }
  /// Every algorithm that is listed for a collective is in the rows, right, out of place and in place.
  static void expect_all_right(const std::string& collective, const std::vector<row>& found) {
    std::map<std::string, int> places;
    for (const row& r : found) {
      EXPECT_EQ(r.collective, collective);
      if (r.status == "unsupported") continue;
      EXPECT_EQ(r.status, "ok") << r.algorithm;
      EXPECT_EQ(r.errors, 0) << r.algorithm;
      EXPECT_GT(r.time_us.value_or(0), 0) << r.algorithm;
      places[r.algorithm] |= 1 << *r.in_place;
    }
    EXPECT_TRUE(places.contains("nccl"));
    for (const auto& [algorithm, seen] : places) {
      const bool moves = collective == "send_recv" || collective == "all_to_all";
      EXPECT_EQ(seen, algorithm == "nccl" && moves ? 1 : 3) << algorithm;
    }
  }
};

const std::vector<std::string> collectives{"all_reduce", "reduce_scatter", "all_gather", "reduce",
                                           "broadcast",  "send_recv",      "all_to_all"};

TEST_F(nccl, every_algorithm_is_right_on_one_to_four_gpus) {
  for (const std::string& collective : collectives)
    for (const int gpus : {1, 2, 3, 4})
      expect_all_right(collective,
                       rows(gpus, collective + " -b 1000 -e 1000 -n 1 -w 1 -r " + std::to_string(gpus - 1)));
}

TEST_F(nccl, every_type_and_reduction_is_right) {
  const auto found =
      rows(3, "-b 200 -e 200 -n 1 -w 1 -d all -o all --algorithm nccl,ring,recursive_doubling --timing back_to_back");
  EXPECT_EQ(found.size(), 10u * 4 * 3 * 2);
  expect_all_right("all_reduce", found);
  for (const std::string collective : {"all_gather", "all_to_all", "broadcast"})
    expect_all_right(collective,
                     rows(3, collective + " -b 200 -e 200 -n 1 -w 1 -d int8,half,double --timing back_to_back"));
}

TEST_F(nccl, every_algorithm_is_right_on_eight_gpus_with_kernels_of_the_host) {
  const auto bodies = fakes() / "kernel_bodies.so";
  if (!std::filesystem::exists(bodies)) GTEST_SKIP() << "no kernels of the host were built";
  for (const std::string& collective : collectives)
    expect_all_right(collective,
                     rows(8, collective + " -b 3K -e 3K -n 1 -w 1 -d int8,bfloat16,double --timing graph -r 5",
                          "FAKE_GPU_KERNELS=" + bodies.string()));
}

TEST_F(nccl, times_in_three_ways) {
  for (const std::string timing : {"isolated", "back_to_back", "graph"})
    for (const row& r : rows(2, "-b 4K -e 4K -n 4 --algorithm nccl,ring --timing " + timing)) {
      EXPECT_EQ(r.timing, timing);
      EXPECT_EQ(r.iters, 4);
      EXPECT_EQ(r.time_stat, timing == "isolated" ? "p50" : "mean");
      EXPECT_EQ(r.time_us_p99.has_value(), timing == "isolated");
      EXPECT_GT(r.busbw_GBps.value_or(0), 0);
    }
}

TEST_F(nccl, takes_the_flags_of_nccl_tests) {
  for (const auto& [flags, timing, registration] :
       std::vector<std::array<std::string, 3>>{{"-G 2", "graph", "none"},
                                               {"-z 0 -R 1", "back_to_back", "local"},
                                               {"-z 3 -R 2 -t 1", "isolated", "symmetric"},
                                               {"-y 1 -a 3 -p 0", "isolated", "none"}}) {
    const auto found = rows(2, "-b 512 -e 512 -n 2 -g 2 --algorithm nccl,ring " + flags);
    ASSERT_EQ(found.size(), 4u) << flags;
    for (const row& r : found) {
      EXPECT_EQ(r.timing, timing) << flags;
      EXPECT_EQ(r.registration, registration) << flags;
      EXPECT_EQ(r.ranks, 2);
    }
  }
  for (const auto& [flags, text] :
       std::map<std::string, std::string>{{"-D 1", "-D 1: NCCL's device API is not used here"},
                                          {"-C 1", "-C 1: times are of the GPUs"},
                                          {"-x 1", "-x 1: set NCCL_CTA_POLICY"},
                                          {"--ranks 4", "--ranks and --nodes go with --plan"},
                                          {"-y 1 -G 1", "-y 1: the null stream cannot be captured"},
                                          {"--pairs", "--pairs is of send_recv"}})
    expect_line(on(2, flags), 2, text);
}

TEST_F(nccl, rows_say_whose_code_moved_the_data) {
  const auto found = rows(3, "-b 1K -e 1K -n 2 --algorithm nccl,ring", "NCCL_ALGO=Ring NCCL_PROTO=Simple");
  ASSERT_EQ(found.size(), 4u);
  for (const row& r : found) {
    EXPECT_EQ(r.backend, "nccl");
    EXPECT_EQ(r.library.find(r.algorithm == "nccl" ? "fake-nccl-2." : "fake-colossus-0.1.0+nccl-2."), 0u) << r.library;
    EXPECT_EQ(r.protocol, "Simple");
    EXPECT_EQ(r.tags, "NCCL_ALGO=Ring");
    EXPECT_EQ(r.launches_per_op, r.algorithm == "nccl" ? 1 : 6);  // four rounds, and two reductions
  }
}

TEST_F(nccl, rows_of_fakes_are_no_results) {
  const folder here;
  std::filesystem::create_directories(here / "results/reference");
  expect_line(on(2, "-b 8 -e 8 --csv " + here / "results/reference/x.csv"), 2, "this runs on fake GPUs");
  EXPECT_FALSE(std::filesystem::exists(here / "results/reference/x.csv"));
}

TEST_F(nccl, the_sidecar_says_what_it_ran_on) {
  const folder here;
  ASSERT_EQ(shell(on(2, "-b 8 -e 8 -n 1 --algorithm nccl --csv " + here / "x.csv")).status, 0);
  const auto all = nlohmann::json::parse(text_of(here / "x.meta.json"));
  ASSERT_EQ(all["runs"].size(), 1u) << "what is known at the end replaces what was known at the beginning";
  const auto& run = all["runs"][0];
  EXPECT_EQ(run["processes"]["found_each_other"], "alone");
  const auto& gpu = run["gpu"];
  EXPECT_EQ(gpu["fake"], true);
  EXPECT_EQ(gpu["registration"], "none");
  for (const char* version : {"runtime", "driver_supports", "nccl"})
    EXPECT_FALSE(gpu[version].get<std::string>().empty());
  EXPECT_NE(gpu["libnccl"].get<std::string>().find("fake_gpu/libnccl.so"), std::string::npos) << gpu;
  EXPECT_NE(gpu["libcudart"].get<std::string>().find("fake_gpu/libcudart.so"), std::string::npos) << gpu;
  ASSERT_EQ(gpu["processes"].size(), 1u);
  EXPECT_EQ(gpu["processes"][0]["gpus"].size(), 2u);
  for (const char* when : {"before", "after"}) EXPECT_TRUE(gpu["readings"][when][0].contains("nvml")) << gpu;
}

TEST_F(nccl, a_gate_that_opens_itself_leaves_no_time) {
  const folder here;
  const outcome o =
      shell(on(2, "-b 64K -e 64K -n 100 --algorithm ring --gate-deadline 0.000001 --csv " + here / "x.csv"));
  EXPECT_EQ(o.status, 4) << o.err;
  EXPECT_NE(o.out.find("# the gate opened itself before all was enqueued: no time for 2 rows"), std::string::npos)
      << o.out;
  for (const row& r : colossus::bench::read_rows(here / "x.csv")) {
    EXPECT_EQ(r.status, "timeout");
    EXPECT_EQ(r.tags, "gate=timed_out");
    EXPECT_EQ(r.errors, 0);
    EXPECT_FALSE(r.time_us.has_value());
  }
}

TEST_F(nccl, no_gate_stands_where_something_would_hold_up_the_host) {
  for (const std::string variable : {"CUDA_LAUNCH_BLOCKING=1", "CUDA_INJECTION64_PATH=/x.so",
                                     "NSYS_PROFILING_SESSION_ID=7", "NV_COMPUTE_PROFILER_PERFWORKS_DIR=/x"}) {
    expect_line(on(2, "-b 8 -e 8", variable), 2,
                "--timing isolated: " + variable +
                    " is set: under it the gate that holds the streams would stand still: use --timing back_to_back");
    EXPECT_EQ(rows(2, "-b 8 -e 8 -n 1 --algorithm nccl --timing back_to_back", variable).size(), 2u);
  }
  EXPECT_EQ(rows(2, "-b 8 -e 8 -n 1 --algorithm nccl", "CUDA_LAUNCH_BLOCKING=0").size(), 2u);
}

TEST_F(nccl, more_launches_than_a_stream_takes_are_not_held_by_a_gate) {
  const auto found = rows(4, "-b 64K -e 64K -n 1 -w 0 -c 0 --algorithm double_tree --lanes 1 --chunk-bytes 32");
  ASSERT_EQ(found.size(), 2u);
  for (const row& r : found) {
    EXPECT_GT(r.launches_per_op.value_or(0), 400);
    EXPECT_EQ(r.timing, "back_to_back");
    EXPECT_EQ(r.tags, "gate=too_many_launches");
  }
}

TEST_F(nccl, a_buffer_that_does_not_fit_is_status_4) {
  expect_line(on(2, "-b 100T -e 100T --algorithm nccl"), 4, "the buffers take ");
}

TEST_F(nccl, a_gpu_that_is_lost_ends_the_run) {
  const std::string arguments = "-g 2 -b 1K -e 1K -n 50 --algorithm ring --csv - -T 2";
  const outcome late = shell(on(2, arguments, "FAKE_NCCL_LOST=1:9"));
  EXPECT_EQ(late.status, 4) << late.err;
  EXPECT_NE(late.err.find("colossus-nccl: rank "), std::string::npos) << late.err;
  EXPECT_NE(late.err.find(" did not end within 2000 ms: another rank is late or gone"), std::string::npos) << late.err;
  const outcome broken = shell(on(2, arguments, "FAKE_NCCL_ASYNC_ERROR=0:9"));
  EXPECT_EQ(broken.status, 4) << broken.err;
  EXPECT_NE(broken.err.find("colossus-nccl: NCCL could not "), std::string::npos) << broken.err;
}

TEST_F(nccl, says_where_launches_set_the_time) {
  const outcome o = shell(on(2, "-b 1K -e 1K -n 2 --algorithm nccl"));
  EXPECT_NE(o.out.find("# a kernel takes "), std::string::npos) << o.out;
  EXPECT_NE(o.out.find(" on each GPU, another place in them each time"), std::string::npos) << o.out;
}

TEST_F(nccl, finds_the_pairs) {
  const folder here;
  const outcome o = shell(on(4, "send_recv --pairs -b 64K -e 64K -n 2 --csv " + here / "x.csv"));
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("# above the diagonal GB/s each way"), std::string::npos) << o.out;
  EXPECT_EQ(colossus::bench::read_rows(here / "x.csv").size(), 2u * 6);
  std::set<std::pair<std::int64_t, std::int64_t>> met;
  for (const auto& p : colossus::bench::read_pairs(here / "x.pairs.csv")) {
    met.emplace(*p.src_rank, *p.dst_rank);
    EXPECT_EQ(p.status, "ok");
    EXPECT_EQ(p.src_device, p.src_rank);
    EXPECT_EQ(p.bytes, 64 << 10);
    EXPECT_GT(p.time_us_p50.value_or(0), 0);
  }
  EXPECT_EQ(met.size(), 6u);
}

TEST_F(nccl, finds_a_pair_for_each_gpu_the_quick_way) {
  const folder here;
  const outcome o = shell(on(5, "send_recv --pairs=quick -b 4K -e 4K -n 2 -w 1 --csv " + here / "x.csv"));
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("# 2 pairs in 1 round: "), std::string::npos) << o.out;
  const auto pairs = colossus::bench::read_pairs(here / "x.pairs.csv");
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].dst_rank, 2);
  EXPECT_EQ(pairs[1].dst_rank, 3);
}

TEST_F(nccl, processes_of_every_launcher_make_one_world) {
  const std::string arguments = "-g 2 -b 1K -e 1K -n 2 -w 1 --algorithm nccl,ring,double_tree --csv -";
  const std::string port = std::to_string(30'000 + ::getpid() % 9'000), job = " SLURM_JOB_ID=" + port;
  for (const auto& [all, rank] : std::vector<std::pair<std::string, std::string>>{
           {"WORLD_SIZE=2 LOCAL_WORLD_SIZE=2 TORCHELASTIC_RUN_ID=x MASTER_ADDR=127.0.0.1 MASTER_PORT=" + port, "RANK"},
           {"SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2 SLURM_STEP_NODELIST=localhost" + job, "SLURM_PROCID"}}) {
    const std::string local = rank == "RANK" ? " LOCAL_RANK=" : " SLURM_LOCALID=";
    const auto one = [&](const std::string& r) { return on(4, arguments, all + " " + rank + "=" + r + local + r); };
    const outcome o = shell("( " + one("1") + " > /dev/null & " + one("0") + "; s=$?; wait $! || s=9; exit $s )");
    EXPECT_EQ(o.status, 0) << all << "\n" << o.err;
    const auto found = colossus::bench::csv_rows(o.out, "stdout");
    EXPECT_EQ(found.size(), 6u);
    for (const row& r : found) EXPECT_EQ(r.ranks, 4);
    expect_all_right("all_reduce", found);
  }
}

TEST_F(nccl, processes_of_mpirun_make_one_world) {
  if (shell("command -v mpirun").status != 0) GTEST_SKIP() << "no mpirun";
  if (!std::filesystem::exists(programs() / "colossus-mpi-processes.so")) GTEST_SKIP() << "built without MPI";
  const outcome o = shell(
      "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "
      "OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe; mpirun -np 2 " +
      on(4, "all_gather -b 1K -e 1K -n 2 -w 1 --csv -"));
  EXPECT_EQ(o.status, 0) << o.err;
  expect_all_right("all_gather", colossus::bench::csv_rows(o.out, "stdout"));
}

TEST_F(nccl, lists_and_plans_without_a_gpu) {
  const outcome list = run("colossus-nccl", "reduce --list");
  EXPECT_EQ(list.status, 0) << list.err;
  EXPECT_EQ(list.out.find("reduce nccl\nreduce "), 0u) << list.out;
  const outcome plan = run("colossus-nccl", "--plan --ranks 5 --algorithm nccl,ring -b 1M -e 1M");
  EXPECT_EQ(plan.status, 0) << plan.err;
  EXPECT_NE(plan.out.find("# 5 ranks on 1 node, float"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("all_reduce nccl, 1 MiB: 1 launch of NCCL's own\n"), std::string::npos) << plan.out;
  EXPECT_NE(plan.out.find("; to 1; from 4\n"), std::string::npos) << plan.out;
  expect_refusal("colossus-nccl", "--plan --ranks 2 --nodes 4", 2, "--nodes is above --ranks");
}

}  // namespace
}  // namespace commands
