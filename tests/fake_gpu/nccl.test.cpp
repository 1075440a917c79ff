// SPDX-License-Identifier: Apache-2.0
// The fake NCCL itself: its collectives' data, what it refuses as the real one does, and the findings it names.
#include <colossus/bench/check_data.hpp>

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>
#include <nccl.h>

#include <chrono>
#include <functional>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace colossus;

/// Ranks that are devices of this thread, each with a stream, a buffer to read and one to write.
class devices {
 public:
  explicit devices(int size, std::size_t bytes = 1 << 16) : comms(size), streams(size), in(size), out(size) {
    EXPECT_EQ(ncclCommInitAll(comms.data(), size, nullptr), ncclSuccess);
    for (int r = 0; r < size; ++r) {
      cudaSetDevice(r);
      EXPECT_EQ(cudaStreamCreateWithFlags(&streams[r], cudaStreamNonBlocking), cudaSuccess);
      EXPECT_EQ(cudaMalloc(&in[r], bytes), cudaSuccess);
      EXPECT_EQ(cudaMalloc(&out[r], bytes), cudaSuccess);
    }
  }
  ~devices() {
    for (int r = 0; r < size(); ++r) {
      cudaSetDevice(r);
      cudaStreamSynchronize(streams[r]);
      ncclCommDestroy(comms[r]);
      cudaStreamDestroy(streams[r]);
      cudaFree(in[r]);
      cudaFree(out[r]);
    }
  }
  int size() const { return static_cast<int>(comms.size()); }
  void grouped(const std::function<void(int)>& call) {
    ncclGroupStart();
    for (int r = 0; r < size(); ++r) call(r);
    EXPECT_EQ(ncclGroupEnd(), ncclSuccess);
  }
  void send(int from, int to, std::size_t bytes = 64) {
    EXPECT_EQ(ncclSend(in[from], bytes, ncclChar, to, comms[from], streams[from]), ncclSuccess);
  }
  void receive(int at, int from, std::size_t bytes = 64) {
    EXPECT_EQ(ncclRecv(out[at], bytes, ncclChar, from, comms[at], streams[at]), ncclSuccess);
  }
  void wait() {
    for (int r = 0; r < size(); ++r) cudaStreamSynchronize(streams[r]);
  }

  std::vector<ncclComm_t> comms;
  std::vector<cudaStream_t> streams;
  std::vector<void*> in, out;
};

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

// --- findings: each ends a process of its own with status 97 and names what is wrong

struct mistake {
  const char* name;
  const char* finding;  // a regular expression that holds for its line
  void (*make)(devices&);
};

void connect(devices& on, int from, int to) {
  ncclGroupStart();
  on.send(from, to);
  on.receive(to, from);
  ncclGroupEnd();
  on.wait();
}

