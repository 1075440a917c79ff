// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/join.hpp>

#include <gtest/gtest.h>

namespace colossus::bench {
namespace {

launch launched(const std::string& by, int rank, int size, bool mpi) {
  launch l{.launcher = by, .rank = rank, .size = size, .mpi = mpi};
  l.step_tasks = size;
  return l;
}

std::string refusal(const launch& l, const join_options& o) {
  try {
    join(l, o);
  } catch (const error& e) {
    return std::to_string(e.exit_status()) + " " + e.what();
  }
  return {};
}

TEST(join, is_alone_without_a_launcher_with_one_process_or_if_asked) {
  for (const auto& [l, o] : std::vector<std::pair<launch, join_options>>{
           {{}, {}},
           {launched("mpirun", 0, 1, true), {}},
           {launched("srun", 3, 8, false), {.standalone = true}},
           {launched("prterun", 1, 0, true), {.id_file = "/nowhere", .standalone = true}}}) {
    const auto all = join(l, o);
    EXPECT_EQ(all->way(), "alone");
    EXPECT_EQ(all->size(), 1);
    EXPECT_EQ(gather(*all, 7), std::vector<int>{7});
    all->abort("nobody hears");
  }
}

TEST(join, says_what_is_lacking) {
  EXPECT_TRUE(refusal({}, {.id_file = "/tmp/id"}).starts_with("2 --id-file: expected RANK and WORLD_SIZE"));
  EXPECT_TRUE(refusal(launched("flux", 0, 4, false), {})
                  .starts_with("5 flux started 4 processes and says not where rank 0 is: set MASTER_ADDR"));
  const std::string no_module = refusal(launched("mpirun", 0, 4, true), {});
  EXPECT_TRUE(no_module.starts_with("5 mpirun started this, and MPI cannot be opened (")) << no_module;
  EXPECT_NE(no_module.find("colossus-mpi-processes.so"), std::string::npos);
  EXPECT_NE(no_module.find("--id-file PATH"), std::string::npos);
}

TEST(local_place, is_what_the_launcher_says_or_else_found) {
  launch told = launched("srun", 5, 8, false), untold = told;
  told.local_rank = 3;
  alone one;
  find_local_place(told, one);
  find_local_place(untold, one);
  EXPECT_EQ(told.local_rank, 3);
  EXPECT_EQ(told.local_size, 1);
  EXPECT_EQ(untold.local_rank, 0);
  EXPECT_EQ(untold.rank, 0);
  EXPECT_EQ(untold.size, 1);
}

}  // namespace
}  // namespace colossus::bench
