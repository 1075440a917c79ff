// SPDX-License-Identifier: Apache-2.0
// The fake NCCL itself: its collectives' data, and what it refuses as the real one does.
#include "nccl_devices.hpp"

#include <colossus/bench/check_data.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace colossus;
using fake_nccl_test::devices;

constexpr ncclDataType_t nccl_types[] = {ncclInt8,   ncclUint8,   ncclInt32,   ncclUint32,  ncclInt64,
                                         ncclUint64, ncclFloat16, ncclFloat32, ncclFloat64, ncclBfloat16};
constexpr std::pair<std::string_view, ncclRedOp_t> nccl_reductions[] = {
    {"sum", ncclSum}, {"prod", ncclProd}, {"min", ncclMin}, {"max", ncclMax}};

void call_collective(std::string_view name, devices& on, int r, std::size_t count, ncclDataType_t type,
                     ncclRedOp_t op) {
  const auto in = on.in[r];
  const auto out = on.out[r];
  const auto comm = on.comms[r];
  const auto stream = on.streams[r];
  const int root = on.size() - 1;
  ncclResult_t result = ncclInternalError;
  if (name == "all_reduce") result = ncclAllReduce(in, out, count, type, op, comm, stream);
  if (name == "reduce_scatter") result = ncclReduceScatter(in, out, count, type, op, comm, stream);
  if (name == "all_gather") result = ncclAllGather(in, out, count, type, comm, stream);
  if (name == "reduce") result = ncclReduce(in, out, count, type, op, root, comm, stream);
  if (name == "broadcast") result = ncclBroadcast(in, out, count, type, root, comm, stream);
  if (name == "all_to_all") result = ncclAlltoAll(in, out, count, type, comm, stream);
  EXPECT_EQ(result, ncclSuccess) << name;
}

template <class T, class Op>
void expect_right(const bench::data_layout& layout, devices& on, std::int64_t count, ncclDataType_t type,
                  ncclRedOp_t op) {
  const int size = on.size();
  for (int r = 0; r < size; ++r) {
    std::vector<T> put(static_cast<std::size_t>(layout.in_elements(count, size)));
    bench::known_data<T, Op>::fill(r, put);
    ASSERT_EQ(cudaMemcpy(on.in[r], put.data(), put.size() * sizeof(T), cudaMemcpyHostToDevice), cudaSuccess);
  }
  on.grouped([&](int r) { call_collective(layout.collective, on, r, static_cast<std::size_t>(count), type, op); });
  on.wait();
  const bench::known_data<T, Op> known{layout, size, count, size - 1};
  for (int r = 0; r < size; ++r) {
    std::vector<T> got(static_cast<std::size_t>(layout.out_elements(count, size)));
    ASSERT_EQ(cudaMemcpy(got.data(), on.out[r], got.size() * sizeof(T), cudaMemcpyDeviceToHost), cudaSuccess);
    EXPECT_EQ(known.check(r, got).first, "");
  }
}

TEST(fake_nccl, collectives_of_every_type_and_reduction_give_the_right_data) {
  for (const int size : {1, 2, 5}) {
    devices on{size};
    for (const bench::data_layout& layout : bench::data_layouts) {
      if (layout.collective == "send_recv") continue;
      const ncclDataType_t* type = nccl_types;
      for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) {
        for (const auto& [name, op] : nccl_reductions)
          if (layout.reduces || op == ncclSum)
            with_reduce_op(name, [&, op = op]<class Op>(std::type_identity<Op>) {
              expect_right<T, Op>(layout, on, 77, *type, op);
            });
        ++type;
      });
    }
  }
}

TEST(fake_nccl, the_average_is_the_sum_over_the_ranks) {
  devices on{4};
  for (int r = 0; r < 4; ++r) {
    const float value = static_cast<float>(r);
    cudaMemcpy(on.in[r], &value, sizeof value, cudaMemcpyHostToDevice);
  }
  on.grouped([&](int r) { ncclAllReduce(on.in[r], on.out[r], 1, ncclFloat, ncclAvg, on.comms[r], on.streams[r]); });
  on.wait();
  float got = 0;
  cudaMemcpy(&got, on.out[2], sizeof got, cudaMemcpyDeviceToHost);
  EXPECT_EQ(got, 1.5f);
}

TEST(fake_nccl, one_communicator_on_two_streams_of_a_group_is_ordered_on_both) {
  devices on{2};
  cudaStream_t second[2];
  for (int r = 0; r < 2; ++r) {
    cudaSetDevice(r);
    cudaStreamCreateWithFlags(&second[r], cudaStreamNonBlocking);
    cudaMemsetAsync(on.in[r], 40 + r, 64, second[r]);
  }
  on.grouped([&](int r) {
    on.send(r, 1 - r, 32);
    ncclRecv(on.out[r], 32, ncclChar, 1 - r, on.comms[r], second[r]);
  });
  on.wait();
  for (int r = 0; r < 2; ++r) {
    char got = 0;
    cudaMemcpy(&got, on.out[r], 1, cudaMemcpyDeviceToHost);
    EXPECT_EQ(got, 41 - r);
    cudaStreamDestroy(second[r]);
  }
}

