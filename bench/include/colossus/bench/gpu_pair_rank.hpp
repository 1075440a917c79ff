// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pair_data.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/detail/cuda_handles.hpp>
#include <colossus/detail/nccl_check.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace colossus::bench {

/// One rank of this process: what is lent to those who measure pairs.
struct pair_rank {
  ncclComm_t comm = nullptr;
  cudaStream_t stream = nullptr;
  int device = 0, rank = 0;
};

namespace detail {

/// Buffers and events of one rank while it meets the others.
class pair_player {
 public:
  pair_player(const pair_rank& lent, std::int64_t bytes)
      : lent_{lent}, words_(static_cast<std::size_t>((bytes + 7) / 8)) {
    select();
    colossus::detail::check_cuda(cudaMalloc(&out_, size()), "allocate what pairs exchange");
    colossus::detail::check_cuda(cudaMalloc(&in_, size()), "allocate what pairs exchange");
  }
  pair_player(pair_player&& other) noexcept
      : lent_{other.lent_},
        words_{std::move(other.words_)},
        out_{std::exchange(other.out_, nullptr)},
        in_{std::exchange(other.in_, nullptr)},
        marks_{std::move(other.marks_)} {}
  pair_player& operator=(pair_player&&) = delete;
  ~pair_player() {
    if (!out_) return;
    cudaSetDevice(lent_.device);
    cudaFree(out_);
    cudaFree(in_);
    for (const cudaEvent_t mark : marks_) cudaEventDestroy(mark);
  }

  /// Frees nothing: where a kernel of this process waits for a partner that does not answer, freeing may wait for it.
  void leave() { out_ = nullptr; }

  const pair_rank& lent() const { return lent_; }
  bool meets() const { return partner != lent_.rank && !stuck; }
  /// The lower rank of a pair serves.
  bool serves() const { return lent_.rank < partner; }

  /// Writes the message for the partner, and forgets what was received.
  void prepare() {
    select();
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] = pair_word(lent_.rank, partner, i);
    colossus::detail::check_cuda(cudaMemcpyAsync(out_, words_.data(), size(), cudaMemcpyHostToDevice, lent_.stream),
                                 "copy what pairs exchange");
    forget();
    colossus::detail::check_cuda(cudaStreamSynchronize(lent_.stream), "wait for a stream");
  }

  /// Forgets what was received, once all before it on the stream is done.
  void forget() {
    select();
    colossus::detail::check_cuda(cudaMemsetAsync(in_, 0xff, size(), lent_.stream), "clear what is received");
  }

  void send(std::int64_t bytes) {
    colossus::detail::check_nccl(
        ncclSend(out_, static_cast<std::size_t>(bytes), ncclUint8, partner, lent_.comm, lent_.stream), "send",
        lent_.comm);
  }
  void receive(std::int64_t bytes) {
    colossus::detail::check_nccl(
        ncclRecv(in_, static_cast<std::size_t>(bytes), ncclUint8, partner, lent_.comm, lent_.stream), "receive",
        lent_.comm);
  }

  void mark_begin() { mark(0); }
  void mark_next() { mark(last_ + 1); }

  /// Whether everything up to the last mark is done. Throws (broke) what CUDA or NCCL found.
  bool has_ended() {
    select();
    const auto status = cudaEventQuery(marks_[last_]);
    if (status != cudaErrorNotReady) colossus::detail::check_cuda(status, "go on with a pair");
    return is_ready() && status == cudaSuccess;
  }

  /// Whether the communicator has done what it was given on the host. Throws (broke) what NCCL found.
  bool is_ready() const {
    ncclResult_t found = ncclSuccess;
    colossus::detail::check_nccl(ncclCommGetAsyncError(lent_.comm, &found), "say how a communicator is", lent_.comm);
    colossus::detail::check_nccl(found, "go on with a pair", lent_.comm);
    return found == ncclSuccess;
  }

  /// The median of the seconds between two marks; 0 where there is one only.
  double median_seconds() const {
    std::vector<double> seconds;
    for (std::size_t i = 0; i < last_; ++i) {
      float ms = 0;
      colossus::detail::check_cuda(cudaEventElapsedTime(&ms, marks_[i], marks_[i + 1]), "read two events");
      seconds.push_back(static_cast<double>(ms) * 1e-3);
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds.empty() ? 0 : percentile(seconds, 0.5);
  }

  /// How many words of `bytes` received are not what the partner sent.
  std::int64_t wrong_words(std::int64_t bytes) {
    select();
    colossus::detail::check_cuda(cudaMemcpyAsync(words_.data(), in_, size(), cudaMemcpyDeviceToHost, lent_.stream),
                                 "copy what pairs exchange");
    colossus::detail::check_cuda(cudaStreamSynchronize(lent_.stream), "wait for a stream");
    std::int64_t found = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(bytes / 8); ++i)
      found += words_[i] != pair_word(partner, lent_.rank, i);
    return found;
  }

  int partner = 0;
  bool stuck = false;  ///< a partner did not answer: the stream will never be free again
  double bandwidth_s = 0, latency_s = 0;
  std::int64_t wrong = 0;

 private:
  std::size_t size() const { return words_.size() * 8; }
  void select() const { colossus::detail::check_cuda(cudaSetDevice(lent_.device), "make a device current"); }
  /// The events before it have been recorded.
  void mark(std::size_t which) {
    select();
    if (which == marks_.size()) colossus::detail::check_cuda(cudaEventCreate(&marks_.emplace_back()), "make an event");
    colossus::detail::check_cuda(cudaEventRecord(marks_[which], lent_.stream), "record an event");
    last_ = which;
  }

  pair_rank lent_;
  std::vector<std::uint64_t> words_;
  void *out_ = nullptr, *in_ = nullptr;
  std::vector<cudaEvent_t> marks_;
  std::size_t last_ = 0;  ///< of those that were recorded
};

}  // namespace detail
}  // namespace colossus::bench
