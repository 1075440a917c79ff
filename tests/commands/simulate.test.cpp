// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>

#include <nlohmann/json.hpp>

#include <map>

namespace commands {
namespace {

const std::string program = "colossus-simulate";
const std::string topologies = COLOSSUS_TOPOLOGY_DIR;
using colossus::bench::row;

std::string shipped(const std::string& name) { return "--topology " + topologies + "/" + name + ".json "; }

std::vector<row> rows_of(const std::string& arguments) {
  const outcome o = run(program, arguments + " --csv -");
  EXPECT_EQ(o.status, 0) << arguments << "\n" << o.err;
  return colossus::bench::csv_rows(o.out, "stdout");
}

TEST(simulate, help_and_list_end_well) {
  EXPECT_EQ(run(program, "--help").status, 0);
  const outcome list = run(program, "--list");
  EXPECT_EQ(list.status, 0);
  EXPECT_TRUE(list.out.starts_with("all_reduce ring\n"));
}

TEST(simulate, wrong_input_is_one_line_and_the_right_status) {
  const folder here;
  const std::string machine = shipped("colossus-100k");
  std::ofstream{here / "half.json"} << "{\"schema\": 1,";
  std::ofstream{here / "hosts"} << "p0-n0\np999-n0\n";
  std::ofstream{here / "there.csv"} << "mine\n";
  expect_refusal(program, "", 2, "--topology FILE says which fabric to price");
  expect_refusal(program, machine + "--algorithm rings", 2, "unknown algorithm 'rings'");
  expect_refusal(program, machine + "-b 8E", 2, "-b: expected a size below 8 EiB");
  expect_refusal(program, machine + "-b 16 -e 8", 2, "-b 16 B is above -e 8 B");
  expect_refusal(program, machine + "--ranks 100353", 2, "--ranks 100353: colossus-100k has 100,352 GPUs");
  expect_refusal(program, machine + "--nodes 12545", 2, "--nodes 12545: colossus-100k has 12,544 nodes");
  expect_refusal(program, machine + "--ranks 8 --nodes 1", 2, "excludes");
  expect_refusal(program, machine + "--routing fastest", 2, "--routing: unknown name 'fastest'");
  expect_refusal(program, machine + "--placement cosy", 3,
                 "--placement cosy: expected packed, spread, shuffled or a file of host names");
  expect_refusal(program, machine + "--placement " + here / "hosts", 3, "found \"p999-n0\"");
  expect_refusal(program, machine + "-n 20", 2, "-n 20: nothing is repeated in a price");
  expect_refusal(program, machine + "broadcast -r 9 --ranks 8", 2, "-r 9: expected a rank from 0 to 7");
  expect_refusal(program, machine + "--ranks 8 --csv " + here / "there.csv", 2, "there.csv is there already");
  expect_refusal(program, "--topology /nowhere/x.json", 3, "/nowhere/x.json");
  expect_refusal(program, "--topology " + here / "half.json", 3, "half.json");
}

TEST(simulate, a_topology_that_does_not_add_up_is_refused) {
  const folder here;
  auto json = nlohmann::json::parse(text_of(topologies + "/colossus-100k.json"));
  json["scale_out"]["tiers"][0]["down"] = 63;  // of 64 servers a rail
  std::ofstream{here / "odd.json"} << json;
  std::filesystem::copy(topologies + "/defaults.json", here / "defaults.json");
  expect_refusal(program, "--topology " + here / "odd.json", 3, "odd.json");
}

TEST(simulate, a_row_says_what_was_priced_and_how) {
  const auto rows = rows_of(shipped("colossus-100k") +
                            "--ranks 512 --algorithm ring --routing ecmp,adaptive --seeds 3 -b 8 -e 1G -f 128");
  ASSERT_EQ(rows.size(), 2u * 4);
  for (const row& r : rows) {
    EXPECT_EQ(r.source + " " + r.backend + " " + r.cost_model + " " + r.profile + " " + r.time_stat,
              "simulated model max_min none model");
    EXPECT_EQ(r.topology, "colossus-100k");
    EXPECT_EQ(r.topology_id.size(), 12u);
    EXPECT_EQ(r.placement + " " + r.scenario + " " + r.status, "packed healthy ok");
    EXPECT_EQ(*r.ranks, 512);
    EXPECT_EQ(*r.nodes, 64);
    EXPECT_EQ(*r.ranks_per_node, 8);
    EXPECT_FALSE(r.in_place.has_value()) << "a price is for both places";
    EXPECT_FALSE(r.errors.has_value()) << "nothing was checked";
    EXPECT_GT(*r.sol_us, 0);
    EXPECT_GE(*r.time_us, *r.sol_us * 0.999);
    EXPECT_FALSE(r.limit.empty());
    EXPECT_EQ(r.seed.has_value(), r.routing == "ecmp");
    EXPECT_EQ(r.queue_pairs.has_value(), r.routing == "ecmp");
    EXPECT_EQ(*r.iters, r.routing == "ecmp" ? 3 : 1);
    EXPECT_EQ(r.time_us_min.has_value(), r.routing == "ecmp");
    EXPECT_LE(r.time_us_min.value_or(0), *r.time_us);
  }
}

TEST(simulate, is_the_same_to_the_byte_but_for_run_id) {
  const std::string line =
      shipped("colossus-100k") +
      "--ranks 1000 --algorithm double_tree --routing ecmp --placement shuffled --seeds 2 --seed 5 -b 8 -e 1M -f 64";
  auto first = rows_of(line), second = rows_of(line);
  ASSERT_EQ(first.size(), second.size());
  EXPECT_NE(first.front().run_id, second.front().run_id);
  for (row& r : second) r.run_id = first.front().run_id;
  EXPECT_EQ(first, second);
  for (const row& r : first) EXPECT_EQ(*r.seed, 5);
}

TEST(simulate, partly_assumed_machines_say_so_every_time) {
  const outcome o = run(program, shipped("colossus-100k") + "--ranks 8 --algorithm ring -b 8 -e 8");
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(o.err, "");
  EXPECT_NE(o.out.find("these are BOUNDS"), std::string::npos);
  EXPECT_NE(o.out.find("# evidence     partly-assumed"), std::string::npos);
  EXPECT_NE(o.out.find("# assumptions  - "), std::string::npos);
}

TEST(simulate, several_machines_numbers_of_ranks_and_queue_pairs) {
  const auto rows = rows_of(
      "--topology " + topologies + "/colossus-100k.json," + topologies +
      "/hgx-h100-node.json --ranks 4,8 --algorithm ring --routing ecmp --seeds 1 --queue-pairs 1,4 -b 1M -e 1M");
  std::map<std::string, int> count;
  for (const row& r : rows) ++count[r.topology + " " + std::to_string(*r.ranks) + " " + std::to_string(*r.queue_pairs)];
  EXPECT_EQ(count.size(), 2u * 2 * 2);
}

TEST(simulate, the_sidecar_names_the_machines) {
  const folder here;
  ASSERT_EQ(run(program, shipped("hgx-h100-node") + "--algorithm ring --csv " + here / "x.csv").status, 0);
  const auto meta = nlohmann::json::parse(text_of(here / "x.meta.json"));
  const auto& machine = meta["runs"][0]["topologies"][0];
  EXPECT_EQ(machine["name"], "hgx-h100-node");
  EXPECT_EQ(machine["id"], colossus::bench::read_rows(here / "x.csv").front().topology_id);
}

}  // namespace
}  // namespace commands
