// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <colossus/topologies/from_file.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace colossus {
namespace {

const std::string shipped = COLOSSUS_TOPOLOGY_DIR;

const nlohmann::json small = nlohmann::json::parse(R"({
  "topology": 1, "name": "small", "evidence": "synthetic",
  "switch_types": {"sw": {"model": "NVIDIA SN5600", "ports": 64, "port_gbps": 800, "breakout": 2}},
  "node_types": {"hgx": {
    "gpus": {"count": 8, "model": "H100"},
    "nvlink": {"switches": 4, "links_per_gpu": 18, "links_per_switch": [5, 4, 4, 5], "link_gbps": 200, "link": "nvlink4"},
    "pcie": {"gen": 5, "lanes": 16, "switches": [{"numa": 0, "gpus": [0, 1], "nics": [0, 1]}, {"gpus": [2, 3], "nics": [2]}]},
    "nics": {"count": 8, "ports": 1, "port_gbps": 400, "model": "ConnectX-7"}}},
  "scale_out": {"generator": "clos", "pods": 4, "nodes_per_pod": 16, "rails": 8, "tiers": [
    {"name": "leaf", "switch": "sw", "down": 16, "up": 16, "gbps": 400, "link": "ethernet-400g-optical", "cable": "server-leaf"},
    {"name": "spine", "switch": "sw", "down": 64, "gbps": 400, "group": {"pods": 4, "rails": 1}, "link": "ethernet-400g-optical", "cable_ns": 200}]}
})");

using test::folder;

loaded load(const std::string& text, topologies::latency_level level = topologies::latency_level::typical) {
  const folder place;
  return load_topology(place.write("t.json", text), {level, shipped + "/defaults.json"});
}
loaded load(const nlohmann::json& json) { return load(json.dump()); }
const auto& clos_of(const loaded& machine) { return std::get<topologies::nodes_of<topologies::clos>>(machine.fabric); }

std::string complaint(const std::string& text) {
  try {
    load(text);
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), failure::input) << e.what();
    EXPECT_EQ(std::string{e.what()}.find('\n'), std::string::npos) << "one line";
    return e.what();
  }
  return "accepted";
}

TEST(TopologyFile, RatesAndLatenciesFollowFromTheParts) {
  const loaded machine = load(small);
  const auto& fabric = clos_of(machine);
  EXPECT_EQ(fabric.gpus(), 512);
  EXPECT_EQ(fabric.network().switches(0), 32);
  EXPECT_EQ(fabric.network().switches(1), 8);
  std::vector<double> rates;
  fabric.route(0, 128, routing::ecmp, 0, [&](link_t link) { rates.push_back(fabric.capacity(link)); });
  EXPECT_EQ(rates, (std::vector<double>(4, 400e9 / 8 * 0.98)));
  fabric.route(0, 1, routing::ecmp, 0,
               [&](link_t link) { EXPECT_DOUBLE_EQ(fabric.capacity(link), 18 * 200e9 / 8 * 0.85); });
  EXPECT_NEAR(fabric.latency_s(0, 1), 415e-9, 1e-15);
  EXPECT_NEAR(fabric.latency_s(0, 8), (2 * 550 + 2 * (100 + 20 * 5.0) + 500) * 1e-9, 1e-15);
  EXPECT_NEAR(fabric.latency_s(0, 128) - fabric.latency_s(0, 8), (2 * 200 + 2 * 500) * 1e-9,
              1e-15);  // cable_ns is all of it
}

TEST(TopologyFile, LatenciesHaveALowAndAHighEnd) {
  using topologies::latency_level;
  const loaded low = load(small.dump(), latency_level::low), high = load(small.dump(), latency_level::high);
  EXPECT_NEAR(clos_of(low).latency_s(0, 8), (2 * 400 + 2 * (65 + 5 * 4.9) + 350) * 1e-9, 1e-15);
  EXPECT_NEAR(clos_of(high).latency_s(0, 8), (2 * 750 + 2 * (200 + 50 * 5.1) + 900) * 1e-9, 1e-15);
  EXPECT_EQ(clos_of(low).capacity(0), clos_of(high).capacity(0));  // rates do not follow
  EXPECT_EQ(low.topology_id, high.topology_id);
}

