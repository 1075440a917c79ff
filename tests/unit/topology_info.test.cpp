// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/topo_main.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <sstream>

namespace colossus::bench {
namespace {

const std::string shipped = COLOSSUS_TOPOLOGY_DIR;

struct outcome {
  int status;
  std::string out, err;
};

outcome topo(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "colossus-topo");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int status = topo_main(static_cast<int>(arguments.size()), arguments.data());
  return {status, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

TEST(TopologyInfo, WritesNumbersForPeople) {
  EXPECT_EQ(with_commas(7), "7");
  EXPECT_EQ(with_commas(100352), "100,352");
  EXPECT_EQ(with_commas(-1000), "-1,000");
  EXPECT_EQ(with_commas(-100), "-100");
  EXPECT_EQ(brief(0.7656), "0.766");
  EXPECT_EQ(brief(12544.2), "12,544");
  EXPECT_EQ(scaled(1.5e8, "W"), "150 MW");
  EXPECT_EQ(scaled(999.7e6, "W"), "1 GW");
  EXPECT_EQ(scaled(std::nan(""), "W"), "not known");
}

TEST(TopologyInfo, BreaksLinesBetweenWordsAndCutsWhatIsLonger) {
  std::ostringstream out;
  print_wrapped(out, "label", "- one two three four", 7, 16);
  EXPECT_EQ(out.str(), "label  - one two\n         three\n         four\n");
  std::ostringstream longer;
  print_wrapped(longer, "", "abcdefghij k", 2, 8);
  EXPECT_EQ(longer.str(), "  abcdef\n  ghij k\n");
  std::ostringstream empty;
  print_wrapped(empty, "label", "", 7, 16);
  EXPECT_EQ(empty.str(), "label\n");
}

TEST(TopologyInfo, ShowsTheRealMachine) {
  outcome shown = topo({"info", (shipped + "/colossus-100k.json").c_str()});
  EXPECT_EQ(shown.status, 0) << shown.err;
  shown.out = std::regex_replace(shown.out, std::regex{"\\s+"}, " ");
  for (const char* text :
       {"100,352 GPUs", "12,544 nodes of 8", "196 pods of 64 nodes, 8 rails", "1,568", "2,048", "1,024",
        "1 : 1 of the NICs", "2.46 PB/s one way", "5.8 us (3.58..14) through 5 switches (core)", "115 MW", "150 MW",
        "1,000,000 US gallons", "source: wreg", "partly-assumed", "4 halls", "switch sn5600 latency 500 ns (350..900;",
        "cable spine-core 100 m"})
    EXPECT_NE(shown.out.find(text), std::string::npos) << text << " in\n" << shown.out;
}

TEST(TopologyInfo, SaysWhatIsOversubscribed) {
  const outcome shown = topo({"info", (shipped + "/fat-tree-3to1.json").c_str()});
  EXPECT_NE(shown.out.find(" 3 : 1 of the NICs"), std::string::npos) << shown.out;
}

TEST(TopologyInfo, FitsAHundredColumns) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{shipped}) {
    if (entry.path().extension() != ".json" || entry.path().filename() == "defaults.json") continue;
    const outcome shown = topo({"info", "--latency", "high", entry.path().c_str()});
    EXPECT_EQ(shown.status, 0) << shown.err;
    std::istringstream lines{shown.out};
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 100u) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
    EXPECT_EQ(shown.out.find("nan"), std::string::npos) << shown.out;
    ++files;
  }
  EXPECT_GE(files, 29);
}

