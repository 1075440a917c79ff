// SPDX-License-Identifier: Apache-2.0
// Machines with broken parts, checked against what the same machine does when it is whole.
#include <colossus/topologies/parts.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

namespace colossus::topologies {
namespace {

using path = std::vector<link_t>;

clos_tier tier(const char* name, int down, int up, int pods = 0, int rails = 0) {
  return clos_tier{name, down, up, 50e9, 1e-7, 3e-7, pods, rails, 0};
}
nodes_of<clos> build(clos_shape shape, int gpus, cross_rail across = cross_rail::nvlink) {
  node_shape nodes;
  nodes.gpus = gpus, nodes.speeds = {{400e9, 4e-7, 50e9 * shape.planes, 5e-7}}, nodes.between_rails = across;
  return {clos{std::move(shape)}, nodes};
}
std::vector<nodes_of<clos>> machines() {
  const clos_shape cores{8, 4, 4, 4, 1, {tier("leaf", 4, 4), tier("spine", 8, 4, 2, 1), tier("core", 16, 0)}};
  std::vector<nodes_of<clos>> all;
  all.push_back(build(cores, 4));
  all.push_back(build(cores, 4, cross_rail::fabric));
  all.push_back(build({6, 4, 4, 4, 2, {tier("leaf", 8, 4), tier("spine", 24, 0)}}, 4));  // planes
  all.push_back(build({3, 6, 4, 2, 1, {tier("leaf", 4, 6), tier("spine", 36, 0)}}, 8));  // bundles
  all.push_back(
      build({4, 4, 2, 1, 1, {tier("leaf", 8, 4), tier("spine", 2, 4, 2), tier("core", 4, 0)}}, 2));  // no rails
  all.push_back(build({4, 2, 2, 2, 2, {tier("leaf", 2, 2), tier("spine", 4, 2, 2, 1), tier("core", 8, 0)}}, 2));
  all.push_back(build({4, 4, 4, 4, 1, {tier("leaf", 4, 4), tier("spine", 4, 4, 2, 2), tier("core", 2, 0, 0, 2)}}, 4));
  return all;
}

class Faults : public testing::TestWithParam<int> {
 protected:
  nodes_of<clos> whole_ = machines()[static_cast<std::size_t>(GetParam())], broken_ = whole_;
  std::vector<part_class> classes_ = part_classes(whole_);

  std::uint32_t below(std::int64_t n) {
    return detail::hash_draw{detail::mix(++turn_)}.below(static_cast<std::uint32_t>(n));
  }
  static path route(const nodes_of<clos>& machine, gpu_t a, gpu_t b, routing how, std::uint64_t entropy) {
    path links;
    machine.route(a, b, how, entropy, [&](link_t link) { links.push_back(link); });
    return links;
  }
  /// Breaks a few parts of any class but nodes and what holds them.
  void break_some() {
    for (int i = 0; i < 6; ++i) {
      const part_class& of = classes_[below(std::ssize(classes_))];
      if (of.kind == part_kind::gpu || of.kind == part_kind::node || of.kind == part_kind::pod) continue;
      impair(broken_, of, below(of.count), below(3) ? 0 : 0.25);
    }
  }
  /// Breaks nearly all cables between switches.
  void break_most() {
    for (const part_class& of : classes_)
      for (std::int64_t i = 0; of.kind == part_kind::link && i < of.count; ++i)
        if (below(5) > 1) impair(broken_, of, i);
  }
  std::pair<gpu_t, gpu_t> draw_pair() {
    const auto gpus = static_cast<std::uint32_t>(whole_.gpus());
    return {static_cast<gpu_t>(below(gpus)), static_cast<gpu_t>(below(gpus))};
  }
  /// All ECMP paths of the whole machine, by drawing until no new one comes for long.
  std::set<path> all_paths(gpu_t a, gpu_t b) const {
    std::set<path> found;
    std::uint64_t draw = 0;
    for (std::uint64_t quiet = 0; quiet < 60 * (found.size() + 1); ++quiet)
      if (found.insert(route(whole_, a, b, routing::ecmp, detail::mix(++draw))).second) quiet = 0;
    return found;
  }
  bool open(const path& links) const {
    return std::none_of(links.begin(), links.end(), [&](link_t link) { return broken_.capacity(link) == 0; });
  }
  const part_class* find(part_kind kind, int tier = 0) const {
    for (const part_class& each : classes_)
      if (each.kind == kind && each.tier == tier) return &each;
    return nullptr;
  }

