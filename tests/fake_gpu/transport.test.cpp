// SPDX-License-Identifier: Apache-2.0
// The transport over NCCL on 2 to 8 ranks, as devices of one process and as processes: on the fakes, where there is no
// GPU, or on real ones. The fakes end the process with status 97 where something is out of order.
#include "transport/processes.hpp"
#include "transport/trial.hpp"

#include <colossus/bench/conformance.hpp>

#include <gtest/gtest.h>

#if __has_include(<colossus/bench/gpu_kernels.hpp>) && defined(COLOSSUS_TEST_KERNELS)
#include <colossus/bench/gpu_kernels.hpp>
#endif

namespace transport_test {
namespace {

int visible_devices() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

#define EXPECT_DEVICES(n) \
  if (visible_devices() < (n)) GTEST_SKIP() << "needs " << (n) << " GPUs, finds " << visible_devices()

/// Host code on the fakes is fast; kernels are nvcc's.
data_kind kernels_for(std::string_view type, std::string_view reduction, [[maybe_unused]] bool compiled) {
  data_kind kind = kind_of(type, reduction);
#ifdef COLOSSUS_TEST_KERNELS
  if (compiled || !on_fakes()) kind.combine = bench::kernels_of(type, reduction).combine;
#endif
  return kind;
}

const std::vector<tested_algorithm>& every_algorithm() {
  static const auto all = tested_in<algorithms::all>();
  return all;
}

void expect_right(local_ranks& ranks, const tested_algorithm& algorithm, const trial_case& what) {
  const auto one = trial_of(ranks, algorithm, what);
  if (one == nullptr) return;
  SCOPED_TRACE(describe(algorithm, what, ranks.size()));
  one->connect();
  one->fill();
  one->enqueue();
  ranks.wait();
  EXPECT_EQ(one->wrong(), "");
}

void expect_right_replays(local_ranks& ranks, const tested_algorithm& algorithm, const trial_case& what) {
  const auto one = trial_of(ranks, algorithm, what);
  if (one == nullptr) return;
  SCOPED_TRACE(describe(algorithm, what, ranks.size()));
  one->connect();
  const auto graphs = one->capture();
  for (const bool known : {true, false, true}) {
    known ? one->fill() : one->zero();
    one->replay(graphs);
    if (known) EXPECT_EQ(one->wrong(), "");
    else EXPECT_TRUE(one->is_zero());
  }
  for (const cudaGraphExec_t graph : graphs) cudaGraphExecDestroy(graph);
}

class transport : public testing::TestWithParam<int> {};

TEST_P(transport, every_algorithm_gives_the_right_data) {
  EXPECT_DEVICES(GetParam());
  local_ranks ranks{GetParam()};
  const std::vector<std::int64_t> counts =
      GetParam() <= 5 ? bench::awkward_counts(GetParam()) : std::vector<std::int64_t>{1009};
  for_each_case(every_algorithm(), GetParam(), counts, awkward_plans(), kernels_for("float", "sum", false),
                [&](const auto& algorithm, const auto& what) { expect_right(ranks, algorithm, what); });
}

TEST_P(transport, every_algorithm_can_be_captured_and_replayed_with_other_data) {
  EXPECT_DEVICES(GetParam());
  local_ranks ranks{GetParam()};
  for_each_case(every_algorithm(), GetParam(), {1009}, {awkward_plans().back()},
                kernels_for("int32", "sum", GetParam() == 2),
                [&](const auto& algorithm, const auto& what) { expect_right_replays(ranks, algorithm, what); });
}

INSTANTIATE_TEST_SUITE_P(ranks, transport, testing::Range(2, 9), testing::PrintToStringParamName{});

TEST(transport, every_type_and_reduction) {
  EXPECT_DEVICES(3);
  local_ranks ranks{3};
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) {
    for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) {
      const auto kind = kernels_for(data_type<T>::name, Op::name, false);
      for_each_case(tested_in<type_list<algorithms::ring, algorithms::direct_reduce>>(), 3, {100}, {{}}, kind,
                    [&](const auto& algorithm, const auto& what) { expect_right(ranks, algorithm, what); });
    });
  });
}

