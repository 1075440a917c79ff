// SPDX-License-Identifier: Apache-2.0
// Every algorithm of every list gives the right data on threads, for every number of ranks up to 16.

#include <colossus/bench/conformance.hpp>
#include <colossus/transports/threads.hpp>

#include <gtest/gtest.h>

#include <mutex>

namespace {

using namespace colossus;

#ifdef __SANITIZE_THREAD__
constexpr rank_t most_ranks = 6;  // a sanitized rank is twenty times slower, and finds the same races
#else
constexpr rank_t most_ranks = 16;
#endif

/// Nothing goes wrong on any rank, and there was something to go wrong.
void expect_conformance(rank_t ranks, const bench::conformance_cases& cases) {
  transports::threads::world world{ranks};
  std::mutex mutex;
  transports::on_every_rank(world, [&](transports::threads& comm) {
    const auto found = bench::conformance<algorithms::all>(comm, cases);
    const std::lock_guard lock{mutex};
    EXPECT_EQ(found.failures, std::vector<std::string>{});
    EXPECT_GT(found.calls, 200);
  });
}

class threads : public testing::TestWithParam<rank_t> {};
INSTANTIATE_TEST_SUITE_P(ranks, threads, testing::Range(1, most_ranks + 1), testing::PrintToStringParamName());

TEST_P(threads, awkward_sizes_and_shapes) {
  expect_conformance(GetParam(), {.counts = bench::awkward_counts(GetParam()), .options = bench::awkward_options()});
}

class threads_types : public testing::TestWithParam<rank_t> {};
INSTANTIATE_TEST_SUITE_P(ranks, threads_types, testing::Values(1, 2, 5), testing::PrintToStringParamName());

TEST_P(threads_types, every_type_and_reduction) {
  expect_conformance(GetParam(), bench::every_type_and_reduction(259));
}

class threads_large : public testing::TestWithParam<rank_t> {};
INSTANTIATE_TEST_SUITE_P(ranks, threads_large, testing::Values(1, 2, 3, most_ranks), testing::PrintToStringParamName());

TEST_P(threads_large, more_than_fits_a_chunk) {
  const std::int64_t count = GetParam() < 4 ? 100'003 : 10'007;
  expect_conformance(GetParam(),
                     {.types = {"float", "int64"}, .counts = {count}, .options = {{}, {.nodes = 2, .lanes = 2}}});
}

}  // namespace
