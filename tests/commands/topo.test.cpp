// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>
#include <colossus/bench/pairs_csv.hpp>

namespace commands {
namespace {

const std::string program = "colossus-topo";
const std::string machine = COLOSSUS_TOPOLOGY_DIR "/superpod-ndr-2su.json";

/// Simulates the table of 4 nodes to a file, and returns its path.
std::string table_of(const folder& here, const std::string& arguments) {
  const outcome o = run("colossus-simulate",
                        "send_recv --pairs --topology " + machine + " --nodes 4 --csv " + here / "x.csv " + arguments);
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_NE(o.out.find("# 496 pairs -> " + here / "x.pairs.csv"), std::string::npos) << o.out;
  return here / "x.pairs.csv";
}

TEST(topo, info_and_derive_end_well) {
  EXPECT_EQ(run(program, "--help").status, 0);
  EXPECT_EQ(run(program, "info " + machine).status, 0);
  EXPECT_EQ(run(program, "derive " + machine + " --oversubscribe leaf=4:1").status, 0);
}

TEST(topo, locate_names_the_part_that_was_slowed) {
  const folder here;
  const auto table = table_of(here, "--pair-noise 0.03 --fault 'NIC p0-n2 nic3:share=0.5'");
  const outcome o = run(program, "locate " + table + " --topology " + machine);
  EXPECT_EQ(o.status, 1) << o.err;
  EXPECT_NE(o.out.find("\n1         NIC p0-n2 nic3"), std::string::npos) << o.out;
  const auto rows = colossus::bench::read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].algorithm, "pairs");
  EXPECT_EQ(rows[0].scenario, "fault=NIC p0-n2 nic3:share=0.5");
  EXPECT_EQ(rows[0].run_id, colossus::bench::read_pairs(table).at(0).run_id);
}

TEST(topo, locate_of_a_healthy_machine_ends_with_0) {
  const folder here;
  const outcome o = run(program, "locate " + table_of(here, "--pair-noise 0.03") + " --topology " + machine);
  EXPECT_EQ(o.status, 0) << o.out << o.err;
}

TEST(topo, what_is_wrong_is_one_line_and_the_right_status) {
  const folder here;
  const std::string empty = here.write("t.pairs.csv", "");
  expect_refusal(program, "", 2, "there are info FILE..., derive BASE and locate PAIRS");
  expect_refusal(program, "find x", 2, "found 'find'");
  expect_refusal(program, "locate " + empty, 2, "--topology");
  expect_refusal(program, "locate " + empty + " --topology " + machine, 3, "t.pairs.csv: line 1: expected the header");
  expect_refusal(program, "locate " + here / "none" + " --topology " + machine, 3, "none: expected a file");
  expect_refusal(program, "locate " + empty + " --topology " + empty, 3, "t.pairs.csv");
}

TEST(topo, a_table_of_pairs_is_of_one_machine_and_one_routing) {
  const std::string pairs = "send_recv --pairs --topology " + machine + " ";
  expect_refusal("colossus-simulate", pairs + "--routing ecmp,adaptive", 2, "expected one value of --routing, found 2");
  expect_refusal("colossus-simulate", pairs + "--cost-model alpha_beta", 2, "prices are of max_min");
  expect_refusal("colossus-simulate", pairs + "--what-if all", 2, "--what-if does not go with it");
  expect_refusal("colossus-simulate", pairs + "--ranks 1", 2, "expected 2 ranks at least, found 1");
  expect_refusal("colossus-simulate", pairs + "--fault 'NIC p7-n0 nic0:share=0.5'", 3, "expected the name of a part");
}

}  // namespace
}  // namespace commands
