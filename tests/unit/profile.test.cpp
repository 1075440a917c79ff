// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <colossus/topologies/from_file.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

using test::folder;

const std::string machine = COLOSSUS_TOPOLOGY_DIR "/colossus-100k.json";

loaded with(const std::string& text, const folder& here = {}) {
  topology_options how;
  how.profile = topologies::read_profile(here.write("p.json", text));
  return load_topology(machine, how);
}

std::string profile_of(const std::string& rest) {
  return R"({"profile": "mine", "source": "a table", "evidence": "measured", )" + rest + "}";
}

std::string refusal(const std::string& text) {
  try {
    with(text);
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), failure::input) << e.what();
    return e.what();
  }
  return "nothing was refused";
}

double local_latency(const loaded& m) {
  return std::visit([](const auto& fabric) { return fabric.latency_s(0, 1); }, m.fabric);
}
double network_latency(const loaded& m) {
  return std::visit([](const auto& fabric) { return fabric.latency_s(0, 8); }, m.fabric);
}
double local_rate(const loaded& m) {
  return std::visit([](const auto& fabric) { return fabric.capacity(0); }, m.fabric);
}

TEST(profile, figures_of_the_table_and_of_the_file_are_replaced) {
  const loaded plain = load_topology(machine);
  const loaded by_table = with(profile_of(
      R"("set": {"/defaults/link_class/nvlink4/latency_ns": 1500, "/defaults/link_class/nvlink4/efficiency": 0.425})"));
  EXPECT_NEAR(local_latency(by_table), 1.5e-6, 1e-12);
  EXPECT_NEAR(local_rate(by_table), local_rate(plain) / 2, 1) << "0.85 is the table's";
  EXPECT_EQ(network_latency(by_table), network_latency(plain));
  const loaded by_file = with(profile_of(R"("set": {"/node_types/hgx-h100/nics/latency_ns": 2000})"));
  EXPECT_GT(network_latency(by_file), network_latency(plain) + 2e-6) << "two NICs of 550 ns by the table";
  EXPECT_EQ(local_latency(by_file), local_latency(plain));
}

TEST(profile, it_is_the_same_machine_with_another_assumption) {
  const loaded plain = load_topology(machine), with_it = with(profile_of(R"("operation_us": 8)"));
  EXPECT_EQ(with_it.topology_id, plain.topology_id);
  EXPECT_EQ(with_it.scenario(), plain.scenario());
  EXPECT_EQ(with_it.description.evidence, plain.description.evidence);
  ASSERT_TRUE(with_it.profile);
  EXPECT_EQ(with_it.profile->name, "mine");
  EXPECT_NEAR(with_it.profile->operation_s, 8e-6, 1e-15);
  EXPECT_EQ(with_it.assumptions.size(), plain.assumptions.size() + 1);
  EXPECT_EQ(with_it.assumptions.back(), "software as in profile mine (measured; a table): 8 us an operation");
}

TEST(profile, the_range_of_a_measured_figure_is_the_figure) {
  const folder here;
  topology_options how;
  how.latency = topologies::latency_level::high;
  how.profile = topologies::read_profile(
      here.write("p.json", profile_of(R"("set": {"/defaults/link_class/nvlink4/latency_ns": 1500})")));
  EXPECT_NEAR(local_latency(load_topology(machine, how)), 1.5e-6, 1e-12);
}

TEST(profile, what_is_no_profile_is_refused_with_its_place) {
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(refusal("[]"), "p.json: /: expected an object, found an array");
  has(refusal(R"({"profile": "x"})"), "expected a key \"source\", found none");
  has(refusal(profile_of(R"("sets": {})")), "/sets: unknown key; expected one of profile, source");
  has(refusal(profile_of(R"("set": {})")), "expected \"operation_us\" or \"set\", found neither");
  has(refusal(profile_of(R"("operation_us": -1)")), "/operation_us: expected a number of 0 or more, found -1");
  has(refusal(R"({"profile": "none", "source": "x", "evidence": "measured", "operation_us": 1})"), "expected a name");
  has(refusal(R"({"profile": "x", "source": "x", "evidence": "sure", "operation_us": 1})"), "one of measured");
  has(refusal(profile_of(R"("set": {"/scale_out/tiers/0/up": 3})")), "expected a pointer to a latency");
  has(refusal(profile_of(R"("set": {"/defaults/link_class/nvlink4/efficiency": 1.2})")), "found 1.2");
  has(refusal(profile_of(R"("set": {"/defaults/link_class/nvlink9/latency_ns": 1})")),
      "defaults.json, found none there");
  has(refusal(profile_of(R"("set": {"/node_types/other/nvlink/latency_ns": 1})")),
      "colossus-100k.json, found none there");
  has(refusal(profile_of(R"("set": {"/scale_out/far_ns": 1})")), "/scale_out/far_ns: unknown key");
  has(refusal(profile_of(R"("set": {"latency_ns": 1})")), "such as /node_types/NAME/nvlink/latency_ns");
}

}  // namespace
}  // namespace colossus