TEST(fake_nccl, one_device_for_two_ranks_of_a_process_is_refused) {
  ncclComm_t comms[2];
  const int both[] = {1, 1};
  EXPECT_EQ(ncclCommInitAll(comms, 2, both), ncclInvalidUsage);
  EXPECT_NE(std::string{ncclGetLastError(nullptr)}.find("Duplicate GPU detected"), std::string::npos);
}

/// A communicator that does not block, of which only one rank comes.
ncclComm_t lonely(int size) {
  ncclUniqueId id;
  ncclGetUniqueId(&id);
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  ncclComm_t comm = nullptr;
  EXPECT_EQ(ncclCommInitRankConfig(&comm, size, id, 0, &config), ncclInProgress);
  return comm;
}

ncclResult_t state_of(ncclComm_t comm) {
  ncclResult_t state{};
  EXPECT_EQ(ncclCommGetAsyncError(comm, &state), ncclSuccess);
  return state;
}

TEST(fake_nccl, a_communicator_without_blocking_is_in_progress_until_all_have_come_and_can_be_aborted) {
  const ncclComm_t comm = lonely(2);
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  EXPECT_EQ(state_of(comm), ncclInProgress);
  int count = 0;
  EXPECT_EQ(ncclCommCount(comm, &count), ncclInvalidArgument);
  EXPECT_EQ(ncclCommAbort(comm), ncclSuccess);
}

TEST(fake_nccl, aborting_one_of_several_that_are_made_together_ends_all) {
  ncclUniqueId id;
  ncclGetUniqueId(&id);
  ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
  config.blocking = 0;
  ncclComm_t comms[2] = {};
  ncclGroupStart();
  for (int r = 0; r < 2; ++r) {
    cudaSetDevice(r);
    EXPECT_EQ(ncclCommInitRankConfig(&comms[r], 3, id, r, &config), ncclSuccess);
  }
  EXPECT_EQ(ncclGroupEnd(), ncclInProgress);
  EXPECT_EQ(ncclCommAbort(comms[0]), ncclSuccess);
  EXPECT_NE(state_of(comms[1]), ncclSuccess);
  EXPECT_EQ(ncclCommAbort(comms[1]), ncclSuccess);
}

TEST(fake_nccl, a_world_that_never_forms_is_an_error_after_a_while) {
  setenv("FAKE_GPU_DEADLOCK_MS", "50", 1);  // a tenth of the time that a communicator may take
  ncclUniqueId id;
  ncclGetUniqueId(&id);
  ncclComm_t comm = nullptr;
  EXPECT_EQ(ncclCommInitRank(&comm, 2, id, 0), ncclSystemError);
  EXPECT_NE(std::string{ncclGetLastError(comm)}.find("1 of 2 ranks have come; missing: 1"), std::string::npos);
  unsetenv("FAKE_GPU_DEADLOCK_MS");
}

TEST(fake_nccl, a_group_without_blocking_reaches_the_stream_later) {
  const ncclComm_t comm = lonely(1);
  while (state_of(comm) == ncclInProgress) std::this_thread::yield();
  void* memory = nullptr;
  cudaMalloc(&memory, 8);
  EXPECT_EQ(ncclAllReduce(memory, memory, 1, ncclDouble, ncclSum, comm, nullptr), ncclInProgress);
  while (state_of(comm) == ncclInProgress) std::this_thread::yield();
  EXPECT_EQ(state_of(comm), ncclSuccess);
  cudaDeviceSynchronize();
  EXPECT_EQ(ncclCommDestroy(comm), ncclSuccess);
}

TEST(fake_nccl, abort_ends_a_group_that_waits) {
  devices on{2};
  cudaSetDevice(0);
  ncclGroupStart();
  on.send(0, 1);
  on.receive(1, 0);
  ncclGroupEnd();
  on.wait();
  on.send(0, 1);
  EXPECT_EQ(ncclCommAbort(on.comms[0]), ncclSuccess);
  EXPECT_EQ(cudaStreamSynchronize(on.streams[0]), cudaSuccess);
  EXPECT_EQ(ncclCommDestroy(on.comms[1]), ncclSuccess);
  std::fill(on.comms.begin(), on.comms.end(), nullptr);
}

TEST(fake_nccl, windows_are_for_aligned_memory_of_nccl) {
  devices on{2};
  std::vector<void*> memory(2);
  std::vector<ncclWindow_t> windows(2);
  for (int r = 0; r < 2; ++r) {
    cudaSetDevice(r);
    EXPECT_EQ(ncclMemAlloc(&memory[r], 1000), ncclSuccess);
    EXPECT_EQ(ncclCommWindowRegister(on.comms[r], on.in[r], 64, &windows[r], 0), ncclInvalidArgument);
  }
  on.grouped([&](int r) {
    EXPECT_EQ(ncclCommWindowRegister(on.comms[r], memory[r], 1000, &windows[r], NCCL_WIN_COLL_SYMMETRIC), ncclSuccess);
  });
  for (int r = 0; r < 2; ++r) {
    EXPECT_EQ(ncclCommWindowDeregister(on.comms[r], windows[r]), ncclSuccess);
    EXPECT_EQ(ncclMemFree(memory[r]), ncclSuccess);
  }
}

}  // namespace
