// SPDX-License-Identifier: Apache-2.0
// `send_recv --pairs` of threads: who meets whom, what the table of pairs says, what is found of a slow rank and of
// wrong data. And whom a row of a collective calls the slowest.
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/algorithms/send_recv/direct.hpp>
#include <colossus/bench/pairs_main.hpp>
#include <colossus/bench/thread_team.hpp>

#include "folder.hpp"

#include <gtest/gtest.h>

#include <set>

namespace colossus::bench {
namespace {

using namespace std::chrono_literals;

options asked(int ranks, const std::string& csv, const std::string& pairs = "all") {
  options o;
  o.collective = "send_recv", o.pairs = pairs, o.csv = csv, o.last_size = "20";
  o.ranks = {ranks}, o.iterations = 3, o.warmup = 1;
  return o;
}

/// What a run printed, and its table of pairs.
struct found {
  int status = 0;
  std::string screen;
  std::vector<pair_line> pairs;
};

found measured(const options& o, std::chrono::milliseconds deadline = 30s) {
  thread_team team{o.ranks.front(), deadline};
  testing::internal::CaptureStdout();
  const int status = measure_every_pair(team, o, tool::threads);
  return {status, testing::internal::GetCapturedStdout(), read_pairs(pairs_path(o.csv))};
}

TEST(HostPairs, EveryPairIsMeasuredOnceInARoundOfItsOwn) {
  for (const int ranks : {2, 3, 5, 6}) {
    const test::folder here;
    const found f = measured(asked(ranks, here / "x.csv"));
    EXPECT_EQ(f.status, 0);
    std::set<std::pair<std::int64_t, std::int64_t>> met, busy;
    for (const pair_line& p : f.pairs) {
      EXPECT_LT(*p.src_rank, *p.dst_rank);
      EXPECT_TRUE(met.emplace(*p.src_rank, *p.dst_rank).second) << "a pair twice";
      for (const auto rank : {*p.src_rank, *p.dst_rank})
        EXPECT_TRUE(busy.emplace(*p.round, rank).second) << "rank " << rank << " twice in round " << *p.round;
      EXPECT_EQ(p.src_host, host_name());
      EXPECT_EQ(p.dst_device, p.dst_rank);
      EXPECT_EQ(p.bytes, 20);
      EXPECT_EQ(p.status, "ok");
      EXPECT_GT(*p.time_us_p50, 0);
      EXPECT_NEAR(*p.GBps, 20 / *p.time_us_p50 * 1e-3, 1e-12);
    }
    EXPECT_EQ(std::ssize(met), ranks * (ranks - 1) / 2);
    EXPECT_NE(f.screen.find("above the diagonal GB/s each way"), std::string::npos) << f.screen;
    EXPECT_NE(f.screen.find(" -> " + pairs_path(here / "x.csv")), std::string::npos) << f.screen;
  }
}

TEST(HostPairs, RowsSayTheSameAsTheTableOfPairs) {
  const test::folder here;
  const found f = measured(asked(4, here / "x.csv"));
  const auto rows = read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 2 * f.pairs.size());
  for (std::size_t i = 0; i < f.pairs.size(); ++i) {
    const row &bulk = rows[2 * i], &small = rows[2 * i + 1];
    EXPECT_EQ(bulk.time_us, f.pairs[i].time_us_p50);
    EXPECT_EQ(bulk.time_stat + bulk.timing + small.timing, "p50isolatedping_pong");
    EXPECT_EQ(small.bytes, 8);
    EXPECT_GT(*small.time_us, 0);
    EXPECT_EQ(bulk.errors, 0);
    EXPECT_EQ(bulk.run_id, f.pairs[i].run_id);
    EXPECT_TRUE(bulk.tags.starts_with("pair=" + to_text(*f.pairs[i].src_rank) + "-")) << bulk.tags;
  }
}

TEST(HostPairs, TheQuickWayEachRankMeetsOneOther) {
  for (const int ranks : {2, 5, 8}) {
    const test::folder here;
    const found f = measured(asked(ranks, here / "x.csv", "quick"));
    std::set<std::int64_t> met;
    for (const pair_line& p : f.pairs) {
      EXPECT_EQ(p.round, 0);
      EXPECT_EQ(*p.dst_rank - *p.src_rank, ranks / 2);
      met.insert({*p.src_rank, *p.dst_rank});
    }
    EXPECT_EQ(std::ssize(met), ranks / 2 * 2);
  }
}

TEST(HostPairs, MoreThan16RanksAreTheSlowest10OnTheScreenAndAllInTheTable) {
  const test::folder here;
  const found f = measured(asked(17, here / "x.csv"));
  EXPECT_EQ(f.pairs.size(), 17u * 16 / 2);
  EXPECT_NE(f.screen.find("# the slowest 10 pairs: "), std::string::npos) << f.screen;
  EXPECT_EQ(f.screen.find("above the diagonal"), std::string::npos) << f.screen;
}

TEST(HostPairs, HostsHaveOtherNamesWhereThatIsAskedFor) {
  const test::folder here;
  options o = asked(3, here / "x.csv");
  o.anonymise = true;
  for (const pair_line& p : measured(o).pairs) EXPECT_EQ(p.src_host + p.dst_host, "h000h000");
  for (const row& r : read_rows(here / "x.csv")) EXPECT_NE(r.tags.find("ends=h000:"), std::string::npos) << r.tags;
}

TEST(HostPairs, FilesThatAreThereAndFlagsWithoutUseAreRefused) {
  const test::folder here;
  const auto why = [](const options& o) {
    try {
      measured(o);
    } catch (const error& refused) {
      EXPECT_EQ(refused.kind(), failure::usage);
      testing::internal::GetCapturedStdout();
      return std::string{refused.what()};
    }
    return std::string{};
  };
  here.write("x.pairs.csv", "mine\n");
  EXPECT_NE(why(asked(2, here / "x.csv")).find("x.pairs.csv is there already"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(here / "x.csv")) << "a refusal leaves no file behind";
  EXPECT_NE(why(asked(1, here / "y.csv")).find("--pairs needs 2 ranks at least, found 1"), std::string::npos);
  options o = asked(2, here / "y.csv");
  o.every_algorithm = false;
  EXPECT_NE(why(o).find("--algorithm: leave it out"), std::string::npos);
  o = asked(2, here / "y.csv");
  o.resume = true;
  EXPECT_NE(why(o).find("--resume: --pairs is done as a whole"), std::string::npos);
  o = asked(2, here / "y.csv");
  o.last_size = "0";
  EXPECT_NE(why(o).find("-e 0: "), std::string::npos);
}

/// A transport of two ranks' ends in one process that spoils what it receives, or never ends.
class broken_link {
 public:
  struct request {
    rank_t to = nobody, from = nobody;
  };
  rank_t rank() const { return 0; }
  rank_t size() const { return 2; }
  patience waits() const { return {.spins = 4, .deadline = 20ms}; }
  request start(int, rank_t to, std::span<const std::byte> out, rank_t from, std::span<std::byte> in) {
    std::fill(in.begin(), in.end(), std::byte{7});
    sent_ += static_cast<std::int64_t>(out.size());
    return {to, from};
  }
  bool test(request&) const { return !dead; }
  void cancel(request&) noexcept { ++cancelled; }
  bool dead = false;
  int cancelled = 0;

 private:
  std::int64_t sent_ = 0;
};

using lonely_rank = detail::host_pair_rank<participant<broken_link>>;

TEST(HostPairs, WrongWordsAreCounted) {
  broken_link link;
  participant<broken_link> member{link};
  const options o = asked(2, "");
  lonely_rank rank{member, {"a", 0, ""}, 20, o};
  rank.begin(0, 1);
  EXPECT_EQ(rank.found().result.wrong, 3) << "two words and a half";
}

TEST(HostPairs, APartnerThatDoesNotAnswerIsNamedAtTheDeadline) {
  broken_link link;
  link.dead = true;
  participant<broken_link> member{link};
  const options o = asked(2, "");
  lonely_rank rank{member, {"a", 0, ""}, 20, o};
  try {
    rank.begin(0, 1);
    FAIL() << "it went on";
  } catch (const error& late) {
    EXPECT_EQ(late.kind(), failure::broke);
    EXPECT_NE(std::string{late.what()}.find("rank 0 waited 20 ms for rank 1 to exchange a message"), std::string::npos)
        << late.what();
  }
  EXPECT_EQ(link.cancelled, 1);
}

/// A ring with a last round in which nobody has to do anything, and rank 2 takes 3 ms for it.
class tardy_ring : public ring_all_reduce {
 public:
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "tardy";
  constexpr explicit tardy_ring(const problem& p) : ring_all_reduce{p.ranks} {}
  constexpr round_t rounds() const { return ring_all_reduce::rounds() + 1; }
  constexpr step at(rank_t rank, round_t round) const {
    if (round + 1 < rounds()) return ring_all_reduce::at(rank, round);
    if (rank == 2 && !std::is_constant_evaluated()) std::this_thread::sleep_for(3ms);
    return {};
  }
};

TEST(SlowestRank, IsTheOneThatIsSlowAndItsHost) {
  const test::folder here;
  options o;
  o.algorithms = {"tardy"}, o.every_algorithm = false, o.csv = here / "x.csv";
  o.sizes = {64}, o.iterations = 5, o.warmup = 1;
  thread_team team{4, 30s};
  testing::internal::CaptureStdout();
  EXPECT_EQ((run_measured<type_list<tardy_ring>>(team, o, tool::threads)), 0);
  testing::internal::GetCapturedStdout();
  const auto rows = read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 2u);
  for (const row& r : rows) {
    EXPECT_GE(*r.time_us_min, 3000) << "the rank was slow each time";
    EXPECT_EQ(r.slowest_rank, 2);
    EXPECT_EQ(r.slowest_host, host_name());
  }
}

}  // namespace
}  // namespace colossus::bench
