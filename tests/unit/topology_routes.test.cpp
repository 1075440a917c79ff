// SPDX-License-Identifier: Apache-2.0
// Properties of routes through a Clos, checked against what the names of the links say.
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>

namespace colossus::topologies {
namespace {

/// The numbers in a link's name: "leaf plane1 p12 r3 l0 up 17" has plane 1, p 12, r 3, l 0, up 17.
struct place {
  std::string head;
  std::map<std::string, int> at;
  bool trunk = false;
  int operator[](const std::string& key) const { return at.contains(key) ? at.at(key) : 0; }
};

place parse(const std::string& name) {
  place result;
  std::istringstream words{name};
  for (std::string word, before; words >> word; before = word) {
    const auto digit = word.find_first_of("0123456789");
    if (word == "trunk") result.trunk = true;
    else if (digit == 0) result.at[before] = std::stoi(word);
    else if (digit == std::string::npos) result.head += (result.head.empty() ? "" : " ") + word;
    else if (const auto dash = word.find("-n"); dash != std::string::npos)
      result.at["p"] = std::stoi(word.substr(1)), result.at["n"] = std::stoi(word.substr(dash + 2));
    else result.at[word.substr(0, digit)] = std::stoi(word.substr(digit));
  }
  return result;
}

struct sample {
  const char* name;
  clos_shape shape;
  std::int32_t gpus;
  cross_rail across = cross_rail::nvlink;
};

std::vector<sample> samples() {
  const auto tier = [](const char* name, int down, int up, int pods = 0, int rails = 0) {
    return clos_tier{name, down, up, 50e9, 1e-7, 3e-7, pods, rails, 0};
  };
  return {{"three tiers, rails",
           {12, 16, 8, 8, 1, {tier("leaf", 16, 16), tier("spine", 16, 16, 4, 1), tier("core", 32, 0)}},
           8},
          {"two planes", {6, 8, 4, 4, 2, {tier("leaf", 8, 8), tier("spine", 32, 0)}}, 8},
          {"several leaves a rail",
           {4, 16, 4, 2, 1, {tier("leaf", 8, 4), tier("spine", 32, 4, 2, 2), tier("core", 4, 0)}},
           4},
          {"no rails, three planes", {4, 6, 8, 1, 3, {tier("leaf", 48, 12), tier("spine", 24, 0)}}, 8},
          {"uneven leaves", {3, 5, 2, 1, 1, {tier("leaf", 4, 6), tier("spine", 27, 0)}}, 4},
          {"between rails by the core",
           {12, 16, 8, 8, 1, {tier("leaf", 16, 16), tier("spine", 16, 16, 4, 1), tier("core", 32, 0)}},
           8,
           cross_rail::fabric},
          {"between rails by spine or core",
           {4, 16, 4, 4, 2, {tier("leaf", 16, 4), tier("spine", 16, 4, 2, 2), tier("core", 4, 0)}},
           4,
           cross_rail::fabric}};
}

nodes_of<clos> build(const sample& s) {
  node_shape nodes;
  nodes.gpus = s.gpus, nodes.speeds = {{400e9, 4e-7, 50e9 * s.shape.planes, 5e-7}};
  nodes.between_rails = s.across;
  return {clos{s.shape}, nodes};
}

/// The leaf of a NIC among the leaves of its pod and rail, from the definition.
int leaf_of(const clos_shape& s, int node_in_pod, int nic) {
  const int per_rail = s.nics_per_node / s.rails, slots = s.nodes_per_pod * per_rail;
  const int leaves = (slots + s.tiers[0].down - 1) / s.tiers[0].down, each = (slots + leaves - 1) / leaves;
  return (node_in_pod * per_rail + nic / s.rails) / each;
}

class Routes : public testing::TestWithParam<int> {
 protected:
  sample s_ = samples()[static_cast<std::size_t>(GetParam())];
  nodes_of<clos> fabric_ = build(s_);

