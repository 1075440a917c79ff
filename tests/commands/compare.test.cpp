// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace commands {
namespace {

const std::string program = "colossus-compare";

/// The rows of tests/commands/many_rows.
std::string many_rows(const folder& here, const std::string& name, const std::string& arguments) {
  const auto script = std::filesystem::path{__FILE__}.parent_path() / "many_rows";
  EXPECT_EQ(shell(script.string() + " " + arguments + " > " + here / name).status, 0);
  return here / name;
}

TEST(compare, help_and_version_end_well) {
  const outcome help = run(program, "--help"), version = run(program, "--version");
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("--fail-on"), std::string::npos);
  EXPECT_TRUE(version.out.starts_with("colossus 0."));
  EXPECT_EQ(help.err + version.err, "");
}

TEST(compare, wrong_input_is_one_line_and_the_right_status) {
  const folder here;
  std::ofstream{here / "x.csv"} << "bytes,time_us\n8,1\n";
  std::ofstream{here / "cut.csv"} << "bytes,time_us\n8\n";
  const std::string x = here / "x.csv";
  expect_refusal(program, x, 2, "expected two files or more, found 1");
  expect_refusal(program, x + " " + x + " --by routing", 2, "--by: expected one file, found 2");
  expect_refusal(program, x + " " + x + " --threshold 2", 2,
                 "--threshold: expected a share below 1, such as 2% or 0.02");
  expect_refusal(program, x + " " + x + " --format html", 2, "--format");
  expect_refusal(program, x + " " + x + " --on bytes --ignore bytes", 2, "excludes");
  expect_refusal(program, x + " /nowhere.csv", 3, "/nowhere.csv: expected a file that can be read");
  expect_refusal(program, x + " " + here / "cut.csv", 3,
                 "cut.csv: line 2: expected 2 fields as in the header, found 1");
}

TEST(compare, exit_status_and_formats) {
  const folder here;
  const std::string base = many_rows(here, "b.csv", "40 10 1"), slow = many_rows(here, "n.csv", "40 10 2 1.05");
  const std::string files = base + " " + slow;
  EXPECT_EQ(run(program, files).status, 0) << "a difference is no failure until asked for";
  const outcome fails = run(program, files + " --fail-on slower");
  EXPECT_EQ(fails.status, 1);
  EXPECT_NE(fails.err.find("slower"), std::string::npos);
  EXPECT_EQ(run(program, slow + " " + base + " --fail-on slower").status, 0);
  EXPECT_EQ(run(program, files + " --min-busbw 1e6").status, 1);
  EXPECT_EQ(run(program, files + " --min-busbw 1e-9").status, 0);
  EXPECT_EQ(fails.out.find('\x1b'), std::string::npos) << "no colour where stdout is no terminal";
  const outcome text = run(program, files), md = run(program, files + " --format md");
  EXPECT_NE(text.out.find("slower"), std::string::npos);
  EXPECT_NE(md.out.find("\n| verdict | time |"), std::string::npos) << md.out;
  const auto json = nlohmann::json::parse(run(program, files + " --format json").out);
  EXPECT_EQ(json["findings"].size(), 40u);
  EXPECT_GE(json["count"]["slower"], 36);
  EXPECT_EQ(json["environment_unknown"].size(), 2u);
}

TEST(compare, colour_is_for_a_terminal_that_wants_it) {
  if (shell("script --version").status != 0) GTEST_SKIP() << "without script(1), which makes a terminal";
  const folder here;
  const std::string line = (programs() / program).string() + " " + many_rows(here, "b.csv", "9 10 1") + " " +
                           many_rows(here, "n.csv", "9 10 2 1.2");
  EXPECT_NE(shell("script -qec '" + line + "' /dev/null").out.find("\x1b[31mslower"), std::string::npos);
  EXPECT_EQ(shell("NO_COLOR=1 script -qec '" + line + "' /dev/null").out.find('\x1b'), std::string::npos);
}

TEST(compare, twenty_thousand_rows_and_a_third_file) {
  const folder here;
  const std::string base = many_rows(here, "b.csv", "1000 10 1"), other = many_rows(here, "n.csv", "1000 10 2");
  const outcome o = run(program, base + " " + other + " " + base);
  EXPECT_EQ(o.status, 0) << o.err;
  std::istringstream lines{o.out};
  int rows = 0;
  for (std::string line; std::getline(lines, line);) rows += !line.starts_with("# ");
  EXPECT_EQ(rows, 1 + 1000) << o.out.substr(0, 2000);
}

