// SPDX-License-Identifier: Apache-2.0
// The findings of the fake NCCL: each ends a process of its own with status 97 and names what is wrong.
#include "nccl_devices.hpp"

#include <cstdlib>
#include <string>

namespace {

using fake_nccl_test::devices;

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
