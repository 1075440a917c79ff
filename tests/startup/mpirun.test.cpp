// SPDX-License-Identifier: Apache-2.0
// Processes of mpirun that link no MPI: they open the module beside them.
#include "../commands/command.hpp"

namespace commands {
namespace {

class mpirun : public testing::Test {
 protected:
  void SetUp() override {
    const auto module = programs() / "colossus-mpi-processes.so";
    if (!std::filesystem::exists(module)) GTEST_SKIP() << "no MPI";
    if (shell("command -v mpirun").status != 0) GTEST_SKIP() << "no mpirun";
    std::filesystem::copy_file(module, here_ / "colossus-mpi-processes.so");
    std::filesystem::copy_file(programs() / "tests" / "startup-member", here_ / "member");
  }
  outcome three(const std::string& arguments) const {
    return shell(
        "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "
        "OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none "
        "PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe; mpirun -np 3 " +
        here_ / "member" + " " + arguments);
  }
  static std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  }
  const folder here_;
};

TEST_F(mpirun, brings_all_together) {
  const outcome o = three("");
  EXPECT_EQ(o.status, 0) << o.err;
  for (const char* const rank : {"0", "1", "2"})
    EXPECT_EQ(times(o.out, std::string{"mpi "} + rank + " of 3: 0 10 20\n"), 1u) << o.out;
}

TEST_F(mpirun, without_the_module_at_an_address) {
  std::filesystem::remove(here_ / "colossus-mpi-processes.so");
  const outcome o = shell("export MASTER_ADDR=127.0.0.1 COLOSSUS_PORT=" + std::to_string(21'000 + ::getpid() % 7'000) +
                          "; for rank in 0 1; do OMPI_COMM_WORLD_RANK=$rank OMPI_COMM_WORLD_SIZE=2 " +
                          here_ / "member" + " & done; wait");
  EXPECT_EQ(times(o.out, " of 2: 0 10\n"), 2u) << o.out << o.err;
  for (const char* const local : {"tcp 0 of 2:", "tcp 1 of 2:"}) EXPECT_EQ(times(o.out, local), 1u) << o.out;
}

TEST_F(mpirun, tells_all_why_one_aborts) {
  const outcome o = three("--aborts 1");
  EXPECT_EQ(times(o.err, "member: rank 1 ended the run: no more memory"), 2u) << o.err;
}

TEST_F(mpirun, names_who_does_not_come) {
  const outcome o = three("--late 1");
  EXPECT_EQ(times(o.err, "member: ranks 0,2 of 3 arrived within 1 s; missing 1: see what the missing ones say"), 2u)
      << o.err;
}

TEST_F(mpirun, names_rank_0_where_it_does_not_come) {
  const outcome o = three("--late 0");
  EXPECT_EQ(times(o.err, "member: rank 0 sends no word within 1 s"), 2u) << o.err;
}

}  // namespace
}  // namespace commands
