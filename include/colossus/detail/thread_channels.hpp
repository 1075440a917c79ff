// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/transport.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace colossus::detail {

/// A mailbox for one message from one thread to another: the sender posts a pointer, the receiver claims it, copies,
/// and clears the box. The claim lets a sender that gives up wait for a copy under way before its memory goes away.
class alignas(64) thread_channel {
 public:
  void post(std::span<const std::byte> message) {
    bytes_ = message.size();
    data_.store(message.data(), std::memory_order_release);
  }
  /// True once the receiver has what was posted.
  bool taken() const { return data_.load(std::memory_order_acquire) == nullptr; }

  /// The size of the message that waits, if one does.
  std::optional<std::size_t> waiting() const {
    if (data_.load(std::memory_order_acquire) == nullptr) return {};
    return bytes_;
  }
  /// Copies the message that waits. False if its sender has just revoked it.
  bool take(std::span<std::byte> into) {
    const std::byte* source = data_.load(std::memory_order_acquire);
    if (source == nullptr || !data_.compare_exchange_strong(source, &claimed, std::memory_order_acq_rel)) return false;
    std::memcpy(into.data(), source, into.size());
    data_.store(nullptr, std::memory_order_release);
    return true;
  }
  /// Takes back what was posted; afterwards nobody reads the sender's memory.
  void revoke() noexcept {
    const std::byte* posted = data_.load(std::memory_order_acquire);
    if (posted != &claimed && data_.compare_exchange_strong(posted, nullptr, std::memory_order_acq_rel)) return;
    while (!taken()) std::this_thread::yield();
  }

 private:
  static constexpr std::byte claimed{};
  std::atomic<const std::byte*> data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// A channel for every lane and ordered pair of ranks; those of a lane are made when it is first used.
class thread_channels {
 public:
  explicit thread_channels(rank_t ranks) : ranks_{static_cast<std::size_t>(ranks)} {}
  thread_channels(const thread_channels&) = delete;
  thread_channels& operator=(const thread_channels&) = delete;
  ~thread_channels() {
    for (auto& lane : lanes_) delete lane.load(std::memory_order_relaxed);
  }

  thread_channel& at(int lane, rank_t from, rank_t to) {
    auto& slot = lanes_[static_cast<std::size_t>(lane)];
    channels* all = slot.load(std::memory_order_acquire);
    if (all == nullptr) all = make(slot);
    return (*all)[static_cast<std::size_t>(from) * ranks_ + static_cast<std::size_t>(to)];
  }

 private:
  using channels = std::vector<thread_channel>;

  channels* make(std::atomic<channels*>& slot) const {
    auto fresh = std::make_unique<channels>(ranks_ * ranks_);
    channels* other = nullptr;
    return slot.compare_exchange_strong(other, fresh.get(), std::memory_order_acq_rel) ? fresh.release() : other;
  }

  std::size_t ranks_;
  std::array<std::atomic<channels*>, max_lanes> lanes_{};
};

}  // namespace colossus::detail