  std::vector<place> path(gpu_t a, gpu_t b, routing how, std::uint64_t entropy) const {
    std::vector<place> links;
    fabric_.route(a, b, how, entropy, [&](link_t link) {
      EXPECT_LT(link, fabric_.links());
      EXPECT_TRUE(fabric_.uses(how, link)) << fabric_.link_name(link);
      links.push_back(parse(fabric_.link_name(link)));
      EXPECT_EQ(links.back().head, fabric_.kinds()[static_cast<std::size_t>(fabric_.kind(link))]);
    });
    return links;
  }
  int nic_of(gpu_t gpu) const { return gpu % s_.gpus * s_.shape.nics_per_node / s_.gpus; }
  int node_in_pod(gpu_t gpu) const { return gpu / s_.gpus % s_.shape.nodes_per_pod; }
  int pod(gpu_t gpu) const { return gpu / s_.gpus / s_.shape.nodes_per_pod; }
  int group(gpu_t gpu, int rail) const {
    const clos_counts& n = fabric_.network().counts();
    return pod(gpu) / n.group_pods * (s_.shape.rails / n.group_rails) + rail / n.group_rails;
  }
  void check(gpu_t a, gpu_t b, routing how, std::uint64_t entropy) const;
  void check_fabric(std::vector<place> links, gpu_t a, int from_nic, gpu_t b, routing how) const;
};

void Routes::check(gpu_t a, gpu_t b, routing how, std::uint64_t entropy) const {
  std::vector<place> links = path(a, b, how, entropy);
  SCOPED_TRACE(std::to_string(a) + " to " + std::to_string(b) + " " + std::string{to_string(how)});
  if (a == b) {
    EXPECT_TRUE(links.empty());
    return;
  }
  const bool same_node = a / s_.gpus == b / s_.gpus, by_nvlink = s_.across == cross_rail::nvlink;
  const bool crosses = by_nvlink && nic_of(a) % s_.shape.rails != nic_of(b) % s_.shape.rails;
  if (same_node || crosses) {  // over NVLink, on a's node
    ASSERT_GE(links.size(), 2u);
    EXPECT_EQ(links[0].head, "NVLink out");
    EXPECT_EQ(links[0]["gpu"], a % s_.gpus);
    EXPECT_EQ(links[1].head, "NVLink in");
    EXPECT_EQ(links[1]["gpu"], b % s_.gpus);
    for (int i : {0, 1})
      EXPECT_TRUE(links[static_cast<std::size_t>(i)]["p"] == pod(a) &&
                  links[static_cast<std::size_t>(i)]["n"] == node_in_pod(a));
    links.erase(links.begin(), links.begin() + 2);
  }
  if (same_node) {
    EXPECT_TRUE(links.empty());
    return;
  }
  check_fabric(links, a, crosses ? nic_of(b) : nic_of(a), b, how);
}

void Routes::check_fabric(std::vector<place> links, gpu_t a, int from_nic, gpu_t b, routing how) const {
  const clos_shape& shape = s_.shape;
  const clos_counts& n = fabric_.network().counts();
  const bool trunks = how == routing::adaptive;
  const int rail = from_nic % shape.rails, to_rail = nic_of(b) % shape.rails, plane = links.front()["plane"];
  const int from_leaf = leaf_of(shape, node_in_pod(a), from_nic), to_leaf = leaf_of(shape, node_in_pod(b), nic_of(b));
  for (const place& link : links) EXPECT_EQ(link["plane"], plane);
  const place first = links.front(), last = links.back();
  EXPECT_EQ(first.head, "NIC out");
  EXPECT_TRUE(first["p"] == pod(a) && first["n"] == node_in_pod(a) && first["nic"] == from_nic);
  EXPECT_EQ(last.head, "NIC in");
  EXPECT_TRUE(last["p"] == pod(b) && last["n"] == node_in_pod(b) && last["nic"] == nic_of(b));
  if (pod(a) == pod(b) && rail == to_rail && from_leaf == to_leaf) {
    EXPECT_EQ(links.size(), 2u);
    return;
  }
  const bool far = group(a, rail) != group(b, to_rail);
  ASSERT_EQ(links.size(), far ? 6u : 4u);
  const place up = links[1], down = links[links.size() - 2];
  EXPECT_EQ(up.head, "leaf up");
  EXPECT_TRUE(up["p"] == pod(a) && up["r"] == rail && up["l"] == from_leaf && up.trunk == trunks);
  EXPECT_EQ(down.head, "leaf down");
  EXPECT_TRUE(down["p"] == pod(b) && down["r"] == to_rail && down["l"] == to_leaf && down.trunk == trunks);
  const int width = shape.tiers[0].up / n.spines;
  EXPECT_TRUE(trunks || up["up"] / width == down["down"] / width) << "leaves meet at one spine";
  if (!far) return;
  const place to_core = links[2], from_core = links[3];
  EXPECT_EQ(to_core.head, "spine up");
  EXPECT_EQ(from_core.head, "spine down");
  EXPECT_TRUE(to_core["g"] == group(a, rail) && from_core["g"] == group(b, to_rail));
  if (trunks) return;
  const int wide = shape.tiers[1].up / n.cores;
  EXPECT_EQ(to_core["s"], up["up"] / width);
  EXPECT_EQ(from_core["s"], to_core["s"]) << "spine i of every group meets core set i";
  EXPECT_EQ(to_core["up"] / wide, from_core["down"] / wide) << "spines meet at one core";
}

TEST_P(Routes, AreConnectedAndRight) {
  const auto gpus = static_cast<std::uint32_t>(fabric_.gpus());
  for (std::uint64_t i = 0; i < 1500; ++i) {
    detail::hash_draw draw{detail::mix(i)};
    const auto a = static_cast<gpu_t>(draw.below(gpus)),
               b = static_cast<gpu_t>(
                   i % 3 ? draw.below(gpus)
                         : std::min<std::uint32_t>(gpus - 1, static_cast<std::uint32_t>(a) ^ draw.below(64)));
    for (const routing how : {routing::ecmp, routing::adaptive, routing::deterministic})
      check(a, b, how, detail::mix(i + 77));
    if (HasFailure()) return;
  }
}

TEST_P(Routes, LinksHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (link_t link = 0; link < fabric_.links(); ++link) {
    const std::string name = fabric_.link_name(link);
    EXPECT_TRUE(names.insert(name).second) << name;
    const bool in_fabric = name.starts_with("leaf") || name.starts_with("spine");
    EXPECT_TRUE(!in_fabric || fabric_.uses(routing::ecmp, link) != name.ends_with("trunk")) << name;
    EXPECT_TRUE(!in_fabric || fabric_.uses(routing::adaptive, link) == name.ends_with("trunk")) << name;
  }
}

TEST_P(Routes, TrunksAreTheSumOfTheirLinks) {
  std::map<std::string, double> sum, trunk;
  for (link_t link = 0; link < fabric_.links(); ++link) {
    const place at = parse(fabric_.link_name(link));
    std::string owner = at.head;
    for (const char* key : {"p", "n", "r", "l", "nic", "gpu", "g"}) owner += std::string{key} + std::to_string(at[key]);
    if (fabric_.uses(routing::ecmp, link)) sum[owner] += fabric_.capacity(link);
    if (fabric_.uses(routing::adaptive, link)) trunk[owner] += fabric_.capacity(link);
  }
  ASSERT_EQ(sum.size(), trunk.size());
  for (const auto& [owner, capacity] : sum) EXPECT_NEAR(trunk.at(owner), capacity, 1e-9 * capacity) << owner;
}

TEST_P(Routes, EcmpSpreadsEvenly) {
  const gpu_t a = 0, b = fabric_.gpus() - s_.gpus;  // the same rail, the other end of the machine
  std::map<link_t, int> used;
  const int draws = 20000;
  for (int i = 0; i < draws; ++i)
    fabric_.route(a, b, routing::ecmp, detail::mix(static_cast<std::uint64_t>(i)), [&](link_t link) { ++used[link]; });
  std::map<int, std::pair<double, int>> square;  // by kind: sum of (seen - expected)^2 / expected, links
  std::map<int, int> links;
  for (const auto& [link, count] : used) ++links[fabric_.kind(link)];
  for (const auto& [link, count] : used) {
    const double expected = static_cast<double>(draws) / links[fabric_.kind(link)];
    square[fabric_.kind(link)].first += (count - expected) * (count - expected) / expected;
  }
  const clos_shape& shape = s_.shape;
  EXPECT_EQ(links[fabric_.kind(used.begin()->first)], shape.planes);
  for (const auto& [kind, result] : square) {
    const double freedom = links[kind] - 1;
    EXPECT_LT(result.first, freedom + 5 * std::sqrt(2 * freedom) + 1)
        << fabric_.kinds()[static_cast<std::size_t>(kind)];
    const bool at_leaf = fabric_.kinds()[static_cast<std::size_t>(kind)].starts_with("leaf");
    EXPECT_TRUE(!at_leaf || links[kind] == shape.tiers[0].up * shape.planes);
  }
}

TEST_P(Routes, EcmpDrawsTheWayUpAndTheWayDownApart) {
  const gpu_t a = 0, b = fabric_.gpus() - s_.gpus;
  std::set<std::string> leaves, spines;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const std::vector<place> links = path(a, b, routing::ecmp, detail::mix(i));
    const auto pair = [&](std::size_t n) {
      return std::to_string(links[n]["up"]) + " " + std::to_string(links[links.size() - 1 - n]["down"]);
    };
    leaves.insert(pair(1));
    if (links.size() == 6) spines.insert(std::to_string(links[2]["s"]) + " " + pair(2));
  }
  const clos_counts& n = fabric_.network().counts();
  const auto up = static_cast<std::size_t>(s_.shape.tiers[0].up),
             spine_up = static_cast<std::size_t>(s_.shape.tiers[1].up);
  EXPECT_EQ(leaves.size(), up * up / static_cast<std::size_t>(n.spines));
  if (n.cores) {
    EXPECT_EQ(spines.size(),
              static_cast<std::size_t>(n.spines) * spine_up * spine_up / static_cast<std::size_t>(n.cores));
  }
}

TEST_P(Routes, DeterministicIsAFunctionOfTheDestination) {
  for (gpu_t b = 0; b < fabric_.gpus(); b += 7) {
    std::map<std::string, std::set<link_t>> into;  // the links down to b, by kind; the links up, by their number
    std::set<int> numbers;
    for (gpu_t a = b % s_.gpus; a < fabric_.gpus(); a += s_.gpus) {
      fabric_.route(a, b, routing::deterministic, static_cast<std::uint64_t>(a), [&](link_t link) {
        const std::string& kind = fabric_.kinds()[static_cast<std::size_t>(fabric_.kind(link))];
        if (kind.ends_with("down") || kind == "NIC in") into[kind].insert(link);
        if (kind == "leaf up") numbers.insert(parse(fabric_.link_name(link))["up"]);
      });
    }
    for (const auto& [kind, links] : into) EXPECT_EQ(links.size(), 1u) << kind << " to " << b;
    EXPECT_LE(numbers.size(), 1u);
  }
}

TEST_P(Routes, EqualDistanceMeansEqualLatencyAndKinds) {
  std::map<int, std::pair<double, std::vector<int>>> known;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    detail::hash_draw draw{detail::mix(i)};
    const auto gpus = static_cast<std::uint32_t>(fabric_.gpus());
    const auto a = static_cast<gpu_t>(draw.below(gpus)),
               b = static_cast<gpu_t>(i % 4 ? draw.below(gpus)
                                            : static_cast<std::uint32_t>(a) / 32 * 32 + draw.below(32)) %
                   fabric_.gpus();
    std::vector<int> kinds;
    fabric_.route(a, b, routing::ecmp, i, [&](link_t link) { kinds.push_back(fabric_.kind(link)); });
    const auto [at, fresh] = known.try_emplace(fabric_.distance(a, b), fabric_.latency_s(a, b), kinds);
    EXPECT_EQ(at->second.first, fabric_.latency_s(a, b));
    EXPECT_EQ(at->second.second, kinds);
  }
  EXPECT_LE(static_cast<int>(known.size()), fabric_.distances());
}

INSTANTIATE_TEST_SUITE_P(Shapes, Routes, testing::Range(0, 7), [](const auto& each) {
  std::string name = samples()[static_cast<std::size_t>(each.param)].name;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
});

}  // namespace
}  // namespace colossus::topologies
