// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/program.hpp>
#include <colossus/error.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>

namespace colossus::bench {

/// Ends the program where a call of NCCL or CUDA does not come back: its thread can no longer look at a clock. The
/// others notice by the lost connection.
class nccl_watchdog {
 public:
  explicit nccl_watchdog(std::chrono::milliseconds limit) : limit_{limit}, thread_{[this] { watch(); }} {}
  nccl_watchdog(const nccl_watchdog&) = delete;
  nccl_watchdog& operator=(const nccl_watchdog&) = delete;
  ~nccl_watchdog() {
    {
      const std::scoped_lock lock{mutex_};
      over_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  /// Watches the calls of a scope, which may lie in another one's: `step` is a literal. Costs two stores.
  class scope {
   public:
    scope(nccl_watchdog& dog, const char* step) : dog_{&dog}, outer_{dog.step_.load()} {
      if (outer_ != nullptr) return;
      dog.since_.store(now());
      dog.step_.store(step);
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() {
      if (outer_ == nullptr) dog_->step_.store(nullptr);
    }

   private:
    nccl_watchdog* dog_;
    const char* outer_;
  };

 private:
  static std::int64_t now() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

  void watch() {
    using namespace std::chrono;
    std::unique_lock lock{mutex_};
    while (!wake_.wait_for(lock, milliseconds{50}, [this] { return over_; })) {
      const char* const step = step_.load();
      if (step == nullptr || steady_clock::duration{now() - since_.load()} < limit_ || step != step_.load()) continue;
      say_line(std::string{"colossus-nccl: "} + step + " did not come back within " + std::to_string(limit_.count()) +
               " ms: another rank hangs, or a port between the hosts is closed (NCCL_DEBUG=INFO says more; raise "
               "--deadline)");
      std::_Exit(static_cast<int>(failure::broke));
    }
  }

  std::chrono::milliseconds limit_;
  std::atomic<const char*> step_ = nullptr;
  std::atomic<std::int64_t> since_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace colossus::bench