TEST(TopologyInfo, EndsInOneLineAndTheRightStatus) {
  const std::string good = shipped + "/hgx-h100-node.json";
  const auto fails = [&](std::vector<const char*> arguments, int status, const char* text) {
    const outcome result = topo(arguments);
    EXPECT_EQ(result.status, status) << text;
    EXPECT_TRUE(result.err.starts_with("colossus-topo: ") && result.err.find('\n') == result.err.size() - 1)
        << result.err;
    EXPECT_NE(result.err.find(text), std::string::npos) << result.err;
  };
  fails({}, 2, "expected a command, found none");
  fails({"info"}, 2, "FILE");
  fails({"guess"}, 2, "guess");
  fails({"info", good.c_str(), "--latency", "none"}, 2, "--latency");
  fails({"info", "/no/such.json"}, 3, "/no/such.json");
  fails({"info", good.c_str(), "--defaults", "/no/defaults.json"}, 3, "/no/defaults.json");
  const outcome help = topo({"--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.out.find("info"), std::string::npos);
}

/// The machine that `colossus-topo derive` writes; its name.
loaded derived(const std::string& base, std::vector<const char*> flags) {
  const auto place =
      std::filesystem::temp_directory_path() / ("colossus-derived-" + std::to_string(::getpid()) + ".json");
  const std::string from = shipped + "/" + base + ".json", to = place.string();
  flags.insert(flags.begin(), {"derive", from.c_str()});
  flags.insert(flags.end(), {"-o", to.c_str()});
  const outcome result = topo(flags);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with(to)) << result.out;
  loaded machine = load_topology(to, {{}, shipped + "/defaults.json"});
  std::filesystem::remove(place);
  return machine;
}

std::vector<std::int64_t> counts(const loaded& machine) {
  const auto& fabric = std::get<topologies::nodes_of<topologies::clos>>(machine.fabric);
  std::vector<std::int64_t> all{fabric.gpus(), fabric.network().rails()};
  for (int tier = 0; tier < fabric.network().tiers(); ++tier) all.push_back(fabric.network().switches(tier));
  return all;
}

TEST(TopologyDerive, OversubscribesAndSaysSo) {
  const loaded machine = derived("colossus-100k", {"--oversubscribe", "leaf=4:1,spine=2"});
  EXPECT_EQ(counts(machine), (std::vector<std::int64_t>{100352, 8, 1568, 512, 128}));
  EXPECT_EQ(machine.description.name, "colossus-100k-leaf-4to1-spine-2to1");
  EXPECT_EQ(machine.description.evidence, "synthetic");
  EXPECT_EQ(machine.assumptions.at(0),
            "derived from colossus-100k: leaf switches oversubscribed 4:1, spine switches oversubscribed 2:1");
  const auto& net = std::get<topologies::nodes_of<topologies::clos>>(machine.fabric).network();
  EXPECT_DOUBLE_EQ(net.throughput(0) / net.throughput(1), 4);
  EXPECT_DOUBLE_EQ(net.throughput(1) / net.throughput(2), 49 / 32.0) << "49 of the 64 ports down are used";
}

TEST(TopologyDerive, RewiresWithTheSameSwitches) {
  EXPECT_EQ(counts(derived("colossus-100k", {"--single-leaf"})),
            (std::vector<std::int64_t>{100352, 1, 1568, 2048, 1024}));
  const loaded apart = derived("colossus-100k", {"--rail-only"});
  EXPECT_EQ(counts(apart), (std::vector<std::int64_t>{100352, 8, 1568, 2048, 1024}));
  EXPECT_FALSE(std::get<topologies::nodes_of<topologies::clos>>(apart.fabric).network().joins_rails());
  const loaded rails = derived("fat-tree-3to1", {"--rail-optimised"});
  EXPECT_EQ(counts(rails), (std::vector<std::int64_t>{3072, 8, 64, 16}));
  EXPECT_EQ(rails.description.scale_out.nodes_per_pod, 48);
  EXPECT_TRUE(std::get<topologies::nodes_of<topologies::clos>>(rails.fabric).network().joins_rails());
}

TEST(TopologyDerive, SaysWhatCannotBe) {
  const auto says = [](const char* base, std::vector<const char*> flags, int status, const char* text) {
    const std::string from = shipped + "/" + base + ".json";
    flags.insert(flags.begin(), {"derive", from.c_str()});
    const outcome result = topo(flags);
    EXPECT_EQ(result.status, status) << text;
    EXPECT_TRUE(result.err.find('\n') == result.err.size() - 1) << result.err;
    EXPECT_NE(result.err.find(text), std::string::npos) << result.err;
  };
  says("colossus-100k", {}, 2, "expected what to change");
  says("colossus-100k", {"--rail-only", "--single-leaf"}, 2, "Requires at most 1");
  says("colossus-100k", {"--oversubscribe", "leaf=0"}, 2, "expected TIER=RATIO:1 such as leaf=2:1");
  says("colossus-100k", {"--oversubscribe", "core=2:1"}, 2, "expected a tier below another (leaf, spine)");
  says("colossus-100k", {"--oversubscribe", "leaf=3:1"}, 3, "/scale_out/tiers/0/up: leaf=3:1 would take 21.3333 links");
  says("colossus-200k-mixed", {"--single-leaf"}, 3, "/populations: expected none");
  says("tpu-v5p-6144", {"--rail-only"}, 3, "/scale_out/generator: expected clos, to derive from, found \"torus\"");
}

}  // namespace
}  // namespace colossus::bench
