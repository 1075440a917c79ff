// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/bench/simulate_main.hpp>
#include <colossus/bench/threads_main.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

/// A ring that ends one round too early: every rank misses the last block.
class hasty_ring : public ring_all_reduce {
 public:
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "hasty";
  constexpr explicit hasty_ring(const problem& p) : ring_all_reduce{p.ranks} {}
  constexpr round_t rounds() const { return ring_all_reduce::rounds() - 1; }
};

/// A ring in which rank 0 goes home before the last round: the others wait for it.
class deserted_ring : public ring_all_reduce {
 public:
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "deserted";
  constexpr explicit deserted_ring(const problem& p) : ring_all_reduce{p.ranks} {}
  constexpr step at(rank_t rank, round_t round) const {
    return rank == 0 && round + 1 == rounds() ? step{} : ring_all_reduce::at(rank, round);
  }
};

/// A ring that serves even numbers of ranks.
class even_ring : public ring_all_reduce {
 public:
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "even";
  static constexpr bool supports(const problem& p) { return p.ranks % 2 == 0; }
  constexpr explicit even_ring(const problem& p) : ring_all_reduce{p.ranks} {}
};

using list = type_list<algorithms::ring, hasty_ring, deserted_ring, even_ring>;

/// How a program of three lines ends, and what it writes.
struct ended {
  int status = 0;
  std::vector<row> rows;
  std::string err;
};

template <class Main>
ended run(Main&& main, std::vector<std::string> arguments) {
  const std::string csv =
      (std::filesystem::temp_directory_path() / ("colossus-measured-" + std::to_string(::getpid()) + ".csv")).string();
  for (const auto& more : {"--csv", csv.c_str()}) arguments.emplace_back(more);
  arguments.insert(arguments.begin(), "mine");
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  ended e{main(static_cast<int>(arguments.size()), argv.data()), {}, {}};
  testing::internal::GetCapturedStdout();
  e.err = testing::internal::GetCapturedStderr();
  if (std::filesystem::exists(csv)) e.rows = read_rows(csv);
  std::filesystem::remove(csv);
  std::filesystem::remove(sidecar_path(csv));
  benchmark::ClearRegisteredBenchmarks();
  return e;
}

ended measured(const std::string& algorithm, int ranks = 3) {
  return run(threads_main<list>, {"--algorithm", algorithm, "--ranks", std::to_string(ranks), "-b", "1K", "-e", "1K",
                                  "-n", "2", "-w", "0", "--deadline", "0.3"});
}

TEST(measured, right_data_is_status_0) {
  const ended e = measured("ring");
  EXPECT_EQ(e.status, 0) << e.err;
  ASSERT_EQ(e.rows.size(), 2u);
  EXPECT_EQ(e.rows[0].status, "ok");
}

TEST(measured, wrong_data_is_status_1_and_has_no_time) {
  const ended e = measured("hasty");
  EXPECT_EQ(e.status, 1);
  ASSERT_EQ(e.rows.size(), 2u);
  for (const row& r : e.rows) {
    EXPECT_EQ(r.status, "wrong_data");
    EXPECT_GT(r.errors.value_or(0), 0);
    EXPECT_FALSE(r.time_us.has_value());
  }
  EXPECT_NE(e.err.find("wrong data from hasty: all_reduce of 256 elements on 3 ranks: element "), std::string::npos)
      << e.err;
}

TEST(measured, a_rank_that_waits_in_vain_is_status_4_and_rows_so_far_stay) {
  const ended e = measured("ring,deserted");
  EXPECT_EQ(e.status, 4);
  ASSERT_EQ(e.rows.size(), 2u);
  EXPECT_EQ(e.rows[0].algorithm, "ring");
  EXPECT_NE(e.err.find("waited 300 ms for rank 0"), std::string::npos) << e.err;
}

TEST(measured, a_number_of_ranks_that_is_not_served_is_status_2_where_it_was_asked_for) {
  const ended named = measured("even");
  EXPECT_EQ(named.status, 2);
  EXPECT_EQ(named.err,
            "colossus-threads: all_reduce even does not serve 3 ranks: choose another algorithm (--list) or another "
            "number of ranks\n");
  EXPECT_EQ(measured("even", 2).status, 0);
}

TEST(measured, the_same_goes_for_prices) {
  const std::vector<std::string> machine{"--topology", COLOSSUS_TOPOLOGY_DIR "/hgx-h100-node.json", "--ranks", "3",
                                         "--algorithm"};
  auto named = machine, all = machine;
  named.emplace_back("even");
  all.emplace_back("all");
  EXPECT_EQ(run(simulate_main<list>, named).status, 2);
  const ended e = run(simulate_main<list>, all);
  EXPECT_EQ(e.status, 0) << e.err;
  for (const row& r : e.rows) EXPECT_NE(r.algorithm, "even");
}

}  // namespace
}  // namespace colossus::bench