TEST(TopologyFile, SaysWhichDefaultsItUsed) {
  const loaded machine = load(small);
  const auto has = [&](const std::string& what, double value) {
    for (const auto& used : machine.defaults)
      if (used.what == what) return used.number.value == value && !used.number.source.empty();
    return false;
  };
  EXPECT_TRUE(has("switch sn5600 latency", 500));
  EXPECT_TRUE(has("nic connectx-7 latency", 550));
  EXPECT_TRUE(has("link nvlink4 efficiency", 0.85));
  EXPECT_TRUE(has("cable server-leaf", 20));
  EXPECT_FALSE(has("cable leaf-spine", 40));  // the file gives cable_ns
  nlohmann::json own = small;
  own["switch_types"]["sw"]["latency_ns"] = 123;
  for (const auto& used : load(own).defaults) EXPECT_NE(used.what, "switch sn5600 latency");
  EXPECT_NEAR(clos_of(load(own)).latency_s(0, 8), (2 * 550 + 2 * 200 + 123) * 1e-9, 1e-15);
}

TEST(TopologyFile, IdIsAHashOfWhatMatters) {
  const std::string id = load(small).topology_id;
  EXPECT_EQ(id.size(), 12u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  nlohmann::json prose = small;
  prose["title"] = "another", prose["assumptions"] = {"more"}, prose["x-note"] = 3,
  prose["node_types"]["hgx"]["title"] = "b";
  prose["scale_out"]["pods"] = 4, prose["switch_types"]["sw"]["port_gbps"] = 800.0;
  EXPECT_EQ(load(prose).topology_id, id);
  nlohmann::json other = small;
  other["scale_out"]["nodes_per_pod"] = 15;
  EXPECT_NE(load(other).topology_id, id);
  EXPECT_EQ(detail::sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(detail::sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(detail::sha256(std::string(1000, 'a')), "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
}

TEST(TopologyFile, TakesCommentsAndOwnKeys) {
  std::string text = small.dump();
  text.insert(1, "/* ours */ \"x-owner\": {\"any\": [1]}, // and so on\n");
  EXPECT_EQ(load(text).description.name, "small");
}

TEST(TopologyFile, FaultsAreReadAndTold) {
  nlohmann::json faulty = small;
  faulty["faults"] =
      nlohmann::json::parse(R"([{"on": "link", "tier": "leaf", "fraction": 0.01, "seed": 7, "state": "down"},
    {"on": "switch", "tier": "spine", "index": "0", "rails": "3", "state": "down"},
    {"on": "nic", "pods": "0-1,3", "rails": "5", "index": "15", "state": "flapping", "until_ns": 1, "period_ns": 4}])");
  const loaded machine = load(faulty);
  EXPECT_TRUE(machine.has_faults());
  EXPECT_EQ(machine.faults, (std::vector<std::string>{"5 of 512 x leaf link down, drawn with seed 7",
                                                      "1 of 8 x spine switch down: spine g3 s0",
                                                      "3 of 512 x NIC flapping for 25% of the time"}));
  EXPECT_FALSE(load(small).has_faults());
  EXPECT_NE(machine.topology_id, load(small).topology_id);
}

/// The names of the links that a fault leaves less than all.
std::vector<std::string> impaired(const char* fault) {
  nlohmann::json faulty = small;
  faulty["faults"] = nlohmann::json::parse(fault);
  const loaded machine = load(faulty);
  const auto& fabric = clos_of(machine);
  std::vector<std::string> names;
  for (link_t link = 0; link < fabric.links(); ++link)
    if (fabric.capacity(link) < fabric.nominal_capacity(link))
      names.push_back(fabric.link_name(link) + " " +
                      std::to_string(std::lround(100 * fabric.capacity(link) / fabric.nominal_capacity(link))));
  return names;
}

TEST(TopologyFile, FaultsMeetWhatTheySelect) {
  using names = std::vector<std::string>;
  EXPECT_EQ(
      impaired(R"([{"on": "nic", "pods": "1", "rails": "2-3", "index": "15", "state": "degraded", "gbps": 100}])"),
      (names{"NIC out p1-n15 nic2 25", "NIC out p1-n15 nic3 25", "NIC in p1-n15 nic2 25", "NIC in p1-n15 nic3 25"}));
  EXPECT_EQ(impaired(R"([{"on": "link", "tier": "leaf", "pods": "3", "rails": "7", "index": "0"}])"),
            (names{"leaf p3 r7 up 0 0", "leaf p3 r7 down 0 0", "leaf p3 r7 up trunk 94", "leaf p3 r7 down trunk 94"}));
  EXPECT_EQ(impaired(R"([{"on": "gpu", "pods": "0", "index": "9", "state": "flapping", "from_ns": 1, "until_ns": 3,
                          "period_ns": 4, "gbps": 1800}])"),
            (names{"NVLink out p0-n1 gpu1 75", "NVLink in p0-n1 gpu1 75"}));
  EXPECT_EQ(impaired(R"([{"on": "switch", "tier": "leaf", "pods": "2", "rails": "1"}])").size(), 2u * (16 + 16 + 1));
  EXPECT_EQ(impaired(R"([{"on": "node", "pods": "2"}])"), names{}) << "nodes take no ranks, that is all";
}

TEST(TopologyFile, AFaultMeetsOnePartByName) {
  using names = std::vector<std::string>;
  EXPECT_EQ(impaired(R"([{"part": "NIC p1-n15 nic2", "share": 0.25}])"),
            (names{"NIC out p1-n15 nic2 25", "NIC in p1-n15 nic2 25"}));
  EXPECT_EQ(impaired(R"([{"part": "leaf p3 r7 up 0"}])"),
            impaired(R"([{"on": "link", "tier": "leaf", "pods": "3", "rails": "7", "index": "0"}])"));
  EXPECT_EQ(impaired(R"([{"part": "GPU p0-n1 gpu1", "state": "flapping", "from_ns": 1, "until_ns": 3,
                          "period_ns": 4, "share": 0.5}])"),
            (names{"NVLink out p0-n1 gpu1 75", "NVLink in p0-n1 gpu1 75"}));
  topology_options options;
  options.defaults_path = shipped + "/defaults.json";
  options.faults = {"leaf p2 r1:share=0.5"};
  const loaded machine = load_topology("small", small, options);
  EXPECT_EQ(machine.faults, names{"1 of 32 x leaf switch degraded to 50%: leaf p2 r1"});
  EXPECT_EQ(machine.scenario(), "fault=leaf p2 r1:share=0.5");
}

