// SPDX-License-Identifier: Apache-2.0
#include "even_ring.hpp"
#include "own_program.hpp"

#include <colossus/bench/simulate_main.hpp>

namespace colossus::bench {
namespace {

using list = type_list<algorithms::ring, even_ring>;

TEST(priced, a_number_of_ranks_that_is_not_served_is_status_2_where_it_was_asked_for) {
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
