// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/cursor.hpp>
#include <colossus/error.hpp>
#include <colossus/schedule.hpp>
#include <colossus/transport.hpp>

#include <memory>
#include <string>
#include <utility>

namespace colossus::detail {

template <class S>
concept laned = schedule<S> && requires(const S s) {
  { s.lane_count() } -> std::same_as<int>;
  { s.stagger() } -> std::same_as<round_t>;
  { s.lane(0) } -> schedule;
};

template <schedule S>
constexpr int lane_count(const S& s) {
  if constexpr (laned<S>) return s.lane_count();
  else return 1;
}

template <schedule S>
constexpr round_t stagger(const S& s) {
  if constexpr (laned<S>) return s.stagger();
  else return 0;
}

/// Lane `index` as a schedule; a schedule without lanes is its only one.
template <schedule S>
constexpr auto nth_lane(const S& s, [[maybe_unused]] int index) {
  if constexpr (laned<S>) return s.lane(index);
  else return s;
}

/// The lanes of one rank under way: lane l joins once lane l - 1 has done `stagger` rounds. A schedule without lanes is
/// one lane. `open(schedule, l)` makes the cursor of lane l, which lives in the transport's scratch memory.
template <schedule S, class Open>
class lane_set {
 public:
  template <exchanger Transport>
  lane_set(const S& s, Transport& transport, Open open)
      : schedule_{s}, open_{open}, count_{lane_count(s)}, unfinished_{count_} {
    expects(count_ <= max_lanes, "run: a schedule has at most 1024 lanes: choose fewer");
    static_assert(alignof(cursor_type) <= 64);
    cursors_ = reinterpret_cast<cursor_type*>(transport.buffer(cursor_slot, at(count_) * sizeof(cursor_type)).data());
  }
  ~lane_set() { std::destroy_n(cursors_, opened_); }
  lane_set(const lane_set&) = delete;
  lane_set& operator=(const lane_set&) = delete;

  bool done() const { return unfinished_ == 0; }

  /// Looks at every lane once. True if anything moved.
  bool advance() {
    bool moved = false;
    for (; may_open(); moved = true) {
      std::construct_at(cursors_ + opened_, open_(nth_lane(schedule_, opened_), opened_));
      ++opened_;
    }
    unfinished_ = count_ - opened_;
    for (int l = 0; l < opened_; ++l) {
      auto& cursor = cursors_[l];
      if (!cursor.done()) moved |= cursor.advance();
      if (!cursor.done()) ++unfinished_;
    }
    return moved;
  }

  void cancel() noexcept {
    for (int l = 0; l < opened_; ++l) cursors_[l].cancel();
  }

  /// Whom the lanes wait for, in words.
  std::string waits_for() const {
    std::string all;
    for (int l = 0; l < opened_; ++l)
      if (const std::string one = cursors_[l].waits_for(); !one.empty()) all += (all.empty() ? "" : "; ") + one;
    return all;
  }

 private:
  static constexpr std::size_t at(int lane) { return static_cast<std::size_t>(lane); }
  bool may_open() const {
    if (opened_ == 0 || opened_ == count_) return opened_ != count_;
    const auto& before = cursors_[opened_ - 1];
    return before.done() || before.round() >= stagger(schedule_);
  }

  using cursor_type = decltype(std::declval<Open&>()(nth_lane(std::declval<S>(), 0), 0));

  S schedule_;
  Open open_;
  cursor_type* cursors_ = nullptr;
  int count_;
  int opened_ = 0;
  int unfinished_;
};

}  // namespace colossus::detail