TEST(transport, the_compiled_kernel_serves_every_type_and_reduction) {
#ifdef COLOSSUS_TEST_KERNELS
  EXPECT_DEVICES(2);
  local_ranks ranks{2};
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) {
    for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) {
      const auto kind = kernels_for(data_type<T>::name, Op::name, true);
      for_each_case(tested_in<type_list<algorithms::direct>>(), 2, {37}, {{}}, kind,
                    [&](const auto& algorithm, const auto& what) { expect_right(ranks, algorithm, what); });
    });
  });
#else
  GTEST_SKIP() << "built without kernels";
#endif
}

TEST(transport, many_operations_in_a_row_share_events_and_workspace) {
  EXPECT_DEVICES(4);
  local_ranks ranks{4};
  const data_kind kind = kernels_for("float", "sum", false);
  const bench::data_layout& layout = bench::layout_of("all_reduce");
  trial one{ranks, tested<algorithms::ring>(), {&layout, 1009, kind, {.slices = 2}, false}};
  one.connect();
  one.fill();
  for (int i = 0; i < 10; ++i) one.enqueue();
  ranks.wait();
  EXPECT_EQ(one.wrong(), "");
}

TEST(transport, a_borrowed_communicator_outlives_it) {
  EXPECT_DEVICES(2);
  local_ranks ranks{2};
  { transports::nccl short_lived{ranks.borrowed(0)}; }
  const device_memory memory[] = {{0, 64}, {1, 64}};
  ncclGroupStart();
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(
        ncclAllReduce(memory[i].data(), memory[i].data(), 16, ncclInt, ncclSum, ranks.borrowed(i), ranks.stream(i)),
        ncclSuccess);
  EXPECT_EQ(ncclGroupEnd(), ncclSuccess);
  ranks.wait();
}

TEST(transport, communicators_that_do_not_block_serve) {
  EXPECT_DEVICES(3);
  local_ranks ranks{3, false};
  for_each_case(every_algorithm(), 3, {1009}, {awkward_plans().back()}, kernels_for("float", "sum", false),
                [&](const auto& algorithm, const auto& what) { expect_right(ranks, algorithm, what); });
}

TEST(transport, launches_counts_the_groups_and_the_kernels) {
  EXPECT_DEVICES(3);
  const auto groups = reinterpret_cast<unsigned long (*)(ncclComm_t)>(::dlsym(RTLD_DEFAULT, "fakenccl_groups"));
  if (groups == nullptr) GTEST_SKIP() << "only the fake NCCL counts its groups";
  static int kernels;
  data_kind kind = kind_of("float", "sum");
  static const transports::combiner combine = kind.combine;
  kind.combine = [](const transports::segment_batch& batch, std::uint64_t largest, cudaStream_t stream) {
    ++kernels;
    return combine(batch, largest, stream);
  };
  local_ranks ranks{3};
  for_each_case(every_algorithm(), 3, {1009}, awkward_plans(), kind, [&](const auto& algorithm, const auto& what) {
    const auto one = trial_of(ranks, algorithm, what);
    if (one == nullptr) return;
    one->connect();
    const unsigned long before = groups(ranks.borrowed(0)) + groups(ranks.borrowed(1)) + groups(ranks.borrowed(2));
    kernels = 0;
    one->enqueue();
    ranks.wait();
    const unsigned long after = groups(ranks.borrowed(0)) + groups(ranks.borrowed(1)) + groups(ranks.borrowed(2));
    const int counted = static_cast<int>(after - before) + kernels;
    const int said = one->plan(0).launches() + one->plan(1).launches() + one->plan(2).launches();
    if (what.in_place) EXPECT_LE(counted, said) << describe(algorithm, what, 3);  // copies onto itself are left out
    else EXPECT_EQ(counted, said) << describe(algorithm, what, 3);
  });
}

