// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>

namespace commands {
namespace {

const std::string program = "colossus-simulate";
const std::string machine = std::string{"--topology "} + COLOSSUS_TOPOLOGY_DIR + "/superpod-ndr-2su.json ";
const std::string examples = std::string{COLOSSUS_TOPOLOGY_DIR} + "/../bench/jobs/";
using colossus::bench::row;

std::vector<row> rows_of(const std::string& arguments) {
  const outcome o = run(program, arguments + " --csv -");
  EXPECT_EQ(o.status, 0) << arguments << "\n" << o.err;
  return colossus::bench::csv_rows(o.out, "stdout");
}

/// 256 GPUs: tensor groups in a node, experts over two nodes, two stages.
std::string small_job(const folder& here, const std::string& change = "") {
  const std::string path = here / "job.json";
  std::ofstream{path} << R"({"job": 1, "name": "small", "assumptions": ["all of it"],
    "parallel": {"tensor": 8, "pipeline": 2, "data": 16, "expert": 2}, "compute_s": 0.01, "collectives": [
    {"name": "activations", "collective": "all_reduce", "group": "tensor", "bytes": 1048576, "count": 10},
    {"name": "tokens", "collective": "all_to_all", "group": "expert", "bytes": 1048576, "count": 4},
    {"name": "stages", "collective": "send_recv", "group": "pipeline", "bytes": 65536, "count": 2},
    {"name": "gradients", "collective": "reduce_scatter", "group": "data", "bytes": 268435456, "count": 1,
     "algorithm": "ring", "overlap": {"share": 0.5, "with": "backward"}})" +
                             change + "]}";
  return path;
}

TEST(job, prices_each_collective_in_all_its_groups) {
  const folder here;
  const auto rows = rows_of(machine + "--job " + small_job(here) + " --routing adaptive,ecmp --seeds 2");
  ASSERT_EQ(rows.size(), 2u * 4);
  const std::vector<std::tuple<std::string, int, std::string>> expected{{"all_reduce", 8, "groups=32:tensor"},
                                                                        {"all_to_all", 2, "groups=128:expert"},
                                                                        {"send_recv", 2, "groups=128:pipeline"},
                                                                        {"reduce_scatter", 16, "groups=16:data"}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [collective, ranks, scenario] = expected[i % 4];
    EXPECT_EQ(rows[i].collective, collective);
    EXPECT_EQ(rows[i].ranks, ranks);
    EXPECT_EQ(rows[i].scenario, scenario);
    EXPECT_EQ(rows[i].routing, i < 4 ? "adaptive" : "ecmp");
    EXPECT_GE(*rows[i].time_us, *rows[i].sol_us * 0.999);
    EXPECT_GT(*rows[i].energy_J, 0);
    EXPECT_TRUE(rows[i].tags.starts_with("job=small;part=")) << rows[i].tags;
    EXPECT_GE(*rows[i].time_us, *rows[i % 4].time_us * (1 - 1e-9)) << "drawn paths are no faster";
  }
  EXPECT_EQ(rows[3].algorithm, "ring");
  EXPECT_NEAR(*rows[3].algbw_GBps / 49 * 15 / 16, 1, 0.05) << "each of 256 NICs of 49 GB/s carries its own group";
}

TEST(job, tells_what_it_assumes_and_what_the_step_takes) {
  const folder here;
  const outcome o = run(program, machine + "--job " + small_job(here));
  EXPECT_EQ(o.status, 0) << o.err;
  for (const char* text : {"all of it", "tensor 8 x data 16 x pipeline 2", "32 x 8", "computing 10 ms", "energy",
                           "evidence", "hidden by backward"})
    EXPECT_NE(o.out.find(text), std::string::npos) << text << "\n" << o.out;
  std::istringstream lines{o.out.substr(o.out.find("# routing"))};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
}

TEST(job, wrong_input_is_one_line_and_the_right_status) {
  const folder here;
  const std::string job = "--job " + small_job(here);
  expect_refusal(program, machine + job + " all_gather", 2, "--job: the file says who exchanges what");
  expect_refusal(program, machine + job + " --ranks 8", 2, "--job: the file says who exchanges what");
  expect_refusal(program, machine + "--job " + here / "none.json", 3, "none.json: expected a JSON file");
  expect_refusal(program, machine + "--job " + examples + "moe-314b-15k.json", 2, "GPUs");
  const folder other;
  const std::string odd = R"(, {"name": "odd", "collective": "broadcast", "group": "all", "bytes": 8, "count": 1,
                               "algorithm": "pigeons"})";
  expect_refusal(program, machine + "--job " + small_job(other, odd), 3, "found \"pigeons\"");
}

TEST(groups, are_slower_than_one_where_they_share) {
  const std::string small = std::string{"--topology "} + COLOSSUS_TOPOLOGY_DIR + "/fat-tree-3to1.json all_reduce " +
                            "--algorithm ring --placement spread --ranks 64 -b 64M -e 64M ";
  const auto alone = rows_of(small), jobs = rows_of(small + "--groups 4"), one = rows_of(small + "--groups 1");
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(*jobs[0].ranks, 16);
  EXPECT_EQ(jobs[0].scenario, "groups=4");
  EXPECT_TRUE(jobs[0].tags.starts_with("slowdown=")) << jobs[0].tags;
  EXPECT_EQ(*one[0].time_us, *alone[0].time_us);
  EXPECT_EQ(one[0].tags, "");
  expect_refusal(program, small + "--groups 3", 2, "--groups 3: 64 ranks do not form 3 equal groups");
  expect_refusal(program, small + "--groups 4:dealt", 2, "--groups: expected a number of groups");
}

}  // namespace
}  // namespace commands
