// SPDX-License-Identifier: Apache-2.0
// The shipped topologies have the counts that their sources publish.
#include <colossus/topologies/from_file.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace colossus {
namespace {

const std::string shipped = COLOSSUS_TOPOLOGY_DIR;

loaded load(const std::string& name) { return load_topology(shipped + "/" + name + ".json"); }

struct row {
  const char* name;
  gpu_t gpus;
  std::vector<std::int64_t> switches;  ///< by tier
};

class Published : public testing::TestWithParam<row> {};

TEST_P(Published, Counts) {
  const loaded machine = load(GetParam().name);
  const auto& fabric = std::get<topologies::nodes_of<topologies::clos>>(machine.fabric);
  EXPECT_EQ(fabric.gpus(), GetParam().gpus);
  std::vector<std::int64_t> switches;
  for (int tier = 0; tier < fabric.network().tiers(); ++tier) switches.push_back(fabric.network().switches(tier));
  EXPECT_EQ(switches, GetParam().switches);
}

// NVIDIA's tables of the DGX SuperPOD, H100, B200 and B300; then what others published, or we assume, of theirs.
INSTANTIATE_TEST_SUITE_P(
    Superpod, Published,
    testing::Values(row{"superpod-ndr-2su", 512, {16, 8}}, row{"superpod-ndr-4su", 1024, {32, 16}},
                    row{"superpod-ndr-8su", 2048, {64, 32}}, row{"superpod-ndr-16su", 4096, {128, 128, 64}},
                    row{"superpod-ndr-32su", 8192, {256, 256, 128}}, row{"superpod-ndr-64su", 16384, {512, 512, 256}},
                    row{"superpod-b300-spectrumx-1su", 512, {16, 8}},
                    row{"superpod-b300-spectrumx-2su", 1024, {32, 16}},
                    row{"superpod-b300-spectrumx-4su", 2048, {64, 32}},
                    row{"superpod-b300-spectrumx-8su", 4096, {128, 64}},
                    row{"superpod-b300-spectrumx-16su", 8192, {256, 128}}, row{"superpod-b300-xdr-1su", 576, {8, 4}},
                    row{"superpod-b300-xdr-2su", 1152, {16, 8}}, row{"superpod-b300-xdr-4su", 2304, {32, 18}},
                    row{"superpod-b300-xdr-8su", 4608, {64, 36}}, row{"superpod-b300-xdr-18su", 10368, {144, 72}}));
INSTANTIATE_TEST_SUITE_P(
    Others, Published,
    testing::Values(row{"colossus-100k", 100352, {1568, 2048, 1024}}, row{"colossus-150k", 150528, {2352, 3072, 2048}},
                    row{"colossus-200k-mixed", 200704, {3136, 4096, 2048}}, row{"grok2-15k", 15360, {240, 128}},
                    row{"alibaba-hpn7-pod", 15360, {240, 120}}, row{"meta-24k-roce", 24576, {1536, 144, 18}},
                    row{"mrc-131k", 131072, {4096, 2048}}, row{"rail-only-h100-4k", 4096, {64, 32}},
                    row{"fat-tree-3to1", 3072, {64, 16}}, row{"gb200-nvl72-1su", 576, {8, 4}}));

/// Calls `use(path, machine)` for every shipped topology.
template <class F>
int for_each_shipped(F&& use) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{shipped})
    if (entry.path().extension() == ".json" && entry.path().filename() != "defaults.json") {
      use(entry.path(), load_topology(entry.path().string()));
      ++count;
    }
  return count;
}

