// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/csv.hpp>
#include <colossus/bench/pairs_report.hpp>

#include <gtest/gtest.h>

#include <set>

namespace {
using namespace colossus::bench;

TEST(PairRounds, EveryPairMeetsOnceAndNobodyTwiceARound) {
  for (int n = 1; n <= 65; ++n) {
    std::set<std::pair<int, int>> met;
    for (int round = 0; round < pair_rounds(n); ++round)
      for (int rank = 0; rank < n; ++rank) {
        const int partner = pair_partner(n, round, rank);
        ASSERT_TRUE(partner >= 0 && partner < n) << n << " ranks, round " << round << ", rank " << rank;
        ASSERT_EQ(pair_partner(n, round, partner), rank) << n << " ranks, round " << round;
        if (rank < partner && !met.emplace(rank, partner).second) FAIL() << rank << " meets " << partner << " again";
      }
    EXPECT_EQ(met.size(), static_cast<std::size_t>(n) * (n - 1) / 2) << n << " ranks";
  }
}

TEST(PairRounds, AreTheFewestAndAtMostOneRankRests) {
  EXPECT_EQ(pair_rounds(1), 0);
  EXPECT_EQ(pair_rounds(2), 1);
  EXPECT_EQ(pair_rounds(7), 7);
  EXPECT_EQ(pair_rounds(8), 7);
  for (int n = 2; n <= 65; ++n)
    for (int round = 0; round < pair_rounds(n); ++round) {
      int rests = 0;
      for (int rank = 0; rank < n; ++rank) rests += pair_partner(n, round, rank) == rank;
      EXPECT_EQ(rests, n % 2) << n << " ranks, round " << round;
    }
}

TEST(QuickPairs, HaveEachRankOnceAndCrossNodesWhereTheyCan) {
  const auto expect = [](const std::vector<int>& node_of, int between, const char* what) {
    const pair_plan plan{node_of};
    const int ranks = plan.ranks();
    EXPECT_EQ(plan.rounds(), ranks < 2 ? 0 : 1) << what;
    EXPECT_EQ(plan.between_nodes(), between) << what;
    int met = 0;
    for (int rank = 0; rank < ranks; ++rank) {
      const int partner = plan.partner(0, rank);
      EXPECT_EQ(plan.partner(0, partner), rank) << what;
      met += partner != rank;
    }
    EXPECT_EQ(met, ranks / 2 * 2) << what;
    EXPECT_EQ(plan.pairs(), ranks / 2) << what;
  };
  expect({}, 0, "nobody");
  expect({0}, 0, "one");
  expect({0, 0, 0, 0}, 0, "one node");
  expect({0, 0, 1, 1}, 2, "two nodes in order");
  expect({0, 1, 0, 1, 0, 1, 0, 1}, 4, "two nodes, ranks dealt in turn");
  expect({0, 0, 4, 4, 2, 2}, 3, "three nodes, known by their lowest rank");
  expect({0, 1, 1, 1, 1}, 1, "a node with more than half of the ranks");
}

TEST(QuickPairs, StayOnARailOfAlikeNodes) {
  for (const int nodes : {2, 4, 64})
    for (int rank = 0; rank < 8 * nodes; ++rank) {
      EXPECT_EQ(quick_partner(8 * nodes, rank) % 8, rank % 8);
      EXPECT_NE(quick_partner(8 * nodes, rank) / 8, rank / 8);
    }
}

TEST(PairPlan, HasAllPairsOfItsRounds) {
  for (int ranks = 0; ranks < 20; ++ranks) {
    pair_plan plan{ranks};
    EXPECT_EQ(plan.pairs(), ranks * (ranks - 1) / 2);
    plan.limit(3);
    EXPECT_EQ(plan.rounds(), std::min(pair_rounds(ranks), 3));
  }
}

std::vector<pair_end> node_of(int gpus, const std::string& host = "node1") {
  std::vector<pair_end> ends;
  for (int g = 0; g < gpus; ++g) ends.push_back({host, g, ""});
  return ends;
}

/// All pairs of `ranks`, 100 GB/s and 10 us each.
std::vector<pair_result> all_pairs(int ranks) {
  std::vector<pair_result> pairs;
  for (int a = 0; a < ranks; ++a)
    for (int b = a + 1; b < ranks; ++b)
      pairs.push_back({.a = a, .b = b, .GBps = 100, .us = 10, .bytes = 1'000'000, .small_bytes = 8, .iterations = 20});
  return pairs;
}

pair_result& pair_of(std::vector<pair_result>& pairs, int a, int b) {
  for (auto& p : pairs)
    if (p.a == a && p.b == b) return p;
  throw std::out_of_range{"no such pair"};
}

TEST(PairVerdict, FindsNothingWhereAllAreAlike) {
  const auto verdict = judge_pairs(all_pairs(4), node_of(4));
  EXPECT_TRUE(verdict.broken.empty());
  EXPECT_TRUE(verdict.slow.empty());
  EXPECT_EQ(in_words(verdict.medians), "100.0 GB/s, 10.0 us within the host");
}

TEST(PairVerdict, NamesTheSlowLink) {
  auto pairs = all_pairs(8);
  pair_of(pairs, 2, 5).GBps = 40;
  const auto verdict = judge_pairs(pairs, node_of(8));
  ASSERT_EQ(verdict.slow.size(), 1u);
  EXPECT_EQ(
      verdict.slow[0],
      "slow: node1 GPU 2 (rank 2) - node1 GPU 5 (rank 5): 40.0 GB/s and 10.0 us; the median is 100.0 GB/s and 10.0 us");
}

TEST(PairVerdict, NamesALinkThatIsSlowToAnswer) {
  auto pairs = all_pairs(8);
  pair_of(pairs, 0, 1).us = 31;
  EXPECT_EQ(judge_pairs(pairs, node_of(8)).slow.size(), 1u);
  pair_of(pairs, 0, 1).us = 12;
  EXPECT_TRUE(judge_pairs(pairs, node_of(8)).slow.empty());
}

TEST(PairVerdict, NamesTheGpuInsteadOfAllItsLinks) {
  auto pairs = all_pairs(8);
  for (auto& p : pairs)
    if (p.a == 3 || p.b == 3) p.GBps = 50;
  pair_of(pairs, 0, 1).GBps = 60;
  const auto verdict = judge_pairs(pairs, node_of(8));
  ASSERT_EQ(verdict.slow.size(), 2u);
  EXPECT_EQ(verdict.slow[0],
            "all 7 links within the host of node1 GPU 3 (rank 3) are slow: the GPU, or its way out, is");
  EXPECT_TRUE(verdict.slow[1].starts_with("slow: node1 GPU 0 (rank 0) - node1 GPU 1 (rank 1): 60.0 GB/s"));
}

TEST(PairVerdict, ComparesLinksOfOneSortOnly) {
  auto ends = node_of(2, "node1");
  for (const auto& e : node_of(2, "node2")) ends.push_back(e);
  auto pairs = all_pairs(4);
  for (auto& p : pairs)
    if (p.a < 2 && p.b >= 2) p.GBps = 25;
  EXPECT_TRUE(judge_pairs(pairs, ends).slow.empty());
  pair_of(pairs, 1, 3).GBps = 10;
  const auto slow = judge_pairs(pairs, ends).slow;
  ASSERT_EQ(slow.size(), 1u);
  EXPECT_NE(slow[0].find("node1 GPU 1 (rank 1) - node2 GPU 1 (rank 3)"), std::string::npos);
}

TEST(PairVerdict, NamesTheFirstTenAndCountsTheOthers) {
  auto pairs = all_pairs(24);
  int slow = 0, wrong = 0;
  for (auto& p : pairs) {
    if (p.b == p.a + 1) p.GBps = p.a == 20 ? 20 : 30, ++slow;
    if (p.b == p.a + 2) p.wrong = 1, ++wrong;
  }
  const auto verdict = judge_pairs(pairs, node_of(24));
  ASSERT_EQ(verdict.slow.size(), 11u);
  EXPECT_NE(verdict.slow.front().find("(rank 20) - node1 GPU 21 (rank 21): 20.0 GB/s"), std::string::npos)
      << "the slowest first: " << verdict.slow.front();
  EXPECT_EQ(verdict.slow.back(), "and " + std::to_string(slow - 10) + " more slow pairs");
  ASSERT_EQ(verdict.broken.size(), 11u);
  EXPECT_EQ(verdict.broken.back(), "and " + std::to_string(wrong - 10) + " more broken pairs");
}

TEST(PairVerdict, RanksWithoutAGpuAreCalledRanks) {
  std::vector<pair_end> ends;
  for (int rank = 0; rank < 4; ++rank) ends.push_back({.host = "node1", .gpu = rank, .pci = {}, .is_gpu = false});
  auto pairs = all_pairs(4);
  for (auto& p : pairs)
    if (p.b == 3) p.GBps = 50;
  EXPECT_EQ(judge_pairs(pairs, ends).slow.at(0),
            "all 3 links within the host of node1 (rank 3) are slow: the rank, or its way out, is");
}

TEST(PairVerdict, SaysWhatIsOrdinaryOfEachSort) {
  auto pairs = all_pairs(8);
  std::vector<pair_end> ends = node_of(8);
  for (std::size_t rank = 4; rank < 8; ++rank) ends[rank].host = "node2";
  for (auto& p : pairs)
    if (p.a < 4 && p.b >= 4) p.GBps = 25, p.us = 14;
  EXPECT_EQ(in_words(judge_pairs(pairs, ends).medians),
            "25.0 GB/s, 14.0 us to other hosts; 100.0 GB/s, 10.0 us within the host");
}

TEST(PairVerdict, NamesWhatIsBrokenAndLeavesItOutOfTheMedian) {
  auto pairs = all_pairs(4);
  pair_of(pairs, 0, 2).answered = false;
  pair_of(pairs, 0, 2).GBps = 0;
  pair_of(pairs, 1, 3).wrong = 12;
  const auto verdict = judge_pairs(pairs, node_of(4));
  ASSERT_EQ(verdict.broken.size(), 2u);
  EXPECT_EQ(verdict.broken[0],
            "no answer: node1 GPU 0 (rank 0) - node1 GPU 2 (rank 2): it did not end before the deadline");
  EXPECT_EQ(verdict.broken[1], "wrong data: node1 GPU 1 (rank 1) - node1 GPU 3 (rank 3): 12 words of 8 bytes");
  EXPECT_EQ(in_words(verdict.medians), "100.0 GB/s, 10.0 us within the host");
}

TEST(PairReport, HasTwoRowsAPairAndAnExitStatus) {
  std::vector<row> rows;
  std::vector<std::string> notes;
  std::vector<pair_line> lines;
  const pair_sink sink{[&](const row& r) { rows.push_back(r); }, [&](const pair_line& l) { lines.push_back(l); },
                       [&](const std::string& n) { notes.push_back(n); }};
  row common;
  common.run_id = "run";
  common.timing = "back_to_back";
  common.ranks = 3;
  common.tags = "x=1";
  auto pairs = all_pairs(3);
  EXPECT_EQ(report_pairs(pairs, node_of(3), common, sink), 0);
  ASSERT_EQ(rows.size(), 6u);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(csv_line(lines[1]), "run,0,0,node1,0,2,node1,2,1000000,10,100,ok\n");
  EXPECT_EQ(rows[2].tags, "x=1;pair=0-2;ends=node1:0,node1:2");
  EXPECT_EQ(rows[2].timing, "back_to_back");
  EXPECT_EQ(rows[2].bytes, 1'000'000);
  EXPECT_NEAR(*rows[2].time_us, 10.0, 1e-9);  // 1 MB at 100 GB/s
  EXPECT_NEAR(*rows[2].busbw_GBps, 100, 1e-9);
  EXPECT_EQ(rows[3].timing, "ping_pong");
  EXPECT_EQ(rows[3].time_us, 10.0);
  EXPECT_EQ(rows[3].bytes, 8);
  EXPECT_EQ(rows[3].iters, 20);
  EXPECT_EQ(notes.back(), "pairs: 3, none out of the ordinary: median 100.0 GB/s, 10.0 us within the host");
  pairs[0].wrong = 1;
  EXPECT_EQ(report_pairs(pairs, node_of(3), common, {}), 1);
  pairs[1].answered = false;
  EXPECT_EQ(report_pairs(pairs, node_of(3), common, {}), 4);
}

TEST(PairReport, DrawsAMatrixOrTheSlowest) {
  auto pairs = all_pairs(3);
  pairs[0].answered = false;
  pairs[1].wrong = 2;
  const auto lines = colossus::bench::detail::pair_matrix(with_names(pairs, node_of(3)), 3);
  EXPECT_EQ(lines[2], "    0            dead   wrong");
  EXPECT_EQ(lines[4], "    2   wrong    10.0        ");
  auto many = all_pairs(20);
  pair_of(many, 4, 7).GBps = 3;
  pair_log log{20, {}, {}};
  for (const named_pair& p : with_names(many, node_of(20))) log.add(p);
  const auto slowest = log.slowest_pairs();
  EXPECT_EQ(slowest.size(), 11u);
  EXPECT_EQ(slowest[1], "     3.0    10.0  node1 GPU 4 (rank 4) - node1 GPU 7 (rank 7)");
}

TEST(PairReport, SmallFiguresHaveDigits) {
  auto pairs = all_pairs(2);
  pairs[0].GBps = 0.0216;
  EXPECT_EQ(colossus::bench::detail::pair_matrix(with_names(pairs, node_of(2)), 2)[2], "    0          0.0216");
}

TEST(PairEnds, GpusThatAllSeeThemselvesAsNumber0AreNumberedByTheirAddress) {
  std::vector<pair_end> ends{{"a", 0, "0000:3b:00.0"},
                             {"b", 3, "0000:86:00.0"},
                             {"a", 0, "0000:1a:00.0"},
                             {"b", 1, "0000:af:00.0"},
                             {"a", 0, "0000:5e:00.0"}};
  tell_gpus_apart(ends);
  std::vector<int> numbers;
  for (const pair_end& end : ends) numbers.push_back(end.gpu);
  EXPECT_EQ(numbers, (std::vector<int>{1, 3, 0, 1, 2}));
}

TEST(PairReport, ALongNameOfAHostIsCutAndNotRead) {
  const std::string name(200, 'x');
  const pair_end end{name, 0, ""};
  EXPECT_EQ(end.host.view(), name.substr(0, 63));
}

}  // namespace
