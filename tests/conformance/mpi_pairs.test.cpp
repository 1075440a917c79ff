// SPDX-License-Identifier: Apache-2.0
// Pairs over MPI: what each process knows of its own comes to rank 0 whole, in slices; hosts are asked for one by one;
// a slow rank is named. All processes run all tests; rank 0 prints.
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/bench/mpi_team.hpp>
#include <colossus/bench/pair_verdict.hpp>
#include <colossus/bench/pairs_main.hpp>

#include "folder.hpp"
#include "mpi_test_main.hpp"

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

using namespace std::chrono_literals;

int rank_here() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}
int processes() {
  int size = 1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

/// As many values as a process's rank, modulo 3.
std::vector<int> values_of(int rank) {
  std::vector<int> values;
  for (int i = 0; i < rank % 3; ++i) values.push_back(10 * rank + i);
  return values;
}

TEST(mpi_pairs, rank_0_hears_of_everything_once_in_slices_of_any_size) {
  for (const int slice : {1, 2, 3, 256}) {
    const mpi_pairs all{MPI_COMM_WORLD, slice};
    std::vector<int> heard, expected;
    all.tell(values_of(rank_here()), [&](int value) { heard.push_back(value); });
    for (int rank = 0; rank_here() == 0 && rank < processes(); ++rank)
      for (const int value : values_of(rank)) expected.push_back(value);
    std::sort(heard.begin(), heard.end());
    EXPECT_EQ(heard, expected) << "slices of " << slice;
  }
}

TEST(mpi_pairs, counts_add_up_and_the_median_is_that_of_all) {
  const mpi_pairs all{MPI_COMM_WORLD};
  std::vector<std::int64_t> counts{1, rank_here()};
  all.sum(counts);
  EXPECT_EQ(counts, (std::vector<std::int64_t>{processes(), processes() * (processes() - 1) / 2}));
  EXPECT_EQ(all.median({}), 0);
  std::vector<double> mine, everyones;
  for (int rank = 0; rank < processes(); ++rank)
    for (int i = 0; i < 40 + rank; ++i) {
      const double value = 20 + 13 * ((rank * 17 + i * 29) % 53);
      everyones.push_back(value);
      if (rank == rank_here()) mine.push_back(value);
    }
  std::sort(everyones.begin(), everyones.end());
  const double exact = everyones[(everyones.size() - 1) / 2];
  EXPECT_NEAR(all.median(mine), exact, exact * digest::relative_error * (1 + 1e-9));
}

/// All pairs of eight ranks on two hosts, each known to the process of its lower rank, and what is found in them.
template <class Spoil>
pair_verdict verdict_of(Spoil&& spoil) {
  std::vector<named_pair> mine;
  std::vector<named_rank> ends;
  const auto end = [](int rank) { return pair_end{rank < 4 ? "a" : "b", rank % 4, ""}; };
  for (int a = 0; a < 8; ++a) {
    if (a % processes() != rank_here()) continue;
    ends.push_back({a, end(a)});
    for (int b = a + 1; b < 8; ++b) {
      named_pair p{{.a = a, .b = b, .GBps = (a < 4) == (b < 4) ? 300.0 : 45.0, .us = 10}, end(a), end(b)};
      spoil(p.result);
      mine.push_back(p);
    }
  }
  return judge_pairs(mpi_pairs{MPI_COMM_WORLD, 2}, 8, mine, ends);
}

TEST(mpi_pairs, the_verdict_is_that_of_one_process_that_knows_all) {
  const auto speaks = rank_here() == 0;
  EXPECT_TRUE(verdict_of([](pair_result&) {}).good());
  const auto slow_gpu = verdict_of([](pair_result& p) { p.GBps *= p.a == 3 || p.b == 3 ? 0.5 : 1; });
  ASSERT_EQ(slow_gpu.slow.size(), speaks ? 2u : 0u);
  const auto one = verdict_of([](pair_result& p) { p.GBps *= p.a == 2 && p.b == 7 ? 0.5 : 1; });
  ASSERT_EQ(one.slow.size(), speaks ? 1u : 0u);
  const auto spoilt = verdict_of([](pair_result& p) { p.wrong = p.a == 1 && p.b == 4 ? 9 : 0; });
  ASSERT_EQ(spoilt.broken.size(), speaks ? 1u : 0u);
  if (!speaks) return;
  EXPECT_EQ(slow_gpu.slow[0], "all 4 links to other hosts of a GPU 3 (rank 3) are slow: the GPU, or its way out, is");
  EXPECT_EQ(slow_gpu.slow[1].substr(0, 27), "all 3 links within the host");
  EXPECT_EQ(one.slow[0].substr(0, 61), "slow: a GPU 2 (rank 2) - b GPU 3 (rank 7): 22.5 GB/s and 10.0");
  EXPECT_EQ(spoilt.broken[0], "wrong data: a GPU 1 (rank 1) - b GPU 0 (rank 4): 9 words of 8 bytes");
  ASSERT_EQ(one.medians.size(), 2u);
  EXPECT_NEAR(one.medians[0].GBps, 45, 45 * digest::relative_error);
  EXPECT_NEAR(one.medians[1].GBps, 300, 300 * digest::relative_error);
}

TEST(mpi_team, each_rank_tells_its_host_when_it_is_asked) {
  mpi_team team{30s};
  for (rank_t rank = 0; rank < team.ranks(); ++rank) EXPECT_EQ(team.host(rank), host_name());
  EXPECT_EQ(team.nodes() == 1, team.ranks_here() == team.ranks());
  EXPECT_EQ(std::ssize(team.nodes_of_ranks()), team.ranks());
}

/// The folder of rank 0, which writes.
struct shared_folder {
  std::optional<test::folder> here;
  shared_folder() {
    if (rank_here() == 0) here.emplace();
  }
  std::string operator/(std::string_view name) const { return here ? *here / name : std::string{name}; }
};

TEST(mpi_team, measures_all_pairs) {
  mpi_team team{30s};
  if (team.ranks() == 1) GTEST_SKIP() << "one process has no partner";
  const shared_folder here;
  options o;
  o.collective = "send_recv", o.pairs = "all", o.last_size = "64K", o.csv = here / "x.csv";
  o.iterations = 3, o.warmup = 1;
  if (rank_here() == 0) testing::internal::CaptureStdout();
  EXPECT_EQ(measure_every_pair(team, o, tool::mpi), 0);
  if (rank_here() != 0) return;
  EXPECT_NE(testing::internal::GetCapturedStdout().find(" in "), std::string::npos);
  std::set<std::pair<std::int64_t, std::int64_t>> met;
  for (const pair_line& p : read_pairs(here / "x.pairs.csv")) {
    met.emplace(*p.src_rank, *p.dst_rank);
    EXPECT_EQ(p.status, "ok");
    EXPECT_EQ(p.src_device, p.src_rank) << "all are on one host";
    EXPECT_EQ(p.dst_device, p.dst_rank);
    EXPECT_EQ(p.dst_host, host_name());
  }
  EXPECT_EQ(std::ssize(met), team.ranks() * (team.ranks() - 1) / 2);
}

/// A ring with a last round in which nobody has to do anything, and the last rank takes 3 ms for it.
class tardy_ring : public ring_all_reduce {
 public:
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "tardy";
  constexpr explicit tardy_ring(const problem& p) : ring_all_reduce{p.ranks}, slow_{p.ranks - 1} {}
  constexpr round_t rounds() const { return ring_all_reduce::rounds() + 1; }
  constexpr step at(rank_t rank, round_t round) const {
    if (round + 1 < rounds()) return ring_all_reduce::at(rank, round);
    if (rank == slow_ && !std::is_constant_evaluated()) std::this_thread::sleep_for(3ms);
    return {};
  }

 private:
  rank_t slow_;
};

TEST(mpi_team, a_row_names_the_rank_that_is_slow_and_its_host) {
  mpi_team team{30s};
  const shared_folder here;
  options o;
  o.algorithms = {"tardy"}, o.every_algorithm = false, o.csv = here / "x.csv";
  o.sizes = {64}, o.iterations = 5, o.warmup = 1;
  if (rank_here() == 0) testing::internal::CaptureStdout();
  EXPECT_EQ((run_measured<type_list<tardy_ring>>(team, o, tool::mpi)), 0);
  benchmark::ClearRegisteredBenchmarks();
  if (rank_here() != 0) return;
  testing::internal::GetCapturedStdout();
  const auto rows = read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 2u);
  for (const row& r : rows) {
    EXPECT_GE(*r.time_us_min, 3000);
    EXPECT_EQ(r.slowest_rank, team.ranks() - 1);
    EXPECT_EQ(r.slowest_host, host_name());
  }
}

}  // namespace
}  // namespace colossus::bench
