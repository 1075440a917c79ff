// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/cuda_handles.hpp>
#include <colossus/detail/nccl_creation.hpp>
#include <colossus/step.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace colossus::transports {

/// One rank of an NCCL communicator, with a stream of its own beside the caller's. Borrows a communicator of the
/// caller's, which it never destroys, or owns one: then graphs that hold its operations are destroyed before it, or it
/// waits for them. To be used by one thread at a time; movable, not while something is enqueued.
class nccl {
 public:
  /// Borrows `comm`, blocking or not, once it is made. Throws (broke) where it is not ready.
  explicit nccl(ncclComm_t comm) : comm_{comm} {
    detail::check_nccl(ncclCommUserRank(comm, &rank_), "say the rank of a communicator", comm);
    detail::check_nccl(ncclCommCount(comm, &size_), "say the size of a communicator", comm);
    detail::check_nccl(ncclCommCuDevice(comm, &device_), "say the device of a communicator", comm);
    const detail::on_device here{device_};
    side_ = detail::make_stream();
  }

  nccl(nccl&& from) noexcept
      : comm_{std::exchange(from.comm_, nullptr)},
        rank_{from.rank_},
        size_{from.size_},
        device_{from.device_},
        owned_{std::exchange(from.owned_, false)},
        broken_{from.broken_},
        side_{std::move(from.side_)},
        events_{std::move(from.events_)} {}
  nccl& operator=(nccl&&) = delete;
  ~nccl() {
    if (!owned_) return;
    ncclResult_t state = ncclSuccess;
    const bool sound = !broken_ && ncclCommGetAsyncError(comm_, &state) == ncclSuccess && state == ncclSuccess;
    sound ? ncclCommDestroy(comm_) : ncclCommAbort(comm_);
  }

  /// The communicators of this process's ranks `first`, `first` + 1, ..., one a device, in a world of `size` ranks that
  /// share `id`. Throws (broke) where the world has not formed by the deadline: what NCCL has begun of it by then it
  /// ends in a thread of its own, where it may wait for as long as it likes.
  static std::vector<nccl> ranks_of_process(const ncclUniqueId& id, rank_t size, rank_t first,
                                            std::span<const int> devices, std::chrono::milliseconds deadline) {
    const auto made = std::make_shared<detail::nccl_creation>(id, size, first, devices);
    std::thread{[made] { made->create(); }}.detach();
    std::vector<nccl> ranks;
    for (const ncclComm_t comm : made->wait(deadline)) ranks.emplace_back(comm).owned_ = true;
    return ranks;
  }

  /// One rank on the device that is current.
  nccl(const ncclUniqueId& id, rank_t size, rank_t rank, std::chrono::milliseconds deadline)
      : nccl{one_of(id, size, rank, deadline)} {}

  rank_t rank() const { return rank_; }
  rank_t size() const { return size_; }
  int device() const { return device_; }
  ncclComm_t handle() const { return comm_; }
  cudaStream_t side() const { return side_.get(); }

  /// What NCCL found since: a lost rank, a broken link. After that the communicator is of no more use.
  std::optional<error> async_error() const {
    try {
      ncclResult_t state = ncclSuccess;
      detail::check_nccl(ncclCommGetAsyncError(comm_, &state), "say how a communicator is", comm_);
      detail::check_nccl(state, "go on", comm_);
    } catch (const error& found) {
      return found;
    }
    return std::nullopt;
  }
  /// From now on nothing waits for this communicator: one that is owned is aborted, not destroyed, which would wait for
  /// kernels whose peers never come.
  void give_up() { broken_ = true; }
  /// Throws (broke) that.
  void rethrow_async_error() const {
    if (const auto found = async_error()) throw error{*found};
  }

  /// Events number 0 to `count` - 1 of this rank: made while plans are made, never later.
  void reserve_events(std::size_t count) {
    const detail::on_device here{device_};
    while (events_.size() < count) events_.push_back(detail::make_event());
  }
  cudaEvent_t event(int index) const { return events_[static_cast<std::size_t>(index)].get(); }

  /// Waits until nothing is in progress on communicators that do not block. Throws (broke) by the deadline.
  static void settle(std::span<const ncclComm_t> comms, std::chrono::milliseconds deadline, const std::string& what) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    for (const ncclComm_t comm : comms) settle(comm, end, deadline, what);
  }
  void settle(std::chrono::milliseconds deadline, const std::string& what) const {
    settle(comm_, std::chrono::steady_clock::now() + deadline, deadline, what);
  }

 private:
  static nccl one_of(const ncclUniqueId& id, rank_t size, rank_t rank, std::chrono::milliseconds deadline) {
    int device = 0;
    detail::check_cuda(cudaGetDevice(&device), "say which device is current");
    return std::move(ranks_of_process(id, size, rank, std::span{&device, 1}, deadline).front());
  }

  static void settle(ncclComm_t comm, std::chrono::steady_clock::time_point end, std::chrono::milliseconds deadline,
                     const std::string& what) {
    for (ncclResult_t state = ncclInProgress;; std::this_thread::yield()) {
      detail::check_nccl(ncclCommGetAsyncError(comm, &state), "say how a communicator is", comm);
      if (state != ncclInProgress) return detail::check_nccl(state, what.c_str(), comm);
      if (std::chrono::steady_clock::now() > end)
        throw error{
            "NCCL could not " + what + " within " + std::to_string(deadline.count()) +
                " ms: a rank is missing, or no network joins them (NCCL_DEBUG=INFO says more; raise --deadline)",
            failure::broke};
    }
  }

  ncclComm_t comm_ = nullptr;
  int rank_ = 0, size_ = 1, device_ = 0;
  bool owned_ = false, broken_ = false;
  detail::cuda_stream side_;
  std::vector<detail::cuda_event> events_;
};

}  // namespace colossus::transports
