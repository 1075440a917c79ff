// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/scratch.hpp>
#include <colossus/detail/thread_channels.hpp>
#include <colossus/error.hpp>
#include <colossus/transport.hpp>

#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace colossus::transports {

/// Ranks are threads of this process. A message is a pointer that the receiver copies from: nothing is copied twice.
class threads {
 public:
  struct options {
    std::chrono::milliseconds deadline{30'000};
    rank_t nodes = 1;  ///< as which the ranks are to be grouped, for algorithms that care
  };

  /// What the ranks share. Outlives them all; unusable after an error in any of them.
  class world {
   public:
    explicit world(rank_t ranks) : world{ranks, options{}} {}
    world(rank_t ranks, options chosen) : ranks_{ranks}, options_{chosen}, channels_{ranks} {
      expects(ranks >= 1, "a world of threads has at least one rank");
    }
    rank_t size() const { return ranks_; }

    /// Says that `rank` has given up, so that the others do not wait for it. The first one is remembered.
    void fail(rank_t rank, std::string_view why) noexcept {
      const std::lock_guard lock{mutex_};
      if (broken_.load(std::memory_order_relaxed)) return;
      culprit_ = rank;
      why_ = std::string{why};
      broken_.store(true, std::memory_order_release);
    }
    bool broken() const { return broken_.load(std::memory_order_acquire); }
    rank_t culprit() const { return broken() ? culprit_ : nobody; }

   private:
    friend threads;
    rank_t ranks_;
    options options_;
    detail::thread_channels channels_;
    std::mutex mutex_;
    std::atomic<bool> broken_ = false;
    rank_t culprit_ = nobody;
    std::string why_;
  };

  struct request {
    rank_t to = nobody;
    rank_t from = nobody;
    detail::thread_channel* out = nullptr;
    detail::thread_channel* in = nullptr;
    std::span<std::byte> inbox{};
  };

  threads(world& w, rank_t rank) : world_{&w}, rank_{rank}, unwinding_{std::uncaught_exceptions()} {
    expects(rank >= 0 && rank < w.size(), "a rank is one of the world's: 0 to ranks - 1");
  }
  threads(const threads&) = delete;
  threads& operator=(const threads&) = delete;
  ~threads() {
    if (std::uncaught_exceptions() > unwinding_) fail("it left by an exception");
  }

  rank_t rank() const { return rank_; }
  rank_t size() const { return world_->size(); }
  rank_t nodes() const { return world_->options_.nodes; }
  patience waits() const {
    const bool roomy = static_cast<unsigned>(size()) <= std::thread::hardware_concurrency();
    return {.spins = roomy ? 1000 : 4, .deadline = world_->options_.deadline};
  }
  std::span<std::byte> buffer(int slot, std::size_t bytes) { return scratch_(slot, bytes); }
  void fail(std::string_view why) noexcept { world_->fail(rank_, why); }

  request start(int lane, rank_t to, std::span<const std::byte> out, rank_t from, std::span<std::byte> in) {
    if (world_->broken()) give_up();
    request started{.to = to, .from = from, .inbox = in};
    if (from != nobody) started.in = &world_->channels_.at(lane, from, rank_);
    if (to != nobody) {
      started.out = &world_->channels_.at(lane, rank_, to);
      started.out->post(out);
    }
    return started;
  }

  bool test(request& pending) {
    if (pending.from != nobody && arrived(pending)) pending.from = nobody;
    if (pending.to != nobody && pending.out->taken()) pending.to = nobody;
    if (pending.from == nobody && pending.to == nobody) return true;
    if (world_->broken()) give_up();
    return false;
  }

  void cancel(request& pending) noexcept {
    if (pending.to != nobody) pending.out->revoke();
    pending = {};
  }

 private:
  bool arrived(request& pending) const {
    const auto bytes = pending.in->waiting();
    if (!bytes) return false;
    if (*bytes != pending.inbox.size())
      throw error{"rank " + std::to_string(rank_) + " expects " + std::to_string(pending.inbox.size()) +
                      " bytes from rank " + std::to_string(pending.from) + " and is sent " + std::to_string(*bytes) +
                      ": all ranks must call the same collective with the same algorithm and count",
                  failure::broke};
    return pending.in->take(pending.inbox);
  }

  [[noreturn]] void give_up() const {
    throw error{"rank " + std::to_string(rank_) + " stops because rank " + std::to_string(world_->culprit_) +
                    " failed: " + world_->why_,
                failure::broke};
  }

  world* world_;
  rank_t rank_;
  int unwinding_;
  detail::scratch scratch_;
};

static_assert(exchanger<threads>);

/// Runs `body(threads& comm)` on one thread a rank, waits for all, and rethrows the error of the rank that failed
/// first.
template <class Body>
void on_every_rank(threads::world& world, Body&& body) {
  std::vector<std::exception_ptr> thrown(static_cast<std::size_t>(world.size()));
  const auto live = [&](rank_t rank) {
    try {
      threads comm{world, rank};
      body(comm);
    } catch (...) {
      thrown[static_cast<std::size_t>(rank)] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (rank_t rank = 1; rank < world.size(); ++rank) others.emplace_back(live, rank);
    live(0);
  }
  if (world.broken()) std::swap(thrown.front(), thrown[static_cast<std::size_t>(world.culprit())]);
  for (const std::exception_ptr& first : thrown)
    if (first) std::rethrow_exception(first);
}

}  // namespace colossus::transports
