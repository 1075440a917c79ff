// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>

#include <nlohmann/json.hpp>

#include <set>
#include <sstream>

namespace commands {
namespace {

const std::string program = "colossus-characterize";
const std::string topologies = COLOSSUS_TOPOLOGY_DIR;
using colossus::bench::row;

/// Two machines that take no time: one with a network, one without.
std::string small() {
  return "--quick --topology " + topologies + "/superpod-ndr-2su.json," + topologies + "/hgx-h100-node.json ";
}

/// The rows of a file without what differs from run to run.
std::string rows_without_run(const std::string& path) {
  std::string text;
  for (row r : colossus::bench::read_rows(path)) r.run_id.clear(), text += colossus::bench::csv_line(r);
  return text;
}

TEST(characterize, writes_rows_sidecars_and_the_screen) {
  const folder here;
  const std::string out = here / "a";
  const outcome o = run(program, small() + "--out " + out);
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(o.err, "") << "no progress line without a terminal";
  EXPECT_EQ(text_of(out + "/summary.txt"), o.out);
  std::istringstream lines{o.out};
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
  EXPECT_TRUE(o.out.starts_with("SUPERPOD-NDR-2SU   512 H100   64 nodes of 8")) << o.out;
  for (const char* const part : {"REFERENCE-DESIGN", "BOUNDS", "1 ALL-REDUCE", "2 WHAT IT COSTS", "3 WHAT ECMP",
                                 "4 WHERE THE TIME", "hgx-h100-node", "6 THIS MACHINE (measured)", "0 wrong"})
    EXPECT_NE(o.out.find(part), std::string::npos) << part << "\n" << o.out;

  EXPECT_NE(std::filesystem::exists(out + "/report.html"), o.out.find("no report.html: ") != std::string::npos)
      << "a report, or why there is none\n"
      << o.out;

  const auto simulated = colossus::bench::read_rows(out + "/simulated.csv");
  std::set<std::string> seen;
  for (const row& r : simulated)
    seen.insert(r.algorithm), seen.insert(r.routing), seen.insert(r.placement), seen.insert(r.scenario),
        seen.insert(r.topology);
  for (const char* const value : {"ring", "double_tree", "hierarchical", "adaptive", "ecmp", "packed", "shuffled",
                                  "latencies=low", "latencies=high", "hgx-h100-node"})
    EXPECT_TRUE(seen.contains(value)) << value;
  std::set<std::string> keys;
  for (const row& r : simulated) {
    std::string key;
    for (const auto& c : colossus::bench::columns)
      if (c.key) key += colossus::bench::text_of(r, c) + ",";
    EXPECT_TRUE(keys.insert(key).second) << "a second row of " << key;
  }
  const auto measured = colossus::bench::read_rows(out + "/measured.csv");
  ASSERT_FALSE(measured.empty());
  for (const row& r : measured) EXPECT_EQ(r.errors, 0);
  for (const char* const name : {"/simulated.meta.json", "/measured.meta.json"}) {
    const auto run = nlohmann::json::parse(text_of(out + name))["runs"][0];
    EXPECT_EQ(run["run_id"], std::string{name}.starts_with("/s") ? simulated.front().run_id : measured.front().run_id);
  }
}

TEST(characterize, is_deterministic_and_takes_part_of_a_machine) {
  const folder here;
  const std::string asked = "--quick --ranks 16,24 --topology " + topologies + "/superpod-ndr-2su.json --out ";
  ASSERT_EQ(run(program, asked + here / "a").status, 0);
  ASSERT_EQ(run(program, asked + here / "b").status, 0);
  EXPECT_EQ(rows_without_run(here / "a/simulated.csv"), rows_without_run(here / "b/simulated.csv"));
  for (const row& r : colossus::bench::read_rows(here / "a/simulated.csv")) EXPECT_TRUE(r.ranks == 16 || r.ranks == 24);
}

TEST(characterize, wrong_input_is_one_line_and_the_right_status) {
  const folder here;
  std::filesystem::create_directories(here / "there");
  expect_refusal(program, small() + "--out " + here / "there", 2, "is there already: name another folder by --out");
  expect_refusal(program, small() + "--ranks 1", 2, "--ranks");
  expect_refusal(program, small() + "--ranks 513 --out " + here / "x", 2, "--ranks 513: superpod-ndr-2su has 512 GPUs");
  expect_refusal(program, "--topology /nowhere/x.json --out " + here / "x", 3, "/nowhere/x.json");
  expect_refusal(program, "--quik", 2, "--quik");
  EXPECT_FALSE(std::filesystem::exists(here / "x")) << "nothing is left of a refusal";
  EXPECT_EQ(run(program, "--help").status, 0);
}

}  // namespace
}  // namespace commands
