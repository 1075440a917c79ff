// SPDX-License-Identifier: Apache-2.0
#include "locate_pairs.hpp"

#include "folder.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace colossus::bench {
namespace {

const machine_of_pairs four_nodes{"superpod-ndr-2su", {4}, "packed"};

const fabric_of_pairs& fabric() {
  static const loaded whole = load_topology(shipped_topology(four_nodes.topology));
  return std::get<fabric_of_pairs>(whole.fabric);
}
std::vector<pair_line> healthy(const std::string& pairs = "all") {
  return simulated_lines(four_nodes, {pairs, "adaptive", "", 0.03, 7});
}
/// What is said of a table, and the exit status.
std::pair<std::string, int> said(const std::vector<pair_line>& lines, const std::string& hosts = {}) {
  const test::folder here;
  {
    pairs_file file{here / "t.pairs.csv", false};
    for (const pair_line& l : lines) file.write(l);
  }
  locate_options asked;
  asked.topology = shipped_topology(four_nodes.topology), asked.pairs = here / "t.pairs.csv";
  if (!hosts.empty()) asked.hosts = here.write("hosts", hosts);
  std::ostringstream out;
  const int status = locate_bad_part(asked, out);
  return {out.str(), status};
}
void slow_down(std::vector<pair_line>& lines, double factor, auto&& which) {
  for (pair_line& l : lines)
    if (which(l)) *l.time_us_p50 *= factor;
}

TEST(locate, the_first_suspect_has_its_evidence) {
  const auto [text, status] = said(simulated_lines(four_nodes, {"all", "adaptive", "NIC p0-n2 nic3:share=0.5", 0, 1}));
  EXPECT_EQ(status, 1);
  EXPECT_NE(text.find("\n1         NIC p0-n2 nic3: it, its cable or its slot\n"), std::string::npos) << text;
  EXPECT_NE(text.find("should take 2.00 times as long at half speed, and take 2.00"), std::string::npos) << text;
}

TEST(locate, a_healthy_machine_is_said_to_be_so) {
  const auto [text, status] = said(healthy());
  EXPECT_EQ(status, 0) << text;
  EXPECT_NE(text.find("nothing found: no pair is slow beside pairs like it"), std::string::npos) << text;
}

TEST(locate, how_slow_it_is_does_not_matter_down_to_ten_percent) {
  for (const char* share : {"0.1", "0.3", "0.7", "0.9"}) {
    const auto named =
        first_suspects(four_nodes, {"all", "adaptive", std::string{"NIC p0-n1 nic6:share="} + share, 0.01, 3});
    ASSERT_FALSE(named.empty()) << share;
    EXPECT_TRUE(named.front().contains("NIC p0-n1 nic6")) << share;
  }
}

TEST(locate, quick_pairs_say_both_ends_and_how_to_tell_them_apart) {
  const auto [text, status] =
      said(simulated_lines(four_nodes, {"quick", "adaptive", "NIC p0-n2 nic3:share=0.5", 0.03, 1}));
  EXPECT_EQ(status, 1);
  EXPECT_NE(text.find("NIC p0-n0 nic3: it"), std::string::npos) << text;
  EXPECT_NE(text.find("    or    NIC p0-n2 nic3: it"), std::string::npos) << text;
  EXPECT_NE(text.find("by themselves: slow if it is NIC p0-n2 nic3"), std::string::npos) << text;
  EXPECT_NE(text.find("32 of 32 x GPU"), std::string::npos) << "their NVLink is not used: " << text;
}

TEST(locate, a_telling_pair_tells) {
  const auto verdict = verdict_on(
      fabric(), simulated_lines(four_nodes, {"quick", "adaptive", "NIC p0-n2 nic3:share=0.5", 0.03, 1}), "adaptive");
  const locate::likeness alike{verdict.expected, verdict.found, verdict.found.order};
  const auto rivals = clusters_of(verdict.found, alike, 1).at(0);
  ASSERT_EQ(rivals.size(), 2u);
  const routing_options how;
  const auto pairs = locate::pair_chooser{fabric(), verdict.who, how, verdict.table.pairs}.choose(rivals, alike);
  ASSERT_EQ(pairs.size(), 2u);
  for (const auto& p : pairs)
    for (const std::uint32_t broken : rivals) {
      fabric_of_pairs machine = fabric();
      impair(machine, verdict.who.all()[broken].of, verdict.who.all()[broken].members[0], 0.5);
      pair_model<fabric_of_pairs> whole{fabric(), how}, half{machine, how};
      whole.solve(std::span{&p.what, 1}, 1), half.solve(std::span{&p.what, 1}, 1);
      EXPECT_EQ(half.seconds(0) > 1.5 * whole.seconds(0), broken == p.slow_if);
    }
}

TEST(locate, one_hiccup_blames_no_part_that_other_pairs_clear) {
  auto lines = healthy();
  slow_down(lines, 4, [](const pair_line& l) { return l.src_rank == 3 && l.dst_rank == 6; });
  EXPECT_EQ(said(lines).second, 0) << said(lines).first;
}

TEST(locate, what_all_pairs_of_a_sort_share_is_no_fault) {
  auto lines = healthy();
  slow_down(lines, 2, [](const pair_line& l) { return l.src_host != l.dst_host; });
  EXPECT_EQ(said(lines).second, 0) << said(lines).first;
}

TEST(locate, two_faults_are_both_told) {
  auto lines = simulated_lines(four_nodes, {"all", "adaptive", "NIC p0-n2 nic3:share=0.5", 0.03, 1});
  slow_down(lines, 2,
            [](const pair_line& l) { return l.src_host == l.dst_host && (l.src_rank == 9 || l.dst_rank == 9); });
  const auto [text, status] = said(lines);
  EXPECT_NE(text.find("\n1         NIC p0-n2 nic3"), std::string::npos) << text;
  const auto second = text.find("GPU p0-n1 gpu1: its NVLink\n");
  ASSERT_NE(second, std::string::npos) << text;
  EXPECT_NE(text.find("a fault of its own", second), std::string::npos) << text;
}

TEST(locate, pairs_without_a_time_are_told_with_the_rank_that_they_share) {
  auto lines = healthy();
  for (pair_line& l : lines)
    if (l.src_rank == 20 || l.dst_rank == 20) l.time_us_p50.reset(), l.GBps.reset(), l.status = "timeout";
  const auto [text, status] = said(lines);
  EXPECT_EQ(status, 1);
  EXPECT_NE(text.find("broken    31 pairs gave no time (first timeout): 31 of them with rank 20 on p0-n2"),
            std::string::npos)
      << text;
}

TEST(locate, hosts_have_the_names_of_a_list_in_the_order_of_the_topology) {
  auto lines = simulated_lines(four_nodes, {"all", "adaptive", "NIC p0-n2 nic3:share=0.5", 0.03, 1});
  for (pair_line& l : lines)
    for (std::string* host : {&l.src_host, &l.dst_host}) *host = "gpu0" + host->substr(4) + ".cluster.example";
  const auto [text, status] = said(lines, "gpu0[0-3]\n");
  EXPECT_NE(text.find("NIC p0-n2 nic3 (gpu02)"), std::string::npos) << text;
  EXPECT_THROW(said(lines), error);
  EXPECT_THROW(said(lines, "gpu0[0-2]\n"), error);
  EXPECT_THROW(said(lines, "gpu[0000-9999]\n"), error);
}

TEST(locate, ranks_that_see_one_gpu_each_are_in_order) {
  auto lines = simulated_lines(four_nodes, {"all", "adaptive", "GPU p0-n3 gpu5:share=0.5", 0.03, 1});
  for (pair_line& l : lines) l.src_device = l.dst_device = 0;
  EXPECT_NE(said(lines).first.find("GPU p0-n3 gpu5: its NVLink"), std::string::npos) << said(lines).first;
}

TEST(locate, runs_of_a_table_may_have_their_ranks_elsewhere) {
  auto lines = simulated_lines(four_nodes, {"all", "adaptive", "NIC p0-n2 nic3:share=0.5", 0.03, 1});
  auto again = lines;
  for (pair_line& l : again) {
    l.run_id = "another", l.src_rank = 31 - *l.src_rank, l.dst_rank = 31 - *l.dst_rank;
    lines.push_back(l);
  }
  const auto [text, status] = said(lines);
  EXPECT_NE(text.find("\n1         NIC p0-n2 nic3"), std::string::npos) << text;
}

TEST(locate, what_does_not_fit_the_machine_is_refused) {
  const auto refused = [](auto&& change, const std::string& because) {
    auto lines = healthy("quick");
    change(lines);
    try {
      const auto [text, status] = said(lines);
      FAIL() << text;
    } catch (const error& e) {
      EXPECT_NE(std::string{e.what()}.find(because), std::string::npos) << e.what();
      EXPECT_EQ(e.exit_status(), 3);
    }
  };
  refused([](auto& l) { l[3].src_host = "p9-n0"; }, "expected hosts p0-n0 to p1-n31");
  refused([](auto& l) { l[3].src_device = 8; }, "expected devices 0 to 7 on p0-n0, found 8 at rank 3");
  refused([](auto& l) { l[3].src_rank = l[3].dst_rank; }, "expected two ranks in every pair");
  refused([](auto& l) { l.clear(); }, "expected pairs with a time, found none");
}

TEST(simulated_pairs, both_ways_at_once_and_the_fabric_shared) {
  const auto lines = simulated_lines({"superpod-ndr-2su", {2}, "packed"}, {"all", "adaptive", "", 0, 1});
  EXPECT_EQ(lines.size(), 120u);
  std::map<std::int64_t, std::set<std::int64_t>> busy;
  for (const pair_line& l : lines) {
    EXPECT_LT(l.src_rank, l.dst_rank);
    EXPECT_TRUE(busy[*l.round].insert(*l.src_rank).second && busy[*l.round].insert(*l.dst_rank).second);
    EXPECT_NEAR(*l.GBps, static_cast<double>(*l.bytes) / *l.time_us_p50 * 1e-3, 1e-9 * *l.GBps);
    EXPECT_EQ(l.src_host == l.dst_host, *l.GBps > 60) << "NVLink or a NIC";
  }
  EXPECT_EQ(busy.size(), 15u);
  for (const pair_line& l : simulated_lines({"superpod-ndr-2su", {2}, "packed"}, {"quick", "adaptive", "", 0, 1}))
    EXPECT_NEAR(*l.GBps, 48.5, 1) << "a NIC of its own, busy both ways";
}

TEST(simulated_pairs, noise_is_as_asked_and_drawn_by_seed) {
  const auto times = [](double noise, std::int64_t seed) {
    std::vector<double> us;
    for (const pair_line& l : simulated_lines(four_nodes, {"all", "adaptive", "", noise, seed}))
      us.push_back(*l.time_us_p50);
    return us;
  };
  const auto calm = times(0, 1), noisy = times(0.03, 1);
  std::vector<double> logs;
  for (std::size_t i = 0; i < calm.size(); ++i) logs.push_back(std::log(noisy[i] / calm[i]));
  EXPECT_NEAR(moments_of(logs).mean, 0, 0.006);
  EXPECT_NEAR(moments_of(logs).stdev, 0.03, 0.004);
  EXPECT_EQ(noisy, times(0.03, 1));
  EXPECT_NE(noisy, times(0.03, 2));
}

}  // namespace
}  // namespace colossus::bench
