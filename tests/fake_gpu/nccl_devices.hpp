// SPDX-License-Identifier: Apache-2.0
// What the tests of the fake NCCL run on.
#pragma once

#include <cuda_runtime_api.h>
#include <gtest/gtest.h>
#include <nccl.h>

#include <functional>
#include <vector>

namespace fake_nccl_test {

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

}  // namespace fake_nccl_test
