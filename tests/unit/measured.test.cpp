// SPDX-License-Identifier: Apache-2.0
#include "even_ring.hpp"
#include "own_program.hpp"

#include <colossus/bench/threads_main.hpp>

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

using list = type_list<algorithms::ring, hasty_ring, deserted_ring, even_ring>;

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

}  // namespace
}  // namespace colossus::bench
