// SPDX-License-Identifier: Apache-2.0
// Every algorithm of every list gives the right data on threads, for every number of ranks up to 16.

#include <colossus/bench/conformance.hpp>
#include <colossus/transports/threads.hpp>

#include <gtest/gtest.h>

#include <mutex>

namespace {

using namespace colossus;

/// What went wrong on any rank.
std::vector<std::string> on_threads(rank_t ranks, const bench::conformance_cases& cases) {
  transports::threads::world world{ranks};
  std::mutex mutex;
  std::vector<std::string> all;
  transports::on_every_rank(world, [&](transports::threads& comm) {
    const auto here = bench::conformance<algorithms::all>(comm, cases);
    const std::lock_guard lock{mutex};
    all.insert(all.end(), here.begin(), here.end());
  });
  return all;
}

const std::vector<std::string> none;

class threads : public testing::TestWithParam<rank_t> {};
INSTANTIATE_TEST_SUITE_P(ranks, threads, testing::Range(1, 17), testing::PrintToStringParamName());

TEST_P(threads, awkward_sizes_and_shapes) {
  EXPECT_EQ(on_threads(GetParam(), {.counts = bench::awkward_counts(GetParam()), .options = bench::awkward_options()}),
            none);
}

class threads_types : public testing::TestWithParam<rank_t> {};
INSTANTIATE_TEST_SUITE_P(ranks, threads_types, testing::Values(1, 2, 5, 8), testing::PrintToStringParamName());

TEST_P(threads_types, every_type_and_reduction) {
  bench::conformance_cases cases{.types = {}, .reductions = {}, .counts = {GetParam() + 1, 259}};
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) { cases.types.push_back(data_type<T>::name); });
  for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) { cases.reductions.push_back(Op::name); });
  EXPECT_EQ(on_threads(GetParam(), cases), none);
}

class threads_large : public testing::TestWithParam<rank_t> {};
INSTANTIATE_TEST_SUITE_P(ranks, threads_large, testing::Values(1, 2, 3, 8, 16), testing::PrintToStringParamName());

TEST_P(threads_large, more_than_fits_a_chunk) {
  const std::int64_t count = GetParam() < 4 ? 100'003 : 20'011;
  EXPECT_EQ(on_threads(GetParam(),
                       {.types = {"float", "int64"}, .counts = {count}, .options = {{}, {.nodes = 2, .lanes = 2}}}),
            none);
}

}  // namespace