 private:
  std::uint64_t turn_ = static_cast<std::uint64_t>(GetParam()) << 32;
};

TEST_P(Faults, EcmpDrawsEvenlyAmongTheWaysThatAreLeft) {
  int around = 0;
  for (int trial = 0; trial < 60; ++trial) {
    broken_ = whole_;
    trial % 2 ? break_some() : break_most();
    const auto [a, b] = draw_pair();
    std::set<path> left;
    for (const path& each : all_paths(a, b))
      if (open(each)) left.insert(each);
    if (left.empty()) continue;
    std::map<path, int> seen;
    const int draws = 40 * static_cast<int>(left.size());
    for (int i = 0; i < draws; ++i) ++seen[route(broken_, a, b, routing::ecmp, detail::mix(below(1u << 31)))];
    double square = 0;
    for (const auto& [links, count] : seen) {
      ASSERT_TRUE(left.contains(links)) << "from " << a << " to " << b;
      square += (count - 40.0) * (count - 40.0) / 40;
    }
    const double freedom = static_cast<double>(left.size()) - 1;
    EXPECT_EQ(seen.size(), left.size());
    EXPECT_LT(square, freedom + 6 * std::sqrt(2 * freedom) + 1);
    around += left.size() < all_paths(a, b).size();
  }
  EXPECT_GT(around, 3) << "the trials met nothing broken";
}

TEST_P(Faults, WhatMeetsNothingDeadGoesAsBefore) {
  break_some();
  for (int i = 0; i < 3000; ++i) {
    const auto [a, b] = draw_pair();
    for (const routing how : {routing::ecmp, routing::deterministic}) {
      const path before = route(whole_, a, b, how, static_cast<std::uint64_t>(i));
      EXPECT_TRUE(!open(before) || route(broken_, a, b, how, static_cast<std::uint64_t>(i)) == before);
    }
  }
}

TEST_P(Faults, EveryRouteIsOpenAndAsLongAsItsDistanceSays) {
  for (int trial = 0; trial < 30; ++trial) {
    broken_ = whole_;
    for (int more = 0; more <= trial / 10; ++more) break_some();
    for (int i = 0; i < 100; ++i) {
      const auto [a, b] = draw_pair();
      std::vector<path> found;
      for (const routing how : {routing::ecmp, routing::adaptive, routing::deterministic}) try {
          found.push_back(route(broken_, a, b, how, detail::mix(below(1u << 31))));
        } catch (const error& e) {
          EXPECT_NE(std::string{e.what()}.find("no way is left from p"), std::string::npos) << e.what();
        }
      ASSERT_TRUE(found.empty() || found.size() == 3) << "whether there is a way does not depend on the routing";
      for (const path& links : found) {
        EXPECT_TRUE(open(links));
        EXPECT_EQ(links.size(), found[0].size());
      }
      if (found.empty() || a == b) continue;
      const auto local = std::ranges::count_if(found[0], [&](link_t link) { return broken_.kind(link) < 2; });
      const auto hops = static_cast<double>(std::ssize(found[0]) - local), relays = static_cast<double>(local) / 2;
      const double expected = hops == 0 ? 4e-7 : 1e-6 + relays * 4e-7 + hops * 1e-7 + (hops - 1) * 3e-7;
      EXPECT_NEAR(broken_.latency_s(a, b), expected, 1e-15);
    }
  }
}

TEST_P(Faults, TrunksAreTheSumOfWhatIsLeft) {
  for (int i = 0; i < 5; ++i) break_some();
  std::map<std::string, double> single, trunk;
  for (link_t link = 0; link < broken_.links(); ++link) {
    std::string owner = broken_.link_name(link);
    if (const auto plane = owner.find(" plane"); plane != std::string::npos)
      owner.erase(plane, owner.find(' ', plane + 1) - plane);
    const std::string& kind = whole_.kinds()[static_cast<std::size_t>(whole_.kind(link))];
    if (kind.starts_with("spine")) owner = owner.substr(0, owner.find(' ', 6)) + kind;
    if (kind.starts_with("leaf")) owner = owner.substr(0, owner.find(kind.ends_with("up") ? " up" : " down")) + kind;
    if (broken_.uses(routing::ecmp, link)) single[owner] += broken_.capacity(link);
    if (broken_.uses(routing::adaptive, link)) trunk[owner] += broken_.capacity(link);
  }
  for (const auto& [owner, sum] : single) EXPECT_NEAR(trunk.at(owner), sum, 1e-6 * 50e9) << owner;
  EXPECT_EQ(single.size(), trunk.size());
}

TEST_P(Faults, ASwitchTakesAllPathsThroughItAndNoOther) {
  const clos_counts& n = whole_.network().counts();
  const int up = whole_.network().shape().tiers[0].up, width = up / n.spines;
  const auto number = [](const std::string& name, const std::string& after) {
    const auto at = name.find(after);
    return at == std::string::npos ? -1 : std::stoi(name.substr(at + after.size()));
  };
  for (int trial = 0; trial < 150; ++trial) {
    broken_ = whole_;
    const part_class& of = *find(part_kind::switch_, static_cast<int>(below(whole_.network().tiers())));
    const std::int64_t dead = below(of.count);
    impair(broken_, of, dead);
    const auto [a, b] = draw_pair();
    for (const path& links : all_paths(a, b)) {
      std::set<std::string> through;  // the names of the switches on the path
      const int rail = whole_.nic_of(b) % whole_.network().rails();
      int spine = -1, core = -1, plane = 0;
      for (const link_t link : links) {
        const std::string name = whole_.link_name(link);
        plane = std::max(plane, number(name, "plane"));
        const bool at_leaf = name.starts_with("leaf");
        const auto cut = name.find(name.find(" up ") == std::string::npos ? " down " : " up ");
        if (at_leaf || name.starts_with("spine")) through.insert(name.substr(0, cut));
        if (at_leaf) spine = std::max(number(name, " up "), number(name, " down ")) / width;
        if (name.starts_with("spine")) core = std::max(number(name, " up "), number(name, " down "));
      }
      if (core >= 0)
        through.insert(whole_.network().switch_name(
            2, static_cast<std::uint32_t>(((plane * n.core_sets + rail / n.core_rails) * n.spines + spine) * n.cores +
                                          core / (whole_.network().shape().tiers[1].up / n.cores))));
      // The leaf, where the path stays below it; the spine, where it uses no spine's link.
      for (const gpu_t end : {a, b}) {
        const bool uses_nic = links.size() > 2 || whole_.kind(links.empty() ? 0 : links[0]) >= 2;
        const gpu_t at = end == a ? a - a % whole_.gpus_per_node() + whole_.usual_relay(a, b).from : b;
        const auto leaf = whole_.network().attach(whole_.node_of(at), whole_.nic_of(at));
        const auto leaves = static_cast<std::uint32_t>(n.leaves * plane),
                   groups = static_cast<std::uint32_t>(n.groups * plane);
        if (uses_nic) through.insert(whole_.network().switch_name(0, leaves + leaf.leaf));
        if (spine >= 0)
          through.insert(whole_.network().switch_name(
              1, (groups + leaf.group) * static_cast<std::uint32_t>(n.spines) + static_cast<std::uint32_t>(spine)));
      }
      EXPECT_EQ(!open(links), through.contains(part_name(whole_, of, dead))) << part_name(whole_, of, dead);
    }
  }
}

TEST_P(Faults, SharesMultiplyAndACopyStaysWhole) {
  const part_class& of = *find(part_kind::link);
  const link_t link = whole_.first().network + whole_.network().cable(0, 3).up;
  nodes_of<clos> copy = broken_;
  impair(broken_, of, 3, 0.5), impair(broken_, of, 3, 0.5);
  EXPECT_DOUBLE_EQ(broken_.capacity(link), whole_.capacity(link) / 4);
  EXPECT_DOUBLE_EQ(broken_.nominal_capacity(link), whole_.capacity(link));
  EXPECT_TRUE(copy.healthy() && !broken_.healthy());
}

TEST_P(Faults, PartsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  std::size_t count = 0;
  for (const part_class& of : classes_)
    for (std::int64_t i = 0; i < of.count; ++i, ++count) names.insert(part_name(whole_, of, i));
  EXPECT_EQ(names.size(), count);
}

TEST_P(Faults, ThePlaceOfAPartIsWhereItsLinksAre) {
  for (const part_class& of : classes_)
    for (std::int64_t i = 0; i < of.count; i += 3) {
      const part_place at = place_of(whole_, of, i);
      const std::string name = part_name(whole_, of, i);
      const auto says = [&](const std::string& text) { return (name + " ").find(text) != std::string::npos; };
      const std::string pod = " p" + std::to_string(at.pod);
      EXPECT_TRUE(at.pods > 1 || !says(" p") || says(pod + "-") || says(pod + " ")) << name;
      EXPECT_TRUE(of.kind != part_kind::link || name.ends_with(" " + std::to_string(at.index))) << name;
      EXPECT_TRUE(!says(" r") || says(" r" + std::to_string(at.rail) + " ")) << name;
      EXPECT_LE(at.pod + at.pods, whole_.pods());
      EXPECT_LE(at.rail + at.rails, whole_.network().rails());
    }
}

INSTANTIATE_TEST_SUITE_P(Machines, Faults, testing::Range(0, 7));

TEST(FaultsOfNodes, ANodeWithoutAGpuIsDown) {
  nodes_of<clos> machine = machines()[0];
  for (const part_class& of : part_classes(machine)) {
    if (of.kind == part_kind::gpu) impair(machine, of, 5);
    if (of.kind == part_kind::pod) impair(machine, of, 7);
  }
  for (std::int32_t node = 0; node < machine.nodes(); ++node) EXPECT_EQ(machine.is_down(node), node == 1 || node >= 28);
  try {
    machine.route(0, 6, routing::adaptive, 1, [](link_t) {});
    FAIL();
  } catch (const error& e) {
    EXPECT_STREQ(e.what(),
                 "no way is left from p0-n0 gpu0 to p0-n1 gpu2 (down): place ranks elsewhere, or take out fewer parts");
  }
}

TEST(FaultsOfNodes, WhereANicIsDeadTheNextOneServes) {
  nodes_of<clos> machine = machines()[0];
  const auto classes = part_classes(machine);
  const auto nic = std::ranges::find(classes, part_kind::nic, &part_class::kind);
  impair(machine, *nic, 4 + 1);  // node 1, NIC 1
  std::vector<std::string> names;
  machine.route(1, 5, routing::adaptive, 1, [&](link_t link) { names.push_back(machine.link_name(link)); });
  EXPECT_EQ(names, (std::vector<std::string>{"NVLink out p0-n0 gpu1", "NVLink in p0-n0 gpu2", "NIC out p0-n0 nic2",
                                             "NIC in p0-n1 nic2", "NVLink out p0-n1 gpu2", "NVLink in p0-n1 gpu1"}));
}

}  // namespace
}  // namespace colossus::topologies