const mistake mistakes[] = {
    {"unmatched_receive", "deadlock in communicator .*rank 0 waits: .*recv 64 B from 1.*rank 1 is outside",
     [](devices& on) {
       connect(on, 1, 0);
       on.receive(0, 1);
     }},
    {"groups_in_opposite_order", "deadlock .*rank 0 waits.*rank 1 waits",
     [](devices& on) {
       connect(on, 0, 1);
       connect(on, 1, 0);
       on.receive(0, 1);
       on.receive(1, 0);
       on.send(0, 1);
       on.send(1, 0);
     }},
    {"sizes_differ", "mismatch .*rank 1 expects recv 64 B from 0.*but rank 0 sends 32 B",
     [](devices& on) {
       ncclGroupStart();
       on.send(0, 1, 32);
       on.receive(1, 0);
       ncclGroupEnd();
     }},
    {"types_differ", "mismatch .*ncclRecv of float.*sends 64 B .ncclSend/ncclRecv of int8",
     [](devices& on) {
       ncclGroupStart();
       on.send(0, 1);
       ncclRecv(on.out[1], 16, ncclFloat, 0, on.comms[1], on.streams[1]);
       ncclGroupEnd();
     }},
    {"collectives_differ", "mismatch .*(ncclAllReduce, count 4, float, sum|ncclBroadcast, count 4)",
     [](devices& on) {
       on.grouped([&](int r) { ncclAllReduce(on.in[r], on.out[r], 4, ncclInt, ncclSum, on.comms[r], on.streams[r]); });
       ncclGroupStart();
       ncclAllReduce(on.in[0], on.out[0], 4, ncclFloat, ncclSum, on.comms[0], on.streams[0]);
       ncclBroadcast(on.in[1], on.out[1], 4, ncclFloat, 1, on.comms[1], on.streams[1]);
       ncclGroupEnd();
     }},
    {"group_never_ended",
     "cudaStreamSynchronize inside an open ncclGroupStart .ncclGroupEnd is missing.: rank 0 .send 64",
     [](devices& on) {
       ncclGroupStart();
       on.send(0, 1);
       on.wait();
     }},
    {"group_ended_twice", "ncclGroupEnd without ncclGroupStart", [](devices&) { ncclGroupEnd(); }},
    {"host_memory", "rank 0: ncclSend of memory that no cudaMalloc gave",
     [](devices& on) {
       static char here[64];
       ncclSend(here, 64, ncclChar, 1, on.comms[0], on.streams[0]);
     }},
    {"memory_of_another_device", "rank 0: ncclSend of memory of device 1, but its device is 0",
     [](devices& on) { ncclSend(on.in[1], 64, ncclChar, 1, on.comms[0], on.streams[0]); }},
    {"stream_of_another_device", "rank 0 on device 0 gets a stream of device 1",
     [](devices& on) { ncclSend(on.in[0], 64, ncclChar, 1, on.comms[0], on.streams[1]); }},
    {"received_over_what_is_sent", "rank 0: race within group .*share 32 bytes",
     [](devices& on) {
       ncclGroupStart();
       on.send(0, 1);
       ncclRecv(static_cast<char*>(on.in[0]) + 32, 64, ncclChar, 1, on.comms[0], on.streams[0]);
       ncclGroupEnd();
     }},
    {"no_order_between_streams", "race on b",
     [](devices& on) {
       cudaStream_t other = nullptr;
       cudaSetDevice(1);
       cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
       ncclGroupStart();
       on.send(0, 1);
       on.receive(1, 0);
       ncclGroupEnd();
       cudaMemsetAsync(on.out[1], 0, 64, other);
       on.wait();
       cudaStreamSynchronize(other);
     }},
    {"destroyed_communicator", "rank 0: ncclSend of a communicator that was destroyed",
     [](devices& on) {
       ncclCommDestroy(on.comms[0]);
       on.send(0, 1);
     }},
    {"first_message_in_a_capture", "connects rank . - rank . during capture: .* connect before the capture",
     [](devices& on) {
       for (const auto stream : on.streams) cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
       ncclGroupStart();
       on.send(0, 1);
       on.receive(1, 0);
       ncclGroupEnd();
     }},
    {"ranks_of_a_thread_connected_one_after_the_other", "deadlock .*the host of rank 0 waits to connect",
     [](devices& on) { on.send(0, 1); }},
    {"lost_rank", "deadlock .*rank 0 waits.*recv 64 B from 1",
     [](devices& on) {
       connect(on, 1, 0);
       setenv("FAKE_NCCL_LOST", "1:2", 1);
       connect(on, 1, 0);
     }},
    {"too_few_ranks", "rank 0 waits in ncclCommInitRank: 1 of 2 ranks have come; missing: 1",
     [](devices&) {
       ncclUniqueId id;
       ncclGetUniqueId(&id);
       ncclComm_t comm = nullptr;
       ncclCommInitRank(&comm, 2, id, 0);
     }},
};

class fake_nccl_finds : public testing::TestWithParam<mistake> {};

TEST_P(fake_nccl_finds, it) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  setenv("FAKE_GPU_DEADLOCK_MS", "200", 1);
  const auto make = [] {
    devices on{2};
    GetParam().make(on);
    on.wait();
    std::_Exit(0);
  };
  std::string expected = GetParam().finding;  // '.' of these expressions does not match a line's end
  for (std::size_t at = 0; (at = expected.find(".*", at)) != std::string::npos; at += 8)
    expected.replace(at, 2, "(.|\n)*");
  EXPECT_EXIT(make(), testing::ExitedWithCode(97), expected);
}

INSTANTIATE_TEST_SUITE_P(mistakes, fake_nccl_finds, testing::ValuesIn(mistakes),
                         [](const auto& one) { return std::string{one.param.name}; });

}  // namespace
