// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/cuda_handles.hpp>
#include <colossus/detail/nccl_check.hpp>
#include <colossus/step.hpp>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <span>
#include <vector>

namespace colossus::detail {

/// Communicators on their way: made by a thread of their own, so that whoever needs them can stop waiting. NCCL's own
/// way not to block (ncclConfig_t::blocking = 0) is for good: from 2.21 on it costs such a communicator a thread for
/// every group of its later life.
class nccl_creation {
 public:
  nccl_creation(const ncclUniqueId& id, rank_t size, rank_t first, std::span<const int> devices)
      : id_{id},
        size_{size},
        first_{first},
        devices_(devices.begin(), devices.end()),
        comms_(devices.size(), nullptr) {}

  /// Makes them. What comes too late is ended at once.
  void create() noexcept {
    std::exception_ptr thrown;
    try {
      nccl_group group;
      for (std::size_t i = 0; i < devices_.size(); ++i) {
        check_cuda(cudaSetDevice(devices_[i]), "make a device current");
        check_nccl(ncclCommInitRank(&comms_[i], size_, id_, first_ + static_cast<rank_t>(i)), "begin a communicator");
      }
      group.end("form a communicator");
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::scoped_lock lock{changing_};
    thrown_ = thrown;
    over_ = true;
    if (abandoned_ || thrown_) abort();
    changed_.notify_all();
  }

  /// The communicators. Throws (broke) what went wrong, or at the deadline.
  const std::vector<ncclComm_t>& wait(std::chrono::milliseconds deadline) {
    std::unique_lock lock{changing_};
    if (!changed_.wait_for(lock, deadline, [this] { return over_; })) {
      abandoned_ = true;
      throw error{"NCCL could not form the communicator of " + std::to_string(size_) + " ranks within " +
                      std::to_string(deadline.count()) +
                      " ms: a rank is missing, or no network joins them (NCCL_DEBUG=INFO says more; raise --deadline)",
                  failure::broke};
    }
    if (thrown_) std::rethrow_exception(thrown_);
    return comms_;
  }

 private:
  void abort() noexcept {
    for (const ncclComm_t comm : comms_)
      if (comm != nullptr) ncclCommAbort(comm);
  }

  ncclUniqueId id_;
  rank_t size_, first_;
  std::vector<int> devices_;
  std::vector<ncclComm_t> comms_;
  std::mutex changing_;
  std::condition_variable changed_;
  std::exception_ptr thrown_;
  bool over_ = false, abandoned_ = false;
};

}  // namespace colossus::detail