TEST(transport, a_world_that_does_not_form_ends_at_the_deadline) {
  EXPECT_DEVICES(1);
  ncclUniqueId id;
  ASSERT_EQ(ncclGetUniqueId(&id), ncclSuccess);
  const int device = 0;
  try {
    transports::nccl::ranks_of_process(id, 2, 0, {&device, 1}, std::chrono::milliseconds{200});
    FAIL() << "one rank of two is no world";
  } catch (const error& late) {
    EXPECT_EQ(late.kind(), failure::broke);
    EXPECT_NE(std::string_view{late.what()}.find("within 200 ms: a rank is missing"), std::string::npos) << late.what();
  }
}

TEST(transport, what_breaks_later_is_thrown_when_asked) {
  EXPECT_DEVICES(1);
  if (!on_fakes()) GTEST_SKIP() << "only the fake NCCL breaks when told to";
  local_ranks ranks{1};
  EXPECT_NO_THROW(ranks.comm(0).rethrow_async_error());
  setenv("FAKE_NCCL_ASYNC_ERROR", "0:0", 1);
  try {
    ranks.comm(0).rethrow_async_error();
    ADD_FAILURE() << "a lost peer is no error";
  } catch (const error& broken) {
    EXPECT_EQ(broken.kind(), failure::broke);
    EXPECT_NE(std::string_view{broken.what()}.find("remote process exited"), std::string::npos) << broken.what();
  }
  unsetenv("FAKE_NCCL_ASYNC_ERROR");
}

/// What ranks that do not share an enqueue do: every algorithm once on streams and once in graphs.
void expect_right_everywhere(local_ranks& ranks) {
  for_each_case(every_algorithm(), ranks.size(), {1009}, {awkward_plans().back()}, kernels_for("float", "sum", false),
                [&](const auto& algorithm, const auto& what) {
                  if (what.in_place) expect_right_replays(ranks, algorithm, what);
                  else expect_right(ranks, algorithm, what);
                });
}

TEST(transport, ranks_may_be_threads) {
  EXPECT_DEVICES(3);
  ncclUniqueId id;
  ASSERT_EQ(ncclGetUniqueId(&id), ncclSuccess);
  std::vector<std::jthread> threads;
  for (int rank = 0; rank < 3; ++rank)
    threads.emplace_back([&id, rank] {
      local_ranks ranks{id, 3, rank, 1, rank};
      expect_right_everywhere(ranks);
    });
}

struct formation {
  int processes, ranks_each;
};
class transport_in_processes : public testing::TestWithParam<formation> {};

TEST_P(transport_in_processes, gives_the_right_data_on_streams_and_in_graphs) {
  const auto [processes, each] = GetParam();
  EXPECT_DEVICES(on_fakes() ? each : processes * each);
  EXPECT_EQ(run_in_processes(processes, each), "");
}

INSTANTIATE_TEST_SUITE_P(formations, transport_in_processes,
                         testing::Values(formation{2, 1}, formation{3, 1}, formation{2, 2}, formation{4, 2}),
                         [](const auto& of) {
                           return std::to_string(of.param.processes) + "_processes_of_" +
                                  std::to_string(of.param.ranks_each) + "_ranks";
                         });

/// What each of those processes does.
int work_of_a_process(const process_place& place) try {
  local_ranks ranks{place.id, place.size(), place.first(), place.ranks_each};
  expect_right_everywhere(ranks);
  return testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed() ? 1 : 0;
} catch (const std::exception& wrong) {
  std::fprintf(stderr, "process %d: %s\n", place.index, wrong.what());
  return 1;
}

}  // namespace
}  // namespace transport_test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const auto place = transport_test::place_of_this_process()) return transport_test::work_of_a_process(*place);
  return RUN_ALL_TESTS();
}
