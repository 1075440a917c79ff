// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/transport.hpp>

#include <chrono>
#include <string>
#include <thread>

namespace colossus::detail {

/// Waits for something to move: looks again a few times, then lets others have the core, and knows when it is too long.
class watch {
 public:
  explicit watch(patience waits) : waits_{waits} {}

  void moved() { looks_ = 0; }

  /// To be asked after each look in vain. True once nothing has moved for the whole deadline.
  bool too_long() {
    if (++looks_ <= waits_.spins) return false;
    std::this_thread::yield();
    if (looks_ % 64 != waits_.spins % 64) return false;  // the clock costs more than a look
    const auto now = std::chrono::steady_clock::now();
    if (looks_ <= waits_.spins + 64) since_ = now;
    return now - since_ > waits_.deadline;
  }

 private:
  patience waits_;
  std::int64_t looks_ = 0;
  std::chrono::steady_clock::time_point since_{};
};

/// The error line when a deadline has passed: who waits for whom, in which round.
template <class Transport>
std::string gave_up(const Transport& transport, const std::string& whom) {
  return "rank " + std::to_string(transport.rank()) + " waited " + std::to_string(transport.waits().deadline.count()) +
         " ms for " + whom + ": it has left, hangs, or calls something else (on a slow machine raise the deadline)";
}

}  // namespace colossus::detail