TEST(compare, is_this_number_normal) {
  const folder here;
  const std::string topology = COLOSSUS_TOPOLOGY_DIR "/hgx-h100-node.json";
  const std::string table = here.write("n.csv",
                                       "# collective: all_reduce\n# nranks: 8\n# nodes: 1\nsize_bytes,time_us\n"
                                       "1024,20\n1073741824,5500\n2147483648,40000\n");
  const outcome o = run(program, table + " --expect " + topology);
  EXPECT_EQ(o.status, 0) << o.err;
  for (const std::string text : {"BOUNDS, without software overhead", "evidence     published", "routing      adaptive",
                                 "placement    packed", "1 KiB: 20 us, ", "what is missing, 17.5 us",
                                 "1 GiB: 342 GB/s, 89", "NVLink out: normal", "2 GiB: 94 GB/s, 2", "FAR BELOW"})
    EXPECT_NE(o.out.find(text), std::string::npos) << text << "\n" << o.out;
  const outcome fails = run(program, table + " --expect " + topology + " --min-fraction 0.5 --from 1M");
  EXPECT_EQ(fails.status, 1);
  EXPECT_EQ(fails.err, "colossus-compare: 1 below 0.5 of the bound\n");
  const auto json = nlohmann::json::parse(run(program, table + " --format json --expect " + topology).out);
  EXPECT_EQ(json["answers"].size(), 3u);
  EXPECT_EQ(json["answers"][1]["expected_algorithm"], "ring");
  EXPECT_EQ(run(program, table + " --expect " + table + " --min-fraction 1").status, 0) << "a table against itself";
}

TEST(compare, a_gate_lets_nothing_broken_through) {
  const folder here;
  const std::string names = "schema,library,collective,bytes,ranks,time_us,busbw_GBps,status\n",
                    good = "1,x,all_reduce,8,8,20,5,ok\n";
  const auto file = [&](const std::string& name, const std::string& row) {
    return here.write(name, names + good + row);
  };
  const std::string base = file("base.csv", "1,x,all_reduce,16,8,20,5,ok\n");
  for (const std::string status : {"timeout", "wrong_data"}) {
    const std::string broken = file(status + ".csv", "1,x,all_reduce,16,8,,," + status + "\n");
    EXPECT_EQ(run(program, broken + " --expect " + base).status, 0) << "no gate was asked for";
    for (const std::string& flags :
         {" --expect " + base + " --min-fraction 80%", " --expect " + base + " --min-busbw 1"})
      EXPECT_EQ(run(program, broken + flags).err, "colossus-compare: 1 not ok\n") << flags;
    EXPECT_EQ(run(program, base + " " + broken + " --min-busbw 1").status, 1);
  }
  const std::string fake = file("fake.csv", "1,fake-nccl-2.28.9,all_reduce,16,8,20,5,ok\n");
  EXPECT_EQ(run(program, base + " --expect " + base + " --min-fraction 1").status, 0);
  EXPECT_NE(run(program, fake + " --expect " + base).out.find("of a fake library: no result"), std::string::npos);
  expect_refusal(program, base + " " + file("two.csv", "2,x,all_reduce,16,8,20,5,ok\n"), 3,
                 "two.csv: line 3: expected a row of schema 1, found '2'");
}

TEST(compare, what_expect_refuses) {
  const folder here;
  const std::string topology = COLOSSUS_TOPOLOGY_DIR "/hgx-h100-node.json";
  const std::string x = here.write("x.csv", "collective,bytes,ranks,time_us\nall_reduce,8,8,20\n");
  expect_refusal(program, x + " " + x + " --expect " + topology, 2, "--expect: expected one file, found 2");
  expect_refusal(program, x + " --min-fraction 0.5", 2, "--expect");
  expect_refusal(program, x + " --on bytes --expect " + topology, 2, "excludes");
  expect_refusal(program, x + " --expect " + topology + " --profile /nowhere.json", 3, "/nowhere.json");
  expect_refusal(program, x + " --expect " + x + " --routing ecmp", 2, "are of prices");
  for (const std::string flag : {"--latency low", "--queue-pairs 4", "--placement spread"})
    expect_refusal(program, x + " --expect " + x + " " + flag, 2, "are of prices");
  for (const std::string share : {"80", "101%", "-0.1", "most"})
    expect_refusal(program, x + " --expect " + x + " --min-fraction " + share, 2, "expected a share up to 1, or N%");
  const std::string none = here.write("none.csv", "collective,bytes,ranks,time_us\nall_reduce,8,16,20\n");
  const outcome o = run(program, none + " --expect " + topology);
  EXPECT_EQ(o.status, 1);
  EXPECT_EQ(o.err, "colossus-compare: nothing could be held against what is expected\n");
}

}  // namespace
}  // namespace commands
