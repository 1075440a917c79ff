// SPDX-License-Identifier: Apache-2.0
#include <colossus/placement.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

#include <set>

namespace colossus {
namespace {

/// 4 pods of 6 nodes of 8 GPUs; or `domain` nodes to an NVLink domain.
topologies::nodes_of<topologies::clos> machine(std::int32_t domain = 1) {
  topologies::node_shape nodes;
  nodes.speeds = {{400e9, 4e-7, 50e9, 5e-7}}, nodes.nodes_per_domain = domain;
  return {
      topologies::clos{{4, 6, 8, 8, 1, {{"leaf", 6, 6, 50e9, 1e-7, 3e-7}, {"spine", 24, 0, 50e9, 2e-7, 4e-7, 4, 1}}}},
      nodes};
}

std::vector<std::int32_t> nodes_of(const std::vector<gpu_t>& placement) {
  std::vector<std::int32_t> nodes;
  for (std::size_t r = 0; r < placement.size(); r += 8) nodes.push_back(placement[r] / 8);
  for (std::size_t r = 0; r < placement.size(); ++r)
    EXPECT_EQ(placement[r], nodes[r / 8] * 8 + static_cast<gpu_t>(r % 8)) << "rank " << r;
  return nodes;
}

template <class F>
std::string complaint(F&& f, failure kind) {
  try {
    f();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  return "accepted";
}

TEST(Placement, PackedIsFileOrder) {
  EXPECT_EQ(nodes_of(packed(machine(), 40)), (std::vector<std::int32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(packed(machine(), 12).size(), 12u);
  EXPECT_EQ(packed(machine(), 192).back(), 191);
}

TEST(Placement, SpreadDealsNodesOverThePods) {
  EXPECT_EQ(nodes_of(spread(machine(), 48)), (std::vector<std::int32_t>{0, 6, 12, 18, 1, 7}));
  const auto all = nodes_of(spread(machine(), 192));
  EXPECT_EQ((std::set<std::int32_t>(all.begin(), all.end()).size()), 24u);
}

TEST(Placement, ShuffledDrawsWholeNodesBySeed) {
  const auto all = nodes_of(shuffled(machine(), 192, 1));
  EXPECT_EQ((std::set<std::int32_t>(all.begin(), all.end()).size()), 24u);
  EXPECT_EQ(shuffled(machine(), 64, 1), shuffled(machine(), 64, 1));
  EXPECT_NE(shuffled(machine(), 64, 1), shuffled(machine(), 64, 2));
  const auto some = nodes_of(shuffled(machine(), 64, 3));  // from all the machine, and the same draw as for more ranks
  EXPECT_TRUE(std::equal(some.begin(), some.end(), nodes_of(shuffled(machine(), 192, 3)).begin()));
  EXPECT_GT(*std::max_element(some.begin(), some.end()), 7);
  std::vector<int> first(24);
  for (std::uint64_t seed = 0; seed < 2400; ++seed)
    ++first[static_cast<std::size_t>(shuffled(machine(), 8, seed)[0] / 8)];
  for (const int count : first) EXPECT_NEAR(count, 100, 50);  // five standard deviations
}

TEST(Placement, TakesHostNamesAndSlurmLists) {
  EXPECT_EQ(nodes_of(placed_on(machine(), "p1-n0\np0-n5\r\n# a comment\n\np3-n02", 0)),
            (std::vector<std::int32_t>{6, 5, 20}));
  EXPECT_EQ(nodes_of(placed_on(machine(), "p[0-1]-n[00-01,5], p3-n4", 0)),
            (std::vector<std::int32_t>{0, 1, 5, 6, 7, 11, 22}));
  EXPECT_EQ(placed_on(machine(), "p0-n[0-1]", 12).size(), 12u);
  EXPECT_EQ(host_name(machine(), 11), "p1-n5");
  EXPECT_EQ(find_host(machine(), "p1-n5"), 11);
  for (const char* wrong : {"p1-n6", "p4-n0", "p1n5", "p-1-n0", "p1-n", "p1-n5x", "q1-n5", "", "p99999999999-n0"})
    EXPECT_FALSE(find_host(machine(), wrong)) << wrong;
}

TEST(Placement, KeepsTheZerosOfAList) {
  const auto expand = [](const char* text) { return detail::host_list{text, "test"}.expand(); };
  EXPECT_EQ(expand("n[08-11]"), (std::vector<std::string>{"n08", "n09", "n10", "n11"}));
  EXPECT_EQ(expand("a[1-2]b[3,5],c"), (std::vector<std::string>{"a1b3", "a1b5", "a2b3", "a2b5", "c"}));
  EXPECT_TRUE(expand(" ,\n# nothing").empty());
}

TEST(Placement, SaysWhatIsWrong) {
  const auto on = [](const char* hosts, rank_t ranks = 0) {
    return [=] { placed_on(machine(), hosts, ranks, "hosts.txt"); };
  };
  EXPECT_EQ(complaint(on("p0-n0,p9-n0"), failure::input),
            "hosts.txt: expected a host of the topology, p0-n0 to p3-n5, found \"p9-n0\"");
  EXPECT_EQ(complaint(on("p0-n0,p0-n00"), failure::input),
            "hosts.txt: expected each host once, found \"p0-n00\" again");
  EXPECT_EQ(complaint(on(""), failure::input), "hosts.txt: expected at least one host, found none");
  EXPECT_EQ(complaint(on("p0-n[0-1]", 17), failure::usage),
            "hosts.txt: expected at most 16 ranks, the GPUs of its 2 hosts, found 17");
  EXPECT_EQ(complaint(on("a\np0-n[0-x]"), failure::input),
            "hosts.txt: line 2: expected a number of at most 18 digits, found \"x\"");
  EXPECT_NE(complaint(on("p0-n[3-1]"), failure::input).find("does not run backwards"), std::string::npos);
  EXPECT_NE(complaint(on("p0-n[0-99999999]"), failure::input).find("a million"), std::string::npos);
  EXPECT_NE(complaint(on("p0-n[0"), failure::input).find("the end of the line"), std::string::npos);
  EXPECT_NE(complaint(on("p0-n0]"), failure::input).find("a \"[\" before"), std::string::npos);
  for (const rank_t ranks : {0, -1, 193})
    EXPECT_NE(complaint([=] { packed(machine(), ranks); }, failure::usage).find("expected 1 to 192 ranks"),
              std::string::npos);
  EXPECT_NE(complaint([] { spread(machine(), 193); }, failure::usage).find("193"), std::string::npos);
  EXPECT_NE(complaint([] { shuffled(machine(), 193, 1); }, failure::usage).find("193"), std::string::npos);
  EXPECT_NE(complaint([] { placed_by_file(machine(), "/no/such/file", 0); }, failure::input).find("/no/such/file"),
            std::string::npos);
}

TEST(Part, PodsMayLackAFewNodes) {
  topologies::node_shape nodes;
  nodes.speeds = {{400e9, 4e-7, 50e9, 5e-7}};
  const topologies::clos_shape shape{3, 16, 8, 8, 1, {{"leaf", 16, 16, 50e9, 1e-7, 3e-7}, {"spine", 48, 0, 50e9}}};
  const auto pods_without = [&](std::initializer_list<std::int32_t> down) {
    topologies::nodes_of<topologies::clos> fabric{topologies::clos{shape}, nodes};
    for (const std::int32_t node : down) fabric.take_down(node);
    const auto placement = packed(fabric, usable_gpus(fabric));
    return part(fabric, std::span{placement}).pods;
  };
  EXPECT_EQ(pods_without({}), 3);
  EXPECT_EQ(pods_without({17}), 3);
  EXPECT_EQ(pods_without({0, 20, 47}), 3);
  EXPECT_EQ(pods_without({0, 1, 2}), 1) << "13, 16, 16 would be dealt as 15, 15, 15: two nodes off";
  EXPECT_EQ(pods_without({0, 1, 2, 3, 4, 5}), 1);
}

TEST(Part, SaysNodesAndPodsOnlyWhereTheyAreSo) {
  const auto shape = [](const std::vector<gpu_t>& placement, std::int32_t domain = 1) {
    const problem p = part(machine(domain), std::span{placement});
    return std::vector<rank_t>{p.ranks, p.nodes, p.pods};
  };
  const auto all = machine();
  EXPECT_EQ(shape(packed(all, 192)), (std::vector<rank_t>{192, 24, 4}));
  EXPECT_EQ(shape(packed(all, 96)), (std::vector<rank_t>{96, 12, 2}));
  EXPECT_EQ(shape(packed(all, 64)), (std::vector<rank_t>{64, 8, 1}));  // 6 nodes and 2: not even
  EXPECT_EQ(shape(packed(all, 12)), (std::vector<rank_t>{12, 2, 1}));  // 8 ranks and 4: not even either
  EXPECT_EQ(shape(packed(all, 5)), (std::vector<rank_t>{5, 1, 1}));
  EXPECT_EQ(shape(spread(all, 192)), (std::vector<rank_t>{192, 24, 1}));
  EXPECT_EQ(shape(spread(all, 32)), (std::vector<rank_t>{32, 4, 4}));  // one node a pod
  EXPECT_EQ(shape(shuffled(all, 192, 1)), (std::vector<rank_t>{192, 24, 1}));
  EXPECT_EQ(shape(packed(all, 192), 3), (std::vector<rank_t>{192, 8, 4}));  // NVLink domains of 24 GPUs
  EXPECT_EQ(shape(packed(all, 32), 3), (std::vector<rank_t>{32, 4, 1}));    // 24 and 8: the hosts
  EXPECT_EQ(shape(shuffled(all, 192, 1), 3), (std::vector<rank_t>{192, 24, 1}));
}

}  // namespace
}  // namespace colossus