TEST(TopologyFile, FaultsAreDrawnBySeed) {
  const auto drawn = [](int seed) {
    auto names = impaired((R"([{"on": "nic", "fraction": 0.1, "seed": )" + std::to_string(seed) + "}]").c_str());
    EXPECT_EQ(names.size(), 2u * 51) << "of 512, each once";
    return names;
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
  std::map<std::string, int> seen;
  for (int seed = 0; seed < 200; ++seed)
    for (const std::string& name : drawn(seed)) ++seen[name];
  EXPECT_EQ(seen.size(), 1024u) << "every NIC has its turn";
  for (const auto& [name, count] : seen) EXPECT_LT(count, 50) << name << ", expected 20 or so";
}

TEST(TopologyFile, IsChangedByPointersAndByFaults) {
  const std::string before = load(small).topology_id;
  const folder place;
  const std::string path = place.write("t.json", small.dump()), defaults = shipped + "/defaults.json";
  const loaded machine = load_topology(
      path,
      {{}, defaults, {{"/scale_out/tiers/0/up", "8"}, {"/scale_out/routing", "ecmp"}}, {"link:leaf:count=3:seed=4"}});
  EXPECT_EQ(clos_of(machine).network().switches(1), 8) << "derived again";
  EXPECT_EQ(machine.description.scale_out.routing, "ecmp");
  EXPECT_EQ(machine.scenario(), "/scale_out/tiers/0/up=8;/scale_out/routing=ecmp;fault=link:leaf:count=3:seed=4");
  EXPECT_EQ(machine.faults, (std::vector<std::string>{"3 of 256 x leaf link down, drawn with seed 4"}));
  EXPECT_EQ(machine.description.evidence, "synthetic");
  EXPECT_NE(machine.topology_id, before);
  const auto complains = [&](topology_options options, failure kind, const char* text) {
    options.defaults_path = defaults;
    try {
      load_topology(path, options);
      ADD_FAILURE() << text;
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), kind) << e.what();
      EXPECT_NE(std::string{e.what()}.find(text), std::string::npos) << e.what();
    }
  };
  const auto set = [](const char* pointer, const char* value) {
    return topology_options{{}, {}, {{pointer, value}}, {}};
  };
  const auto fault = [](const char* text) { return topology_options{{}, {}, {}, {text}}; };
  complains(set("scale_out", "1"), failure::usage, "'scale_out': expected /key/key...");
  complains(set("/scale_out/tiers/7/up", "1"), failure::usage, "expected a number below 2 in the list, found '7'");
  complains(set("/name/x", "1"), failure::usage, "'x' is inside \"small\", which has no keys");
  complains(set("/scale_out/pots", "1"), failure::input, "/scale_out/pots: unknown key");
  complains(set("/scale_out/pods", "many"), failure::input, "/scale_out/pods: expected an integer");
  complains(set("/scale_out/tiers/1/down", "3"), failure::input, "/scale_out/tiers/1: no even stripe");
  complains(fault("moon"), failure::input, "/faults/0/on: expected one of link, switch");
  complains(fault("link:leaf:3"), failure::usage, "fault 'link:leaf:3': expected such as link:leaf:count=1");
  complains(fault(""), failure::usage, "fault ''");
  complains(fault("nic:index=99"), failure::input, "/faults/0/index: expected every index below 16");
}