TEST(Shipped, EveryFileLoadsUnderItsNameWithWhereItComesFrom) {
  std::vector<std::string> ids;
  const int files = for_each_shipped([&](const std::filesystem::path& path, const loaded& machine) {
    const auto& file = machine.description;
    EXPECT_EQ(file.name, path.stem().string());
    EXPECT_FALSE(file.title.empty() || file.evidence.empty()) << path;
    EXPECT_TRUE(!file.sources.empty() || !file.assumptions.empty()) << path;
    EXPECT_FALSE(machine.has_faults()) << path;
    for (const auto& source : file.sources)
      EXPECT_TRUE(source.url.starts_with("https://")) << path << ": " << source.id;
    ids.push_back(machine.topology_id);
  });
  EXPECT_EQ(files, 29);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

TEST(Shipped, ReadmeListsEveryFileWithItsGpus) {
  std::istringstream readme{detail::read_text(shipped + "/README.md", "the table")};
  std::vector<std::string> lines;
  for (std::string line; std::getline(readme, line);) lines.push_back(line);
  for_each_shipped([&](const std::filesystem::path& path, const loaded& machine) {
    std::string gpus = std::to_string(std::visit([](const auto& fabric) { return fabric.gpus(); }, machine.fabric));
    for (int at = static_cast<int>(gpus.size()) - 3; at > 0; at -= 3) gpus.insert(static_cast<std::size_t>(at), ",");
    const std::string start = "| [" + machine.description.name + "](" + path.filename().string() + ") | " + gpus + " |";
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.starts_with(start) && line.find(machine.description.evidence) != std::string::npos;
    })) << start;
  });
}

TEST(Shipped, PathsOfTheRealMachineAreAsLongAsItsTiers) {
  const loaded machine = load("colossus-100k");
  const auto& fabric = std::get<topologies::nodes_of<topologies::clos>>(machine.fabric);
  const auto hops = [&](gpu_t a, gpu_t b, routing how) {
    int count = 0;
    fabric.route(a, b, how, 0x123456789abcdef0u, [&](link_t) { ++count; });
    return count;
  };
  for (const routing how : {routing::ecmp, routing::adaptive, routing::deterministic}) {
    EXPECT_EQ(hops(0, 7, how), 2);             // one node
    EXPECT_EQ(hops(0, 8, how), 2);             // one leaf: two NICs
    EXPECT_EQ(hops(0, 512, how), 4);           // one hall: by a spine
    EXPECT_EQ(hops(0, 49 * 512, how), 6);      // halls: by a core switch
    EXPECT_EQ(hops(0, 49 * 512 + 1, how), 8);  // and another rail
  }
  EXPECT_NEAR(fabric.bisection(), 100352 / 2 * 49e9, 1);
  EXPECT_NEAR(fabric.latency_s(0, 49 * 512), (2 * 550 + 5 * 500 + 6 * 100 + 2 * 5 * (20 + 40 + 100)) * 1e-9, 1e-15);
}

TEST(Shipped, MixedMachinesHaveTheirTypesWhereTheFileSays) {
  const loaded machine = load("colossus-150k");
  ASSERT_EQ(machine.description.populations.size(), 2u);
  ASSERT_EQ(machine.power.size(), 5u);
  EXPECT_EQ(machine.power[0].count, 196 * 64);
  EXPECT_EQ(machine.power[1].part, "hgx-h200");
  EXPECT_EQ(machine.power[1].count, 98 * 64);
  const auto& fabric = std::get<topologies::nodes_of<topologies::clos>>(machine.fabric);
  EXPECT_DOUBLE_EQ(fabric.power_w(), 18816 * 8400.0 + (2352 + 3072 + 2048) * 2030.0);
  EXPECT_TRUE(std::isnan(std::get<topologies::torus>(load("tpu-v5p-6144").fabric).power_w()));
}

TEST(Shipped, SiteOfThe100k) {
  const loaded machine = load("colossus-100k");
  ASSERT_TRUE(machine.description.site.has_value());
  EXPECT_DOUBLE_EQ(*machine.description.site->power_w, 150e6);
  EXPECT_NEAR(*machine.description.site->water_l_per_day / 3.785411784, 1e6, 1);
}

}  // namespace
}  // namespace colossus
