// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/host_runs.hpp>
#include <colossus/bench/pairs.hpp>
#include <colossus/bench/pairs_here.hpp>
#include <colossus/transports/threads.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace colossus::bench {

/// Ranks that are threads of this process. The calling thread is rank 0; the others wait for work between the calls.
class thread_team {
 public:
  using comm = transports::threads;
  using member = participant<comm>;
  using runs = host_runs<thread_team>;

  thread_team(rank_t ranks, std::chrono::milliseconds deadline) : world_{ranks, {.deadline = deadline}} {
    for (rank_t rank = 0; rank < ranks; ++rank) {
      comms_.push_back(std::make_unique<comm>(world_, rank));
      members_.push_back(std::make_unique<member>(*comms_.back()));
    }
    try {
      for (rank_t rank = 1; rank < ranks; ++rank) others_.emplace_back([this, rank] { serve(rank); });
    } catch (const std::system_error& refused) {
      dismiss();
      throw error{
          "expected to start " + std::to_string(ranks) + " threads, found " + refused.what() + ": use fewer --ranks",
          failure::broke};
    }
  }
  ~thread_team() { dismiss(); }
  thread_team(const thread_team&) = delete;
  thread_team& operator=(const thread_team&) = delete;

  rank_t ranks() const { return world_.size(); }
  rank_t nodes() const { return 1; }
  rank_t ranks_here() const { return ranks(); }
  bool speaks() const { return true; }
  std::string hosts() const { return host_name(); }
  std::string host(rank_t) const { return host_name(); }
  std::vector<int> nodes_of_ranks() const { return std::vector<int>(members_.size()); }
  pair_end end(rank_t rank) const { return {.host = host_name(), .gpu = rank, .pci = {}, .is_gpu = false}; }
  pairs_here pair_channel() const { return {}; }
  bool any(bool here) const { return here; }
  template <class F>
  void together(F&& f) {
    f();
  }

  /// Calls `f(member)` on every rank at once and waits for all. Rethrows the error of the rank that failed first.
  template <class F>
  void each(F&& f) {
    const std::function<void(member&)> work = std::ref(f);
    work_ = &work;
    left_.store(ranks() - 1);
    turn_.fetch_add(1);
    turn_.notify_all();
    perform(0);
    for (rank_t left = left_.load(); left > 0; left = left_.load()) left_.wait(left);
    rethrow_first();
  }

  /// The same between a barrier and the clock: the seconds that the slowest rank took, and which one it was.
  template <class F>
  slowest_rank timed(F&& f) {
    each([&](member& m) { line_up(), m.seconds = seconds_of([&] { f(m); }); });
    slowest_rank slowest;
    for (const auto& m : members_) slowest = std::max(slowest, slowest_rank{m->seconds, m->comm->rank()});
    return slowest;
  }

  /// The sum over ranks of what `f(member)` counts.
  template <class F>
  std::int64_t total(F&& f) {
    std::atomic<std::int64_t> sum = 0;
    each([&](member& m) { sum += f(m); });
    return sum;
  }

 private:
  void dismiss() {
    work_ = nullptr;
    turn_.fetch_add(1);
    turn_.notify_all();
  }

  void serve(rank_t rank) {
    for (std::uint32_t seen = 0;; ++seen) {
      turn_.wait(seen);
      if (work_ == nullptr) return;
      perform(rank);
      if (left_.fetch_sub(1) == 1) left_.notify_all();
    }
  }

  void perform(rank_t rank) {
    member& m = *members_[static_cast<std::size_t>(rank)];
    m.thrown = nullptr;
    try {
      (*work_)(m);
    } catch (const std::exception& problem) {
      world_.fail(rank, problem.what());
      m.thrown = std::current_exception();
    }
  }

  void rethrow_first() const {
    if (const rank_t culprit = world_.culprit(); culprit != nobody)
      if (const auto& first = members_[static_cast<std::size_t>(culprit)]->thrown) std::rethrow_exception(first);
    for (const auto& m : members_)
      if (m->thrown) std::rethrow_exception(m->thrown);
  }

  /// Waits until all ranks are here: by looking, since waking up from sleep takes longer than a small message.
  void line_up() {
    const auto all = static_cast<std::uint64_t>(ranks());
    const std::uint64_t round = lined_up_.load() / all;
    lined_up_.fetch_add(1);
    for (int looks = 0; lined_up_.load() / all == round; ++looks)
      if (looks > members_.front()->comm->waits().spins) std::this_thread::yield();
  }

  transports::threads::world world_;
  std::vector<std::unique_ptr<comm>> comms_;
  std::vector<std::unique_ptr<member>> members_;
  const std::function<void(member&)>* work_ = nullptr;
  std::atomic<std::uint32_t> turn_ = 0;
  std::atomic<std::uint64_t> lined_up_ = 0;
  std::atomic<rank_t> left_ = 0;
  std::vector<std::jthread> others_;
};

}  // namespace colossus::bench