TEST(TopologyFile, GpusOfANodeWithoutNVLinkMeetOverPcie) {
  nlohmann::json pcie = small;
  pcie["node_types"]["hgx"].erase("nvlink");
  const loaded machine = load(pcie);
  EXPECT_EQ(clos_of(machine).kinds()[0], "PCIe out");
  EXPECT_NEAR(clos_of(machine).capacity(0), 32e9 / 8 * 16 * 128 / 130 * 0.877, 1);
  EXPECT_NE(machine.assumptions.back().find("PCIe"), std::string::npos);
}

struct wrong {
  std::string pointer;              ///< what is changed in the small file
  std::string value;                ///< to what; "" removes it
  std::vector<std::string> expect;  ///< what the message contains
};

TEST(TopologyFile, SaysWhereItIsWrongAndHow) {
  const std::string tier = "/scale_out/tiers/0", node = "/node_types/hgx";
  const std::vector<wrong> table{
      {"/topology", "2", {"/topology: expected an integer from 1 to 1, found 2"}},
      {"/topology", "", {"/: expected a key \"topology\", found none"}},
      {"/name", "7", {"/name: expected a string, found 7"}},
      {"/colour", "1", {"/colour: unknown key; expected one of", "scale_out", "x-..."}},
      {"/evidence", "\"rumour\"", {"/evidence: expected one of published", "found \"rumour\""}},
      {"/sources", "[{\"id\": \"a\"}]", {"/sources/0: expected a key \"url\""}},
      {"/switch_types/sw/ports",
       "\"64\"",
       {"/switch_types/sw/ports: expected an integer from 1 to 1000000, found \"64\""}},
      {"/switch_types/sw/ports", "64.5", {"/switch_types/sw/ports: expected an integer", "found 64.5"}},
      {"/switch_types/sw/ports", "0", {"/switch_types/sw/ports: expected an integer from 1", "found 0"}},
      {"/switch_types/sw/ports", "99999999999999999999", {"/switch_types/sw/ports: expected an integer"}},
      {"/switch_types/sw/port_gbps", "-1", {"/switch_types/sw/port_gbps: expected a number above 0, found -1"}},
      {"/switch_types/sw/model",
       "\"Foo 9000\"",
       {"/switch_types/sw/model: expected one of the switch keys", "sn5600", "found \"Foo 9000\""}},
      {node + "/nvlink/link",
       "\"nvlink9\"",
       {node + "/nvlink/link: expected one of the link_class keys", "nvlink4, nvlink5", "found \"nvlink9\""}},
      {node + "/nvlink/link", "", {node + "/nvlink: expected a key \"link\""}},
      {node + "/nvlink/links_per_switch",
       "[5, 4, 4]",
       {node + "/nvlink/links_per_switch: expected one number for each of the 4 switches, 18"}},
      {node + "/nvlink", "", {"accepted"}},
      {node + "/nics/model",
       "\"Sonic\"",
       {node + "/nics/model: expected one of the nic keys", "connectx-7", "found \"Sonic\""}},
      {node + "/nics/model", "", {node + "/nics: expected \"model\" or \"latency_ns\", found neither"}},
      {node + "/nics", "", {node + "/pcie/switches/0/nics/0: expected a NIC of the node, below 0, found 0"}},
      {node + "/pcie/switches/1/gpus/0",
       "1",
       {node + "/pcie/switches/1/gpus/0: expected each GPU on one PCIe switch, found 1"}},
      {node + "/pcie/switches/0/nics/1",
       "8",
       {node + "/pcie/switches/0/nics/1: expected a NIC of the node, below 8, found 8"}},
      {node + "/gpus/count", "[1]", {node + "/gpus/count: expected an integer", "found an array"}},
      {"/node_types", "{}", {"/node_types: expected at least one node type, found none"}},
      {"/scale_out/generator", "\"dragonfly\"", {"/scale_out/generator: the generator dragonfly is not supported yet"}},
      {"/scale_out/generator", "\"graph\"", {"not supported yet: expected clos, torus or none"}},
      {"/scale_out/generator", "\"ring\"", {"/scale_out/generator: expected one of clos, torus, none, found \"ring\""}},
      {"/scale_out/generator", "\"none\"", {"/scale_out/", "unknown key; expected one of generator, nodes"}},
      {"/scale_out/rails", "3", {"/scale_out/rails: expected a divisor of the NICs of a node (8), found 3"}},
      {"/scale_out/planes", "2", {node + "/nics/ports: expected a multiple of the 2 planes, found 1"}},
      {"/scale_out/pods", "100000", {"/scale_out/tiers/1/group/pods"}},
      {"/scale_out/routing",
       "\"magic\"",
       {"/scale_out/routing: expected one of ecmp, adaptive, deterministic, found \"magic\""}},
      {"/scale_out/tiers", "[]", {"/scale_out/tiers: expected 1 to 3 tiers, found 0"}},
      {tier + "/switch", "\"other\"", {tier + "/switch: expected one of the keys of /switch_types, found \"other\""}},
      {tier + "/link", "", {tier + ": expected a key \"link\""}},
      {tier + "/link",
       "\"string\"",
       {tier + "/link: expected one of the link_class keys", "ethernet-400g-optical", "found \"string\""}},
      {tier + "/cable", "", {tier + ": expected \"cable\" or \"cable_ns\", found neither"}},
      {tier + "/cable",
       "\"long\"",
       {tier + "/cable: expected one of the cable_m keys", "server-leaf", "found \"long\""}},
      {tier + "/up",
       "120",
       {tier + ": port budget: 16 links down and 120 up need 136 ports of 400 Gbit/s, but sw has 128"}},
      {tier + "/gbps", "1600", {tier + ": expected links of at most 800 Gbit/s, a port of sw, found 1600"}},
      {tier + "/group", "{\"pods\": 2}", {tier + "/group: expected groups on the tiers above the lowest"}},
      {tier + "/name",
       "\"spine\"",
       {"/scale_out/tiers/1/name: expected a name that no other tier has, found \"spine\""}},
      {"/scale_out/tiers/1/up", "16", {"/scale_out/tiers/1/up: expected 0, or no key, in the highest tier, found 16"}},
      {"/scale_out/tiers/1/down", "3", {"/scale_out/tiers/1: no even stripe"}},
      {"/scale_out/tiers/1/group/pods",
       "3",
       {"/scale_out/tiers/1/group/pods: expected a divisor of the pods (4), found 3"}},
      {"/scale_out/tiers/1/group/pods", "2", {"/scale_out/tiers/1/group/pods: 2 groups of pods are not joined"}},
      {"/scale_out/tiers/1/group/rails", "3", {"/scale_out/tiers/1/group/rails: expected a divisor of the rails (8)"}},
      {"/scale_out/tiers/1/count", "3", {"/scale_out/tiers/1/count: expected a divisor of the 16 links up"}},
      {"/scale_out/tiers/1/cable_ns", "-5", {"/scale_out/tiers/1/cable_ns: expected a number of 0 or more, found -5"}},
      {"/scale_up",
       R"({"nodes": 5, "links_per_gpu": 18, "link_gbps": 400, "link": "nvlink5"})",
       {"/scale_up/nodes: expected a divisor of the 64 nodes, found 5"}},
      {"/populations",
       R"([{"node_type": "hgx", "pods": "0-2"}])",
       {"/populations: pod 3 has no node type: expected each of the 4 pods once"}},
      {"/populations",
       R"([{"node_type": "hgx", "pods": "0-3,2"}])",
       {"/populations/0/pods: pod 2 has a node type already"}},
      {"/populations",
       R"([{"node_type": "hgx", "pods": "0-4"}])",
       {"/populations/0/pods: expected every pod below 4, found \"0-4\""}},
      {"/populations",
       R"([{"node_type": "hgx", "pods": "2-1"}])",
       {"/populations/0/pods: expected ranges that do not run backwards"}},
      {"/populations",
       R"([{"node_type": "hgx", "pods": "0-3,"}])",
       {"/populations/0/pods: expected ranges of numbers"}},
      {"/populations",
       R"([{"node_type": "dgx", "pods": "0-3"}])",
       {"/populations/0/node_type: expected one of the keys of /node_types"}},
      {"/faults", R"([{"on": "moon"}])", {"/faults/0/on: expected one of link, switch"}},
      {"/faults",
       R"([{"on": "link", "tier": "core"}])",
       {"/faults/0/tier: expected the name of a tier of /scale_out/tiers, found \"core\""}},
      {"/faults", R"([{"on": "link", "tier": "spine"}])", {"/faults/0/tier: tier \"spine\" has no links up"}},
      {"/faults", R"([{"on": "node", "pods": "4"}])", {"/faults/0/pods: expected every pod below 4"}},
      {"/faults", R"([{"on": "nic", "rails": "8"}])", {"/faults/0/rails: expected every rail below 8"}},
      {"/faults",
       R"([{"on": "link", "tier": "leaf", "index": "16"}])",
       {"/faults/0/index: expected every index below 16"}},
      {"/faults", R"([{"on": "nic", "loss": 0.1}])", {"/faults/0/loss: what this does is not priced yet"}},
      {"/faults", R"([{"on": "nic", "until_ns": 3}])", {"/faults/0/until_ns: goes with \"state\": \"flapping\" only"}},
      {"/faults", R"([{"on": "nic", "state": "flapping"}])", {"/faults/0: expected a key \"until_ns\""}},
      {"/faults",
       R"([{"on": "nic", "state": "flapping", "from_ns": 3, "until_ns": 2, "period_ns": 5}])",
       {"/faults/0/until_ns: expected a time after from_ns, and in the period, found 2"}},
      {"/faults", R"([{"on": "nic", "gbps": 3}])", {"/faults/0/gbps: goes with \"state\": degraded or flapping"}},
      {"/faults", R"([{"on": "nic", "state": "degraded"}])", {"/faults/0: expected a key \"gbps\""}},
      {"/faults", R"([{"on": "nic", "share": 1}])", {"/faults/0/share: expected a number between 0 and 1, found 1"}},
      {"/faults", R"([{"on": "nic", "share": 0.5, "gbps": 4}])", {"/faults/0/share: goes instead of \"gbps\""}},
      {"/faults", R"([{"on": "nic", "share": 0.5, "state": "down"}])", {"/faults/0/share: goes with \"state\""}},
      {"/faults", R"([{"on": "node", "share": 0.5}])", {"/faults/0/share: expected down: a node has no rate"}},
      {"/faults", R"([{"part": "NIC p0-n0 nic0", "rails": "1"}])", {"/faults/0/rails: goes instead of \"part\""}},
      {"/faults",
       R"([{"part": "NIC p0-n99 nic0"}])",
       {"/faults/0/part: expected the name of a part, up to \"leaf p3 r7 up 15\"", "found \"NIC p0-n99 nic0\""}},
      {"/faults",
       R"([{"on": "nic", "state": "degraded", "gbps": 400}])",
       {"/faults/0/gbps: expected less than the 400 Gbit/s of the part, found 400"}},
      {"/faults",
       R"([{"on": "node", "state": "degraded", "gbps": 4}])",
       {"/faults/0/state: expected down: a node has no rate"}},
      {"/faults", R"([{"on": "nic", "count": 513}])", {"/faults/0/count: expected at most 512, which match"}},
      {"/faults",
       R"([{"on": "switch", "tier": "spine", "index": "1"}])",
       {"/faults/0: expected a selection that some spine switch matches"}},
      {"/faults", R"([{"on": "nic", "count": 1, "fraction": 0.1}])", {"/faults/0/fraction: goes instead of \"count\""}},
      {"/scale_out/cross_rail", "\"fabric\"", {"/scale_out/cross_rail: expected \"nvlink\", since no tier joins"}},
      {"/faults",
       R"([{"on": "link", "tier": "leaf", "fraction": 1.5}])",
       {"/faults/0/fraction: expected a number from 0 to 1, found 1.5"}},
      {"/site", "{\"pue\": 0.9}", {"/site/pue: expected a number of 1 or more, found 0.9"}},
      {"/site", "{\"watts\": 1}", {"/site/watts: unknown key"}},
      {"/node_types/a~1b", "{\"gpus\": 8}", {"/node_types/a~1b/gpus: expected an object, found 8"}},
      {"/node_types/two", small["node_types"]["hgx"].dump(), {"/: several node_types: expected \"populations\""}},
  };
  for (const wrong& each : table) {
    nlohmann::json json = small;
    const nlohmann::json::json_pointer at{each.pointer};
    if (!each.value.empty()) json[at] = nlohmann::json::parse(each.value);
    else json[at.parent_pointer()].erase(at.back());
    const std::string message = complaint(json.dump());
    for (const std::string& text : each.expect)
      EXPECT_NE(message.find(text), std::string::npos)
          << each.pointer << " = " << each.value << "\n  says: " << message << "\n  not: " << text;
    EXPECT_EQ(message.find("t.json"), message.rfind("t.json")) << message;
    EXPECT_TRUE(message == "accepted" || message.find("t.json: /") != std::string::npos) << message;
  }
}

