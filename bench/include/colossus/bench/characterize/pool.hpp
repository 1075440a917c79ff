// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/characterize/plan.hpp>
#include <colossus/bench/interrupt.hpp>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace colossus::bench::characterize {

/// What came of a piece: its rows, or why it was refused.
struct outcome {
  std::vector<priced_row> rows;
  std::string refused;
};

/// The rows of one piece, by way of pricing and size. What the simulator refuses to price (too many different rounds)
/// has none.
inline outcome price_piece(const piece& p) try {
  outcome done;
  std::vector<std::int64_t> counts;
  for (const std::int64_t bytes : p.sizes)
    if (const auto n = count_of(layout_of(p.what.collective), bytes, sizeof(float), p.where->shape.ranks); n > 0)
      counts.push_back(n);
  if (counts.empty()) return done;
  const row common = simulated_row(*p.where, p.what, 0, "float", "sum");
  for (auto& rows : priced_rows(common, *p.where, p.what, sizeof(float), counts, p.ways))
    std::move(rows.begin(), rows.end(), std::back_inserter(done.rows));
  return done;
} catch (const error& refused) {
  if (refused.kind() != failure::usage) throw;
  return {{},
          std::string{p.what.collective} + " " + std::string{p.what.algorithm} + " on " + p.where->name() + ": " +
              refused.what()};
}

/// Prices all pieces on all cores, the longest first, and hands out what comes of them in their own order. An error
/// ends it.
class pool {
 public:
  explicit pool(const std::vector<piece>& pieces) : pieces_{pieces}, outcomes_(pieces.size()), order_(pieces.size()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return pieces[a].weight() > pieces[b].weight(); });
  }

  /// Calls `take(outcome, piece)` for each piece in order, and `tell(done)` now and then. Ends early where the user
  /// interrupts.
  template <class Take, class Tell>
  void run(Take&& take, Tell&& tell) {
    std::vector<std::jthread> workers;  // joined by its destructor, after `stop_` is set
    const stopper at_end{*this};
    for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i)
      workers.emplace_back([this] { work(); });
    for (std::size_t next = 0; next < pieces_.size() && !interrupted();) {
      std::unique_lock lock{mutex_};
      changed_.wait_for(lock, std::chrono::milliseconds{250}, [&] { return failed_ || outcomes_[next]; });
      if (failed_) break;
      const std::size_t done = done_;
      std::optional<outcome> ready = std::exchange(outcomes_[next], {});
      lock.unlock();
      tell(done);
      if (ready) take(std::move(*ready), pieces_[next++]);
    }
    stop_ = true;
    workers.clear();
    if (failed_) std::rethrow_exception(failed_);
  }

 private:
  struct stopper {
    pool& of;
    ~stopper() { of.stop_ = true; }
  };

  void work() {
    for (std::size_t at = next_++; at < order_.size() && !stop_ && !interrupted(); at = next_++) try {
        outcome o = price_piece(pieces_[order_[at]]);
        const std::lock_guard lock{mutex_};
        outcomes_[order_[at]] = std::move(o);
        ++done_;
        changed_.notify_all();
      } catch (...) {
        const std::lock_guard lock{mutex_};
        if (!failed_) failed_ = std::current_exception();
        stop_ = true;
        changed_.notify_all();
      }
  }

  const std::vector<piece>& pieces_;
  std::vector<std::optional<outcome>> outcomes_;
  std::vector<std::size_t> order_;
  std::atomic<std::size_t> next_{0};
  std::size_t done_ = 0;
  std::atomic<bool> stop_{false};
  std::exception_ptr failed_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace colossus::bench::characterize
