// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/delays.hpp>
#include <colossus/detail/script.hpp>

#include <limits>

namespace colossus::detail {

/// The lanes of all ranks on their way through their rounds: cursor lane * ranks + rank. A cursor begins a round, and
/// ends it once its message is out and its message is in; messages may come rounds before they are waited for. Says
/// when cursors go on, and leaves it to others when messages arrive.
class walkers {
 public:
  static constexpr double open = -1;  // a time that is not known yet

  explicit walkers(const script& s)
      : script_{s},
        ranks_{static_cast<std::uint32_t>(s.ranks())},
        cursors_(static_cast<std::size_t>(s.lanes()) * static_cast<std::size_t>(s.ranks())) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(cursors_.size()); }
  rank_t rank_of(std::uint32_t cursor) const {
    return static_cast<rank_t>(script_.lanes() == 1 ? cursor : cursor % ranks_);
  }
  int lane_of(std::uint32_t cursor) const { return script_.lanes() == 1 ? 0 : static_cast<int>(cursor / ranks_); }
  round_t round(std::uint32_t cursor) const { return cursors_[cursor].round; }
  /// The cursor of the same lane on another rank.
  std::uint32_t beside(std::uint32_t cursor, rank_t rank) const {
    return cursor - static_cast<std::uint32_t>(rank_of(cursor)) + static_cast<std::uint32_t>(rank);
  }
  double last() const { return last_; }
  std::size_t unfinished() const { return unfinished_; }

  /// All ranks at the first round of their first lane. `go(cursor, time)` is told when a cursor can begin its round.
  template <class Go>
  void start(const delays& waits, Go&& go) {
    std::fill(cursors_.begin(), cursors_.end(), state{});
    early_.clear(), spare_ = none, last_ = 0, unfinished_ = cursors_.size();
    for (std::uint32_t rank = 0; rank < ranks_; ++rank) begin_lane(rank, waits.begin(static_cast<rank_t>(rank)), go);
  }

  /// Begins the cursor's round at `now`: rounds without a message are passed over. True where there is one to send.
  template <class Go>
  bool begin(std::uint32_t at, double now, turn& what, Go&& go) {
    state& c = cursors_[at];
    for (;; ++c.round) {
      if (c.round == script_.stagger() && c.round > 0) begin_next(at, now, go);
      if (c.round == script_.rounds()) return finish(at, now, go), false;
      what = script_.at(lane_of(at), rank_of(at), c.round);
      if (what.to != nobody || what.from != nobody) break;
    }
    c.out = what.to == nobody ? now : open;
    c.in_at = what.from == nobody ? now : open;
    if (what.from != nobody && c.early != none && early_[c.early].round == c.round) take_early(c);
    if (what.to == nobody) ended(at, go);
    return what.to != nobody;
  }

  /// True while the cursor is in this round and waits for its message.
  bool receives(std::uint32_t at, round_t round) const {
    return cursors_[at].round == round && cursors_[at].in_at == open;
  }

  /// The cursor's message of this round is out.
  template <class Go>
  void sent(std::uint32_t at, double now, Go&& go) {
    cursors_[at].out = now;
    ended(at, go);
  }

  /// A message of some round arrives, having kept the port busy; no earlier than the one of the round before.
  template <class Go>
  void arrive(std::uint32_t at, round_t round, double time, double busy, Go&& go) {
    state& c = cursors_[at];
    if (c.round == round && c.in_at == open) {
      c.in_at = c.port = std::max(c.port + busy, time);
      ended(at, go);
    } else keep_early(c, {time, busy, round, none});
  }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  struct state {
    round_t round = 0;
    double out = 0, in_at = 0;  // when this round's messages are out and in
    double port = 0;            // when the last message was in
    std::uint32_t early = none;
  };
  struct message {
    double time, busy;
    round_t round;
    std::uint32_t next;
  };

  template <class Go>
  void ended(std::uint32_t at, Go&& go) {
    state& c = cursors_[at];
    if (c.out == open || c.in_at == open) return;
    ++c.round;
    const double time = std::max(c.out, c.in_at);
    c.out = open;  // nothing arrives for the new round before it has begun
    c.in_at = 0;
    go(at, time);
  }
  template <class Go>
  void begin_lane(std::uint32_t at, double now, Go&& go) {
    go(at, now);
    if (script_.stagger() == 0) begin_next(at, now, go);
  }
  template <class Go>
  void begin_next(std::uint32_t at, double now, Go&& go) {
    if (at + ranks_ < size()) begin_lane(at + ranks_, now, go);
  }
  template <class Go>
  void finish(std::uint32_t at, double now, Go&& go) {
    last_ = std::max(last_, now);
    --unfinished_;
    if (script_.stagger() > script_.rounds()) begin_next(at, now, go);
  }

  void keep_early(state& c, const message& m) {
    std::uint32_t place = spare_;
    if (place != none) spare_ = early_[place].next, early_[place] = m;
    else place = static_cast<std::uint32_t>(early_.size()), early_.push_back(m);
    std::uint32_t* link = &c.early;
    while (*link != none && early_[*link].round < m.round) link = &early_[*link].next;
    early_[place].next = *link;
    *link = place;
  }
  void take_early(state& c) {
    const std::uint32_t place = c.early;
    message& m = early_[place];
    c.in_at = c.port = std::max(c.port + m.busy, m.time);
    c.early = m.next;
    m.next = spare_, spare_ = place;
  }

  const script& script_;
  std::uint32_t ranks_;
  std::vector<state> cursors_;
  std::vector<message> early_;  // lists in order of rounds
  std::uint32_t spare_ = none;
  double last_ = 0;
  std::size_t unfinished_ = 0;
};

}  // namespace colossus::detail