TEST(TopologyFile, ChecksTheOtherGenerators) {
  const auto with = [](const char* scale_out) {
    nlohmann::json json = small;
    json["scale_out"] = nlohmann::json::parse(scale_out);
    return complaint(json.dump());
  };
  const auto contains = [](const std::string& message, const char* text) {
    EXPECT_NE(message.find(text), std::string::npos) << message;
  };
  EXPECT_EQ(with(R"({"generator": "none", "nodes": 1})"), "accepted");
  contains(with(R"({"generator": "none", "nodes": 2})"),
           "t.json: /scale_out/nodes: expected the 1 nodes of one NVLink domain");
  EXPECT_EQ(with(R"({"generator": "torus", "dims": [4, 4], "link_gbps": 800, "link": "tpu-ici"})"), "accepted");
  contains(with(R"({"generator": "torus", "dims": [3, 3], "link_gbps": 800, "link": "tpu-ici"})"),
           "t.json: /scale_out/dims: 9 chips are not whole nodes of 8");
  contains(with(R"({"generator": "torus", "dims": [], "link_gbps": 800, "link": "tpu-ici"})"),
           "/scale_out/dims: expected 1 to 6 dimensions");
  contains(with(R"({"generator": "torus", "dims": [8], "wrap": [true, true], "link_gbps": 800, "link": "tpu-ici"})"),
           "/scale_out/wrap: expected one value");
  contains(with(R"({"generator": "torus", "dims": [8], "twist": [1], "link_gbps": 800, "link": "tpu-ici"})"),
           "/scale_out/twist");
  contains(with(R"({"generator": "torus", "dims": [8], "link_gbps": 800, "link": "rope"})"),
           "/scale_out/link: expected one of the link_class keys");
  contains(with(R"({"generator": "torus", "dims": [1000000, 1000000], "link_gbps": 800, "link": "tpu-ici"})"),
           "/scale_out/dims: expected at most 2^26 chips");
}

