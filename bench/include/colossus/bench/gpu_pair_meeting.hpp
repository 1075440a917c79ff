// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/gpu_pair_rank.hpp>
#include <colossus/bench/pairs.hpp>

#include <algorithm>
#include <chrono>
#include <span>
#include <thread>

namespace colossus::bench {

struct pair_options {
  std::int64_t bytes = 32 << 20;  ///< of the message that bandwidth is taken from
  std::int64_t small_bytes = 8;   ///< of the one that latency is taken from
  int iterations = 20, warmup = 5;
  bool check = true;
  /// Of the first exchange of a round, and once more for the rest of it: a third of that of the processes' group.
  std::chrono::milliseconds deadline{10'000};
};

namespace detail {

/// The local ranks while they meet the others, round by round. Where a round did not end in order, nothing of any is
/// freed.
class pair_meeting {
 public:
  pair_meeting(std::span<const pair_rank> local, const pair_plan& plan, const pair_options& o)
      : plan_{&plan}, options_{o} {
    for (const pair_rank& each : local) players_.emplace_back(each, std::max(o.bytes, o.small_bytes));
  }
  pair_meeting(const pair_meeting&) = delete;
  pair_meeting& operator=(const pair_meeting&) = delete;
  ~pair_meeting() {
    if (in_order_) return;
    for (pair_player& p : players_) p.leave();
  }

  /// Everything about the pairs of one round.
  void play(int round) {
    in_order_ = false;
    until_ = std::chrono::steady_clock::now() + options_.deadline;
    for (pair_player& p : players_) {
      p.partner = plan_->partner(round, p.lent().rank);
      p.wrong = 0, p.bandwidth_s = p.latency_s = 0;
      if (p.meets()) p.prepare();
    }
    exchange_and_check();
    until_ += options_.deadline;  // others may come late to what follows, since they wait as long for a stuck one
    run(options_.warmup, [this] { both_ways(options_.bytes); });
    each_time(run(options_.iterations, [this] { both_ways(options_.bytes); }), &pair_player::bandwidth_s);
    if (options_.check) each([](pair_player& p) { p.forget(); }), exchange_and_check();
    run(options_.warmup, [this] { there_and_back(options_.small_bytes); });
    each_time(run(options_.iterations, [this] { there_and_back(options_.small_bytes); }), &pair_player::latency_s);
    in_order_ = std::none_of(players_.begin(), players_.end(), [](const pair_player& p) { return p.stuck; });
  }

  const std::vector<pair_player>& players() const { return players_; }

 private:
  template <class F>
  void each(F&& f) {
    for (pair_player& p : players_)
      if (p.meets()) f(p);
  }

  /// A group for each pair, so that one which does not connect holds up no other; in the order of their lower ranks on
  /// all processes, so that communicators which block do not wait for each other in a circle.
  template <class F>
  void group(F&& f) {
    bool in_progress = false;
    for (int lower = 0; lower < plan_->ranks(); ++lower) {
      const auto belongs = [lower](const pair_player& p) { return std::min(p.lent().rank, p.partner) == lower; };
      if (std::none_of(players_.begin(), players_.end(), belongs)) continue;
      colossus::detail::nccl_group group;
      each([&](pair_player& p) {
        if (belongs(p)) f(p);
      });
      in_progress |= !group.end("end a group");
    }
    if (in_progress) wait([](pair_player& p) { return p.is_ready(); });
  }

  void both_ways(std::int64_t bytes) {
    group([&](pair_player& p) { p.send(bytes), p.receive(bytes); });
  }
  void there_and_back(std::int64_t bytes) {
    group([&](pair_player& p) { p.serves() ? p.send(bytes) : p.receive(bytes); });
    group([&](pair_player& p) { p.serves() ? p.receive(bytes) : p.send(bytes); });
  }

  /// Puts `times` operations between marks and waits for them: one mark an operation, but 1,000 at most. The operations
  /// between two marks.
  template <class F>
  int run(int times, F&& operation) {
    const int stretch = times / 1000 + 1;
    each([](pair_player& p) { p.mark_begin(); });
    for (int i = 1; i <= times; ++i) {
      operation();
      if (i % stretch == 0 || i == times) each([](pair_player& p) { p.mark_next(); });
    }
    wait([](pair_player& p) { return p.has_ended(); });
    return stretch;
  }

  /// The median over the stretches between marks.
  void each_time(int stretch, double pair_player::*member) {
    each([&](pair_player& p) { p.*member = p.median_seconds() / stretch; });
  }

  void exchange_and_check() {
    run(1, [this] { both_ways(options_.bytes); });
    if (options_.check) each([&](pair_player& p) { p.wrong = std::max(p.wrong, p.wrong_words(options_.bytes)); });
  }

  /// Waits until `done` is true of all; those of which it never is are stuck once the deadline has passed. Each wait
  /// has a moment of its own, so that nobody is blamed for what others took.
  template <class F>
  void wait(F&& done) {
    const auto all = [&] {
      bool every = true;
      each([&](pair_player& p) { every = every && done(p); });
      return every;
    };
    const auto until = std::max(until_, std::chrono::steady_clock::now() + options_.deadline / 20);
    for (int looks = 0; !all(); ++looks) {
      if (std::chrono::steady_clock::now() > until) {
        each([&](pair_player& p) { p.stuck = !done(p); });
        each([&](pair_player& p) { p.stuck = is_stuck(p.partner); });
        return;
      }
      if (looks > 1000) std::this_thread::sleep_for(std::chrono::microseconds{50});
    }
  }

  /// Whether that rank is one of ours, and stuck: its partner need not be waited for as well.
  bool is_stuck(int rank) const {
    return std::any_of(players_.begin(), players_.end(),
                       [rank](const pair_player& p) { return p.lent().rank == rank && p.stuck; });
  }

  const pair_plan* plan_;
  bool in_order_ = true;
  pair_options options_;
  std::vector<pair_player> players_;
  std::chrono::steady_clock::time_point until_;
};

}  // namespace detail
}  // namespace colossus::bench
