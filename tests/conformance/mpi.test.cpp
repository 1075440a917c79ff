// SPDX-License-Identifier: Apache-2.0
// Every algorithm of every list gives the right data on MPI. All processes run all tests; rank 0 prints.

#include <colossus/bench/conformance.hpp>
#include <colossus/transports/mpi.hpp>

#include "mpi_test_main.hpp"

#include <gtest/gtest.h>

#include <iostream>

namespace {

using namespace colossus;
using namespace std::chrono_literals;

/// Nothing goes wrong on any rank, and every rank says so.
void expect_conformance(transports::mpi& comm, const bench::conformance_cases& cases) {
  const auto found = bench::conformance<algorithms::all>(comm, cases);
  for (const std::string& line : found.failures) std::cerr << line << '\n';
  const int wrong = static_cast<int>(found.failures.size());
  int all = 0;
  MPI_Allreduce(&wrong, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
  EXPECT_EQ(all, 0);
  EXPECT_GT(found.calls, 100);
}

TEST(mpi, awkward_sizes_and_shapes) {
  transports::mpi comm{MPI_COMM_WORLD};
  const bench::conformance_cases cases{.counts = bench::awkward_counts(comm.size()),
                                       .options = bench::awkward_options()};
  expect_conformance(comm, cases);
}

TEST(mpi, every_type_and_reduction) {
  transports::mpi comm{MPI_COMM_WORLD};
  expect_conformance(comm, bench::every_type_and_reduction(259));
}

TEST(mpi, large) {
  transports::mpi comm{MPI_COMM_WORLD};
  const bench::conformance_cases cases{
      .types = {"float", "int64"}, .counts = {100'003}, .options = {{}, {.nodes = 2, .lanes = 2}}};
  expect_conformance(comm, cases);
}

TEST(mpi, messages_above_the_largest_count_go_as_one) {
  transports::mpi comm{MPI_COMM_WORLD, {.largest_count = 100}};
  expect_conformance(comm, {.counts = {25, 26, 1009}});
}

/// What a call throws.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const error& thrown) {
    EXPECT_EQ(thrown.kind(), failure::broke);
    return thrown.what();
  }
  return "";
}

TEST(mpi, a_wait_ends_at_the_deadline_and_names_rank_peer_and_round) {
  transports::mpi comm{MPI_COMM_WORLD, {.deadline = 200ms}};
  if (comm.size() == 1) GTEST_SKIP() << "one process has nobody to wait for";
  std::vector<float> data(100);
  if (comm.rank() != 1) {
    const std::string what = error_of([&] { all_reduce<algorithms::ring>(comm, data, data); });
    const std::string before = std::to_string((comm.rank() + comm.size() - 1) % comm.size());
    EXPECT_NE(what.find("rank " + std::to_string(comm.rank()) + " waited 200 ms for rank " + before + " to send"),
              what.npos)
        << what;
    EXPECT_NE(what.find(" in round "), what.npos) << what;
    EXPECT_NE(error_of([&] { all_reduce(comm, data, data); }).find("cannot go on after an error"), what.npos);
  }
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST(mpi, different_counts_are_an_error_and_no_wrong_data) {
  transports::mpi comm{MPI_COMM_WORLD};
  if (comm.size() == 1) GTEST_SKIP() << "one process agrees with itself";
  std::vector<float> data(static_cast<std::size_t>(100 * (comm.rank() + 1)));
  const std::string what = error_of([&] { all_reduce<algorithms::ring>(comm, data, data); });
  EXPECT_NE(what.find("all ranks must call the same collective"), what.npos) << what;
  MPI_Barrier(MPI_COMM_WORLD);
}

TEST(mpi, hosts_are_nodes) {
  transports::mpi comm{MPI_COMM_WORLD};
  MPI_Comm here{};
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
  int ranks_here = 0;
  MPI_Comm_size(here, &ranks_here);
  MPI_Comm_free(&here);
  if (ranks_here != comm.size()) GTEST_SKIP() << "needs all processes on one host";
  EXPECT_EQ(comm.nodes(), 1);
}

}  // namespace
