// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <colossus/bench/csv.hpp>
#include <colossus/bench/pairs_csv.hpp>

#include <nlohmann/json.hpp>

namespace commands {
namespace {

/// Three processes of colossus-mpi on this host, whatever it has of cores.
class mpi : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(programs() / "colossus-mpi")) GTEST_SKIP() << "colossus-mpi was not built: no MPI";
    if (shell("command -v mpirun").status != 0) GTEST_SKIP() << "no mpirun";
  }
  static outcome three(const std::string& arguments) {
    return shell(
        "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "
        "OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none "
        "PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe; mpirun -np 3 " +
        (programs() / "colossus-mpi").string() + " " + arguments);
  }
  static std::size_t times(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  }
};

TEST_F(mpi, one_rank_speaks_for_all) {
  const folder here;
  const outcome o = three("-b 4 -e 4K -f 32 -n 3 -w 1 --algorithm ring,double_tree --csv " + here / "x.csv" +
                          " --benchmark_out=" + here / "x.json");
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(times(o.out, "# colossus 0."), 1u);
  EXPECT_EQ(times(o.out, "# Out of bounds values : 0 OK"), 1u);
  const auto rows = colossus::bench::read_rows(here / "x.csv");
  ASSERT_EQ(rows.size(), 3u * 2 * 2);
  for (const auto& r : rows) {
    EXPECT_EQ(r.backend, "mpi");
    EXPECT_EQ(r.ranks, 3);
    EXPECT_EQ(r.nodes, 1);
    EXPECT_EQ(r.errors, 0);
    EXPECT_EQ(r.iters, 3);
  }
  EXPECT_EQ(nlohmann::json::parse(text_of(here / "x.json"))["benchmarks"].size(), rows.size());
}

TEST_F(mpi, ranks_agree_on_iterations_that_google_benchmark_chooses) {
  const outcome o = three("-b 8 -e 8 --algorithm ring --benchmark_min_time=0.005 --csv -");
  ASSERT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(colossus::bench::csv_rows(o.out, "stdout").size(), 2u);
}

TEST_F(mpi, lists_once) {
  EXPECT_EQ(times(three("--list").out, "all_reduce ring\n"), 1u);
  EXPECT_EQ(times(three("-b 8 -e 8 --benchmark_list_tests --algorithm ring").out, "all_reduce/ring/"), 2u);
}

TEST_F(mpi, pairs_are_measured_and_written_by_one_rank) {
  const folder here;
  for (const auto& [flag, pairs] : {std::pair{"--pairs", 3u}, {"--pairs=quick", 1u}}) {
    const std::string csv = here / (std::to_string(pairs) + ".csv");
    const outcome o = three("send_recv " + std::string{flag} + " -b 4K -e 4K -n 3 --csv " + csv);
    ASSERT_EQ(o.status, 0) << o.err;
    EXPECT_EQ(times(o.out, "# colossus 0."), 1u);
    EXPECT_EQ(colossus::bench::read_pairs(colossus::bench::pairs_path(csv)).size(), pairs);
    EXPECT_EQ(colossus::bench::read_rows(csv).size(), 2 * pairs);
  }
}

TEST_F(mpi, what_is_wrong_is_said_by_one_rank) {
  const folder here;
  std::ofstream{here / "there.csv"} << "mine\n";
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"--algorithm rings", "unknown algorithm 'rings'"},
      {"-b 99999999999G", "-b: expected a size below 8 EiB"},
      {"--ranks 4", "a process is one rank: use mpirun -np N"},
      {"-b 8 -e 8 --csv " + here / "there.csv", "is there already: add to it with --append"},
  };
  for (const auto& [arguments, text] : wrong) {
    const outcome o = three(arguments);
    EXPECT_EQ(o.status, 2) << arguments << o.err;
    EXPECT_EQ(times(o.err, "colossus-mpi: "), 1u) << o.err;
    EXPECT_NE(o.err.find(text), std::string::npos) << o.err;
  }
}

}  // namespace
}  // namespace commands
