// SPDX-License-Identifier: Apache-2.0
// The fake CUDA runtime: correct programs are silent, each misuse is named, over several seeds. A program is run by
// itself: a finding ends it.
#include "commands/command.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace {

constexpr int finding = 97;

commands::outcome run(const std::string& program, int seed, const std::string& variables = {}) {
  return commands::shell(
      "env FAKE_GPU=1 FAKE_GPU_QUIET=1 FAKE_GPU_KERNEL_MS=300 FAKE_GPU_SEED=" + std::to_string(seed) +
      " LD_BIND_NOW=1 LD_LIBRARY_PATH=" FAKE_GPU_FOLDER " " + variables + " " FAKE_GPU_PROGRAM " " + program);
}

struct misuse {
  const char* program;
  const char* said;
};

void PrintTo(const misuse& one, std::ostream* out) { *out << one.program; }

class each_misuse : public testing::TestWithParam<misuse> {};

TEST_P(each_misuse, is_named_in_one_line) {
  for (int seed = 1; seed <= 3; ++seed) {
    const commands::outcome o = run(GetParam().program, seed);
    EXPECT_EQ(o.status, finding) << "seed " << seed << ": " << o.out << o.err;
    EXPECT_TRUE(o.err.starts_with("fake-gpu: process 0: ")) << o.err;
    EXPECT_NE(o.err.find(GetParam().said), std::string::npos) << "seed " << seed << ": " << o.err;
  }
}

INSTANTIATE_TEST_SUITE_P(
    streams, each_misuse,
    testing::Values(misuse{"missing_event", "misuse::put<0>(int*, int, int)' on stream 0 of device 0 writes"},
                    misuse{"missing_event", "misuse::add_to<0>(int*, int const*, int)' on stream 1 of device 0 reads"},
                    misuse{"missing_event", "race on bytes [0, 4000) of allocation #0"},
                    misuse{"copy_before_its_source", "copy of 4000 bytes"},
                    misuse{"default_stream_of_nonblocking", "no event or synchronisation orders them"},
                    misuse{"unrecorded_event", "never recorded"},
                    misuse{"missing_event_in_graph", "on graph 0, branch 1 reads"},
                    misuse{"unjoined_capture", "not joined"},
                    misuse{"host_function_calls_runtime", "a host function of a stream calls"}));
INSTANTIATE_TEST_SUITE_P(captures, each_misuse,
                         testing::Values(misuse{"allocation_in_capture", "cudaMalloc during a stream capture"},
                                         misuse{"allocation_in_local_capture", "cudaMalloc during"},
                                         misuse{"allocation_of_another_thread", "cudaMalloc during"},
                                         misuse{"synchronisation_in_capture", "cudaStreamSynchronize during"},
                                         misuse{"device_synchronisation_in_capture", "cudaDeviceSynchronize during"},
                                         misuse{"query_in_capture", "cudaEventQuery during"}));
INSTANTIATE_TEST_SUITE_P(memory, each_misuse,
                         testing::Values(misuse{"freed_memory", "out of bounds: the allocation there is freed"},
                                         misuse{"freed_twice", "freed for the second time"},
                                         misuse{"kernel_out_of_bounds", "the access begins at 4000"},
                                         misuse{"copy_out_of_bounds", "bytes [4, 4004)"},
                                         misuse{"freed_workspace_of_graph", "uses freed allocation #0"},
                                         misuse{"before_stream_order", "'cudaMallocAsync' on stream 0 of device 0"},
                                         misuse{"destroyed_stream", "a stream is used that was destroyed"},
                                         misuse{"destroyed_event", "an event is used that was destroyed"}));
INSTANTIATE_TEST_SUITE_P(kernels, each_misuse,
                         testing::Values(misuse{"missing_barrier", "in another thread, and nothing orders them"},
                                         misuse{"never_ending_barrier", "it does not end within 300 ms"},
                                         misuse{"launch_on_another_device", "while device 1 is the current one"},
                                         misuse{"allocation_behind_gate", "cudaMalloc while 'misuse::wait_for_word"},
                                         misuse{"freeing_behind_gate", "cudaFree while 'misuse::wait_for_word"},
                                         misuse{"first_launch_behind_gate", "the first launch of 'misuse::put<7>"}));

class each_correct_program : public testing::TestWithParam<const char*> {};

TEST_P(each_correct_program, is_right_and_silent) {
  for (int seed = 1; seed <= 3; ++seed) {
    const commands::outcome o = run(GetParam(), seed);
    EXPECT_EQ(o.status, 0) << "seed " << seed << ": " << o.out << o.err;
    EXPECT_EQ(o.out + o.err, "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(programs, each_correct_program,
                         testing::Values("right_events", "right_copies", "right_default_stream", "query_orders",
                                         "right_graph", "right_allocation_of_another_thread",
                                         "right_allocation_in_relaxed_capture", "right_exchanged_mode",
                                         "right_stream_order", "right_barrier", "right_gate",
                                         "right_launch_behind_gate", "launch_too_large"));

TEST(fake_runtime, is_used_by_nobody_who_did_not_ask_for_it) {
  const commands::outcome o = run("right_events", 1, "FAKE_GPU=0");
  EXPECT_EQ(o.status, finding);
  EXPECT_NE(o.err.find("without FAKE_GPU=1"), std::string::npos) << o.err;
}

TEST(fake_runtime, plays_a_machine_without_driver_with_an_old_one_or_without_device) {
  EXPECT_NE(run("right_events", 1, "FAKE_GPU_DRIVER=0").out.find("cudaErrorInsufficientDriver"), std::string::npos);
  EXPECT_NE(run("right_events", 1, "FAKE_GPU_DRIVER=11080").out.find("cudaErrorInsufficientDriver"), std::string::npos);
  EXPECT_NE(run("right_events", 1, "FAKE_GPU_DEVICES=0").out.find("cudaErrorNoDevice"), std::string::npos);
  EXPECT_EQ(run("right_events", 1, "FAKE_GPU_DRIVER=99000").status, 0);
}

TEST(fake_runtime, runs_out_of_memory) {
  EXPECT_NE(run("right_events", 1, "FAKE_GPU_MEMORY_MB=0").out.find("cudaErrorMemoryAllocation"), std::string::npos);
}

TEST(fake_runtime, can_leave_the_exit_status_alone) {
  const commands::outcome o = run("unrecorded_event", 1, "FAKE_GPU_TOLERANT=1");
  EXPECT_EQ(o.status, 0);
  EXPECT_NE(o.err.find("never recorded"), std::string::npos);
}

}  // namespace
