// SPDX-License-Identifier: Apache-2.0
#include "reference/same_rows.hpp"

#include "commands/command.hpp"

#include <colossus/bench/sidecar.hpp>

namespace {

using namespace colossus;
using test::differences;

const std::filesystem::path source{COLOSSUS_SOURCE_DIR};

std::vector<bench::row> reference(const std::string& name) {
  return bench::read_rows((source / "results/reference" / (name + ".csv")).string());
}

/// The files of results/reference that have rows.
std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator{source / "results/reference"})
    if (entry.path().extension() == ".csv") found.push_back(entry.path().stem().string());
  std::ranges::sort(found);
  return found;
}

nlohmann::json sidecar(const std::string& name) {
  const auto all = nlohmann::json::parse(
      bench::file_text((source / "results/reference" / (name + ".meta.json")).string()), nullptr, false);
  EXPECT_TRUE(all.is_object() && all["runs"].is_array() && !all["runs"].empty()) << name;
  return all;
}

/// results/README.md's line of a file.
std::string told(const std::string& name) {
  const std::string all = bench::file_text((source / "results/README.md").string());
  const auto at = all.find("| `reference/" + name + ".csv` |");
  return at == std::string::npos ? std::string{} : all.substr(at, all.find('\n', at) - at);
}

std::string first(const std::vector<std::string>& lines, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(most, lines.size()); ++i) text += lines[i] + '\n';
  return text + (lines.size() > most ? "... " + std::to_string(lines.size()) + " differences\n" : "");
}

class made_again : public testing::TestWithParam<std::string> {};

TEST_P(made_again, has_the_rows_that_were_accepted) {
  const test::folder here;
  const std::string name = GetParam();
  const auto run = commands::shell((source / "bench/reference").string() + " --programs " +
                                   commands::programs().string() + " --into " + here / "" + " " + name);
  ASSERT_EQ(run.status, 0) << run.err;
  const auto lines = differences(reference(name), bench::read_rows(here / (name + ".csv")));
  EXPECT_TRUE(lines.empty()) << first(lines, 10)
                             << "The simulator says something else than what was accepted. Where that is meant:\n"
                             << "  ./bench/reference " << name << "\nand commit the diff.";
  EXPECT_EQ(bench::file_text(here / (name + ".meta.json")),
            bench::file_text((source / "results/reference" / (name + ".meta.json")).string()))
      << "the sidecar is another: where that is meant, ./bench/reference " << name;
}

/// Those that the simulator made.
std::vector<std::string> predicted() {
  std::vector<std::string> all;
  for (const std::string& name : names())
    if (told(name).find("`colossus-simulate ") != std::string::npos) all.push_back(name);
  return all;
}
std::string word(const testing::TestParamInfo<std::string>& of) {
  std::string text = of.param;
  std::ranges::replace(text, '-', '_');
  return text;
}
INSTANTIATE_TEST_SUITE_P(reference, made_again, testing::ValuesIn(predicted()), word);

TEST(reference, each_file_is_told_of_with_its_command) {
  ASSERT_GE(names().size(), 8u);
  for (const std::string& name : names()) {
    SCOPED_TRACE(name);
    const std::string line = told(name);
    EXPECT_NE(line.find("--csv results/reference/" + name + ".csv"), std::string::npos) << "results/README.md";
    const auto runs = sidecar(name)["runs"];
    const std::string program = runs[0]["argv"][0];
    EXPECT_NE(line.find(program.substr(program.rfind('/') + 1) + " "), std::string::npos) << program;
  }
}

TEST(reference, rows_join_their_sidecars) {
  for (const std::string& name : names()) {
    SCOPED_TRACE(name);
    std::vector<std::string> runs;
    const nlohmann::json all = sidecar(name);
    for (const auto& run : all["runs"]) runs.push_back(run["run_id"]);
    for (const bench::row& r : reference(name)) {
      ASSERT_NE(std::ranges::find(runs, r.run_id), runs.end()) << r.run_id;
      EXPECT_EQ(r.status, "ok");
      EXPECT_EQ(r.errors.value_or(0), 0);
    }
  }
}

TEST(reference, every_shipped_topology_has_prices) {
  const std::vector<bench::row> rows = reference("all_reduce");
  for (const auto& entry : std::filesystem::directory_iterator{source / "topologies"}) {
    if (entry.path().extension() != ".json" || entry.path().filename() == "defaults.json") continue;
    for (const char* routing : {"adaptive", "ecmp"})
      EXPECT_TRUE(std::ranges::any_of(rows,
                                      [&](const bench::row& r) {
                                        return r.topology == entry.path().stem() && r.routing == routing &&
                                               r.time_us > 0;
                                      }))
          << entry.path() << " " << routing;
  }
}

TEST(differences, are_told_by_row_and_column) {
  bench::row r;
  r.topology = "one", r.collective = "all_reduce", r.algorithm = "ring", r.bytes = 8, r.time_us = 100;
  r.limit = "latency", r.tags = "over_adaptive=1.5;x=a";
  bench::row other = r;
  other.run_id = "another";
  EXPECT_TRUE(differences({r, r}, {other, other}).empty());
  other.time_us = 100 * (1 + 1e-12), other.tags = "over_adaptive=1.5000000000001;x=a";
  EXPECT_TRUE(differences({r}, {other}).empty()) << "another compiler's rounding";
  other.time_us = 100 * (1 + 1e-8);
  EXPECT_EQ(differences({r, r}, {r, other}).size(), 1u);
  other = r, other.time_us = 102, other.limit = "NIC out";
  EXPECT_EQ(differences({r, r}, {r, other}).at(0),
            "row 2 (one all_reduce ring  8 B): time_us 100, now 102 (+2%), limit latency, now NIC out");
  for (const char* tags : {"over_adaptive=1.6;x=a", "over_adaptive=1.5;x=b", "over_adaptive=1.5", "",
                           "over_adaptive=1.5;x=a;y=1", "other=1.5;x=a"}) {
    other = r, other.tags = tags;
    EXPECT_EQ(differences({r}, {other}).size(), 1u) << tags;
  }
  other = r, other.limit = "";
  EXPECT_EQ(differences({r}, {other}).size(), 1u);
  EXPECT_EQ(differences({r, r}, {r}).at(0), "2 rows, now 1");
}

}  // namespace
