// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <sstream>

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
  expect_refusal(program, machine + "--stragglers 1:fast", 2, "--stragglers: expected a share or ranks");
  expect_refusal(program, machine + "--ranks 8 --stragglers 3+8:50", 2, "--stragglers: expected ranks from 0 to 7");
  expect_refusal(program, machine + "--noise 2", 2, "--noise: max_min prices ranks in step");
  expect_refusal(program, machine + "--skew 2 --cost-model max_min,discrete_event", 2, "--skew: max_min prices ranks");
  expect_refusal(program, machine + "--packets 12", 2, "--packets: expected fitted");
  expect_refusal(program, machine + "--set pods=3", 2, "--set: expected /pointer/into/the/file=value");
  expect_refusal(program, machine + "--set /scale_out/tires/0/up=32", 3, "/scale_out");
  expect_refusal(program, machine + "--set /scale_out/rails=3", 3, "/scale_out/rails: expected a divisor");
  expect_refusal(program, machine + "--fault leaf", 3, "/faults/0");
  expect_refusal(program, machine + "--fault link:leaf:count=1000000", 3, "/faults/0/count");
  expect_refusal(program, machine + "--fault node:pods=0-195", 3, "every node is down");
  expect_refusal(program, machine + "--cross-rail pcie", 2, "--cross-rail");
  expect_refusal(program, machine + "--what-if leaves", 2, "--what-if leaves: expected all, link, switch, array");
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

const std::string small = "--ranks 512 --algorithm halving_doubling -b 1G -e 1G ";

TEST(simulate, a_list_of_settings_is_a_sweep_and_each_is_a_scenario) {
  const auto rows = rows_of(shipped("colossus-100k") + "--ranks 1024 --algorithm halving_doubling -b 1G -e 1G " +
                            "--set /scale_out/tiers/0/up=64,32,16");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].scenario, "/scale_out/tiers/0/up=64");
  EXPECT_EQ(rows[2].scenario, "/scale_out/tiers/0/up=16");
  EXPECT_LT(*rows[0].time_us, *rows[1].time_us) << "half of the links between two pods";
  EXPECT_LT(*rows[1].time_us, *rows[2].time_us);
  EXPECT_GT(*rows[0].energy_J / *rows[0].time_us, *rows[2].energy_J / *rows[2].time_us) << "fewer spines draw less";
  EXPECT_NE(rows[0].topology_id, rows[1].topology_id);
  EXPECT_EQ(rows_of(shipped("colossus-100k") + small +
                    "--set /scale_out/tiers/0/up=64,32 --set /scale_out/cross_rail=nvlink,fabric")
                .size(),
            4u);
}

TEST(simulate, what_is_broken_costs_time_and_stands_in_the_row) {
  const auto whole = rows_of(shipped("colossus-100k") + small).front();
  const auto broken = rows_of(shipped("colossus-100k") + small + "--fault nic:pods=0:index=3:count=1").front();
  EXPECT_GT(*broken.time_us, *whole.time_us * 1.5) << "a node sends by seven NICs of eight";
  EXPECT_EQ(broken.scenario, "fault=nic:pods=0:index=3:count=1");
  EXPECT_EQ(whole.scenario, "healthy");
}

TEST(simulate, a_straggler_costs_at_least_one_delay_and_is_part_of_the_scenario) {
  const std::string line = shipped("hgx-h100-node") + "--algorithm ring -b 8 -e 8 ";
  const auto calm = rows_of(line).front(), late = rows_of(line + "--stragglers 3:50").front();
  EXPECT_GE(*late.time_us, *calm.time_us + 50);
  EXPECT_EQ(late.scenario, "stragglers=3:50");
  EXPECT_FALSE(late.seed.has_value()) << "nothing was drawn";
  EXPECT_EQ(*rows_of(line + "--stragglers 25%:50 --seed 7").front().seed, 7);
}

TEST(simulate, energy_is_the_power_of_the_nodes_in_use_over_the_time) {
  const auto rows = rows_of(shipped("colossus-100k") + "--nodes 1,12544 --algorithm ring -b 1G -e 1G");
  ASSERT_EQ(rows.size(), 2u);
  const double one = *rows[0].energy_J / *rows[0].time_us, all = *rows[1].energy_J / *rows[1].time_us;
  EXPECT_NEAR(all / one, 12544, 1e-6 * 12544);
  EXPECT_NEAR(all * 1e6, 114e6, 1e6) << "watts: colossus-topo info says 114 MW of nodes and switches";
}

TEST(simulate, rows_under_ecmp_tell_their_cost_against_adaptive) {
  const auto rows = rows_of(shipped("colossus-100k") + "--ranks 1024 --algorithm halving_doubling -b 1G -e 1G " +
                            "--routing adaptive,ecmp --seeds 4");
  ASSERT_EQ(rows.size(), 2u);
  const auto text = "over_adaptive=" + colossus::bench::to_text(*rows[1].time_us / *rows[0].time_us);
  EXPECT_TRUE(rows[1].tags.starts_with(text)) << rows[1].tags;
  EXPECT_NE(rows[1].tags.find(";over_adaptive_worst="), std::string::npos);
  EXPECT_EQ(rows[0].tags, "");
}

TEST(simulate, answers_are_notes_on_the_screen_and_rows_in_the_file) {
  const folder here;
  const outcome o = run(program, shipped("colossus-100k") + small + "--what-if leaf-switch,array --what-if-sample 2 " +
                                     "--sensitivity --stats --csv " + here / "x.csv");
  ASSERT_EQ(o.status, 0) << o.err;
  for (const char* text : {"# what if one part is out", "#   leaf switch", "#   nothing lost: pod",
                           "# sensitivity: percent", "#   NIC", "# stats: ", " max-min solves", " MiB at most"})
    EXPECT_NE(o.out.find(text), std::string::npos) << text;
  std::map<std::string, int> scenarios;
  for (const row& r : colossus::bench::read_rows(here / "x.csv")) ++scenarios[r.scenario];
  EXPECT_EQ(scenarios["healthy"], 1);
  EXPECT_EQ(scenarios["out=pod 0"], 1);
  EXPECT_EQ(scenarios["NIC bandwidth=x2"], 1);
  EXPECT_EQ(scenarios["leaf switch latency=x0.5"], 1);
}

TEST(simulate, lines_fit_a_screen) {
  const outcome o = run(program, shipped("colossus-100k") + small + "--routing adaptive,ecmp --seeds 2 --what-if all " +
                                     "--sensitivity --stats --set /scale_out/tiers/0/up=64,32");
  std::istringstream lines{o.out};
  for (std::string line; std::getline(lines, line);)
    if (line.find("halving_doubling") == std::string::npos) {
      EXPECT_LE(line.size(), 100u) << line;
    }
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