TEST(TopologyFile, SaysWhereTheJsonBreaks) {
  EXPECT_NE(complaint("{\n \"topology\": 1,\n \"name\" \"x\"}").find("line 3, column"), std::string::npos);
  EXPECT_NE(complaint("").find("not JSON"), std::string::npos);
  EXPECT_NE(complaint("[1, 2]").find("/: expected an object, found an array"), std::string::npos);
  EXPECT_NE(complaint("{\"topology\": 1, \"topology\": 1}").find("key \"topology\" stands twice"), std::string::npos);
  EXPECT_NE(complaint("{\"topology\": 1e999}").find("not JSON"), std::string::npos);
  EXPECT_NE(complaint("{\"topology\": \"\xff\"}").find("not JSON"), std::string::npos);
  EXPECT_NE(complaint(std::string(100000, '[')).find("not JSON"), std::string::npos);
}

TEST(TopologyFile, RefusesSizesThatOverflow) {
  nlohmann::json huge = small;
  huge["scale_out"]["pods"] = huge["scale_out"]["nodes_per_pod"] = 1000000;
  EXPECT_NE(complaint(huge.dump()).find("2^28"), std::string::npos);
  huge = small, huge["node_types"]["hgx"]["gpus"]["count"] = 1000000, huge["scale_out"]["nodes_per_pod"] = 1000;
  EXPECT_NE(complaint(huge.dump()).find("/scale_out"), std::string::npos);
}

TEST(TopologyFile, FindsItsDefaultsOrSaysWhereItLooked) {
  const folder place;
  const std::string file = place.write("t.json", small.dump());
  EXPECT_EQ(load_topology(file).description.name, "small");  // the shipped table
  place.write("defaults.json", "{\"defaults\": {}}");
  try {
    load_topology(file);
    FAIL() << "the table beside the file comes first";
  } catch (const error& e) {
    EXPECT_NE(std::string{e.what()}.find("defaults.json: /defaults: expected a key"), std::string::npos) << e.what();
  }
  EXPECT_THROW(load_topology("/no/such/file.json"), error);
  EXPECT_THROW(load_topology(std::filesystem::temp_directory_path().string()), error);
}

}  // namespace
}  // namespace colossus
