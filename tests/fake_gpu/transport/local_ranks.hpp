// SPDX-License-Identifier: Apache-2.0
// The ranks of this process, each on a device of its own, and memory on them.
#pragma once

#include <colossus/transports/nccl_enqueue.hpp>

#include <chrono>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <vector>

namespace transport_test {

using namespace colossus;

inline constexpr std::chrono::milliseconds deadline{20'000};

inline void expect_cuda(cudaError_t result, const char* what) {
  if (result != cudaSuccess) throw std::runtime_error{std::string{what} + ": " + cudaGetErrorName(result)};
}

/// Memory on a device, of exactly so many bytes: the fake device notices one byte more.
class device_memory {
 public:
  device_memory(int device, std::size_t bytes) : bytes_{bytes} {
    const colossus::detail::on_device here{device};
    if (bytes > 0) expect_cuda(cudaMalloc(&at_, bytes), "cudaMalloc");
  }
  device_memory(device_memory&& from) noexcept : at_{std::exchange(from.at_, nullptr)}, bytes_{from.bytes_} {}
  ~device_memory() {
    if (at_ != nullptr) cudaFree(at_);
  }
  std::byte* data() const { return static_cast<std::byte*>(at_); }
  std::size_t size() const { return bytes_; }
  void poison(int with, cudaStream_t stream) const {
    if (bytes_ > 0) expect_cuda(cudaMemsetAsync(at_, with, bytes_, stream), "cudaMemsetAsync");
  }

 private:
  void* at_ = nullptr;
  std::size_t bytes_;
};

/// In the order of a stream.
inline std::vector<std::byte> read(const std::byte* at, std::size_t bytes, cudaStream_t stream) {
  std::vector<std::byte> copy(bytes);
  if (bytes > 0)
    expect_cuda(cudaMemcpyAsync(copy.data(), at, bytes, cudaMemcpyDeviceToHost, stream), "cudaMemcpyAsync");
  expect_cuda(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  return copy;
}

inline void write(std::byte* at, std::span<const std::byte> bytes, cudaStream_t stream) {
  if (bytes.empty()) return;
  expect_cuda(cudaMemcpyAsync(at, bytes.data(), bytes.size(), cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync");
}

/// Communicators of consecutive ranks, one a device, with a stream each.
class local_ranks {
 public:
  /// A world of this process alone, whose communicators are the caller's of the transport.
  explicit local_ranks(int size, bool blocking = true) : borrowed_(static_cast<std::size_t>(size)) {
    if (!blocking) make_without_blocking();
    else if (ncclCommInitAll(borrowed_.data(), size, nullptr) != ncclSuccess)
      throw std::runtime_error{"ncclCommInitAll"};
    for (const ncclComm_t comm : borrowed_) comms_.emplace_back(comm);
    make_streams();
  }
  /// So many ranks from `first` on in a larger world: the transport makes their communicators.
  local_ranks(const ncclUniqueId& id, int size, int first, int here, int first_device = 0) {
    std::vector<int> devices(static_cast<std::size_t>(here));
    std::iota(devices.begin(), devices.end(), first_device);
    comms_ = transports::nccl::ranks_of_process(id, size, first, devices, deadline);
    make_streams();
  }
  local_ranks(const local_ranks&) = delete;
  local_ranks& operator=(const local_ranks&) = delete;
  ~local_ranks() {
    streams_.clear();
    comms_.clear();
    for (const ncclComm_t comm : borrowed_) ncclCommDestroy(comm);
  }

  std::size_t here() const { return comms_.size(); }
  rank_t size() const { return comms_.front().size(); }
  transports::nccl& comm(std::size_t i) { return comms_[i]; }
  cudaStream_t stream(std::size_t i) const { return streams_[i].get(); }
  ncclComm_t borrowed(std::size_t i) const { return borrowed_[i]; }

  /// Waits for what is enqueued, and says what went wrong in the meantime.
  void wait() {
    for (std::size_t i = 0; i < here(); ++i) {
      expect_cuda(cudaStreamSynchronize(stream(i)), "cudaStreamSynchronize");
      comms_[i].rethrow_async_error();
    }
  }

 private:
  void make_without_blocking() {
    ncclUniqueId id;
    ncclGetUniqueId(&id);
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    const int size = static_cast<int>(borrowed_.size());
    ncclGroupStart();
    for (int r = 0; r < size; ++r) {
      expect_cuda(cudaSetDevice(r), "cudaSetDevice");
      ncclCommInitRankConfig(&borrowed_[static_cast<std::size_t>(r)], size, id, r, &config);
    }
    ncclGroupEnd();
    transports::nccl::settle(borrowed_, deadline, "form a communicator");
  }
  void make_streams() {
    for (const transports::nccl& comm : comms_) {
      const colossus::detail::on_device current{comm.device()};
      streams_.push_back(colossus::detail::make_stream());
    }
  }
  std::vector<ncclComm_t> borrowed_;
  std::vector<transports::nccl> comms_;
  std::vector<colossus::detail::cuda_stream> streams_;
};

}  // namespace transport_test
