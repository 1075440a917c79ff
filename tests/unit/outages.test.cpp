// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/bench/what_if.hpp>

#include <gtest/gtest.h>

#include <set>

namespace colossus::bench {
namespace {

using list = type_list<algorithms::ring, algorithms::halving_doubling>;
using fabric = topologies::nodes_of<topologies::clos>;

options asked(rank_t ranks) {
  options o;
  o.topologies = {COLOSSUS_TOPOLOGY_DIR "/colossus-100k.json"};
  o.ranks = {ranks};
  return o;
}

std::vector<priced_operation> priced_on(const scene& s, std::span<const pricing> ways) {
  std::vector<priced_operation> priced;
  for (const priced_algorithm& a : priced_algorithms<list>("all_reduce")) {
    priced.push_back({a, simulated_row(s, a, 0, "float", "sum"), 4, {1 << 28}, ways});
    priced.back().rows = priced.back().on(s);
  }
  return priced;
}

const class_damage& of(const std::vector<class_damage>& row, const std::string& name) {
  return *std::ranges::find(row, name, [](const class_damage& d) { return d.of->name; });
}

TEST(outages, words_mean_classes_and_only_pods_with_ranks_are_near) {
  const scene s = scenes_of(asked(512)).front();
  const auto all = outage_classes(s, {"all"}, 4, {});
  std::vector<std::string> names;
  for (const outage_class& c : all) names.push_back(c.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"leaf link", "leaf switch", "spine link", "spine switch", "core switch", "pod"}));
  EXPECT_EQ(all[1].parts, 1568);
  EXPECT_EQ(all[1].near, 8) << "a leaf for each rail of one pod";
  EXPECT_EQ(outage_classes(s, {"leaf-switch", "node"}, 4, {}).size(), 2u);
  EXPECT_THROW(outage_classes(s, {"leaves"}, 4, {}), error);
  EXPECT_TRUE(outage_classes(s, {}, 4, {}).empty());
}

TEST(outages, a_sample_is_even_and_holds_the_busiest) {
  const scene s = scenes_of(asked(512)).front();
  const std::string busiest = detail::part_of_link("leaf p0 r5 down 9");
  const auto links = outage_classes(s, {"leaf-link"}, 8, std::span{&busiest, 1}).front();
  ASSERT_EQ(links.tried.size(), 9u);
  EXPECT_EQ(links.tried.front().name, "leaf p0 r5 up 9");
  std::set<std::string> rails;
  for (const outage& o : links.tried) rails.insert(o.name.substr(0, 10));
  EXPECT_EQ(rails.size(), 8u);
  const auto few = outage_classes(s, {"leaf-switch"}, 100, {}).front();
  EXPECT_EQ(few.tried.size(), 8u) << "no more than there are";
  EXPECT_EQ(detail::part_of_link("NIC in p0-n3 nic5"), "NIC p0-n3 nic5");
  EXPECT_EQ(detail::part_of_link("NVLink out p0-n3 gpu5"), "GPU p0-n3 gpu5");
}

TEST(outages, ranks_move_to_spare_nodes_in_order_or_are_gone) {
  const scene s = scenes_of(asked(512)).front();
  const auto nodes = outage_classes(s, {"node"}, 64, {}).front();
  const scene moved = without(s, nodes.tried[3]);
  ASSERT_EQ(moved.placement.size(), 512u);
  for (std::size_t r = 0; r < 512; ++r)
    EXPECT_EQ(moved.placement[r], r / 8 == 3 ? static_cast<gpu_t>(512 + r % 8) : static_cast<gpu_t>(r));
  EXPECT_EQ(moved.scenario, "out=node p0-n3");
  EXPECT_EQ(moved.nodes, 64);
  options whole = asked(1);
  whole.ranks.clear();
  const scene all = scenes_of(whole).front();
  const scene less = without(all, outage_classes(all, {"array"}, 1, {}).front().tried.front());
  EXPECT_EQ(less.placement.size(), 100'352u - 512);
  EXPECT_EQ(less.shape.ranks, 100'352 - 512);
  EXPECT_LT(less.power_w, all.power_w);
}

TEST(outages, what_no_message_takes_costs_nothing_and_a_leaf_more_than_a_cable) {
  options o = asked(1024);
  o.routings = {"adaptive", "ecmp"}, o.seeds = 2;
  const scene s = scenes_of(o).front();
  const auto ways = pricings_of(o);
  const auto priced = priced_on(s, ways);
  const auto classes = outage_classes(s, {"link", "leaf-switch", "core-switch"}, 2, {});
  std::size_t kept = 0;
  const auto found = damages(
      s, priced, classes, [&](const row&) { ++kept; }, [](auto...) {});
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(kept, 4u * 2 * classes.size());
  for (const auto& row : found) {
    EXPECT_NEAR(of(row, "core switch").each.front().ratio, 1, 1e-9) << "two pods of one hall need no core";
    EXPECT_NEAR(of(row, "spine link").each.front().ratio, 1, 1e-9);
    EXPECT_GT(of(row, "leaf switch").each.front().ratio, 1.2) << "eight NICs a node become seven";
    EXPECT_GE(of(row, "leaf switch").each.front().ratio, of(row, "leaf link").each.front().ratio);
    EXPECT_EQ(row.front().of->name, "leaf switch") << "the worst comes first";
  }
}

}  // namespace
}  // namespace colossus::bench
