// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/sent_message.hpp>
#include <colossus/detail/shared_links.hpp>
#include <colossus/detail/tally.hpp>
#include <colossus/detail/walkers.hpp>
#include <colossus/detail/wiring.hpp>

#include <utility>

namespace colossus::detail {

/// Whether messages share links, or each has its path to itself.
enum class sharing : bool { none, max_min };

/// The makespan event by event, in order of time: a rank goes on, a message starts, a message is out. Events that are
/// no further apart than rounding are one, each keeping its own time: rates are settled once for all of them.
/// Where messages share links, a rank takes those of a lane one at a time, the lowest round first; others wait at their
/// senders. So those ahead never slow down those behind, and ranks that swap messages on a fabric that does not block
/// have the times of `data_flow`, whatever delays them.
template <sharing Shares>
class time_order {
 public:
  time_order(const script& s, wiring& machine, std::span<const gpu_t> placement, const message_watch& watch = {})
      : machine_{machine},
        placement_{placement},
        watch_{watch},
        walk_{s},
        paths_{Shares == sharing::max_min ? static_cast<std::uint32_t>(machine.paths()) : 0},
        queue_{walk_.size() * std::size_t{1 + paths_}},
        links_{capacities(machine), walk_.size() * std::size_t{paths_}, queue_, walk_.size()},
        messages_(walk_.size()) {}

  /// Seconds until the last rank is done. `bytes` is what all blocks stand for. Once only.
  double operator()(double bytes, const delays& waits) {
    bytes_ = bytes;
    const auto go = [this](std::uint32_t cursor, double time) { queue_.set(cursor, time); };
    walk_.start(waits, go);
    std::uint32_t event = 0;
    while (queue_.take(event_queue::never, event)) {
      double now = queue_.time(event);
      const double until = now * (1 + together);
      do {
        ++tallied.events;
        now = std::max(now, queue_.time(event));
        happen(event, queue_.time(event), waits, go);
      } while (queue_.take(until, event));
      if constexpr (Shares == sharing::max_min) links_.settle(now), ++tallied.solves;
    }
    tallied.passes += static_cast<std::int64_t>(links_.evaluations());
    expects(walk_.unfinished() == 0, "discrete events: a rank waits for a message that nobody sends");
    return walk_.last();
  }

 private:
  static constexpr double together = 1e-12;

  static constexpr std::uint32_t none = ~std::uint32_t{0};

  struct message {  // that a cursor is about to send or sends
    turn what{};
    bool held = false;         // by a delay
    std::uint32_t flying = 0;  // flows under way
    double begun = 0;          // when the first of them was
    double slope = 0, latency = 0;
    rank_t known = nobody;                       // whom slope and latency are for
    std::uint32_t takes = none, waiting = none;  // the cursor: whose message is on its way to it; who waits first
    std::uint32_t after = none;                  // who waits behind this message
  };

  static std::vector<double> capacities(const wiring& machine) {
    std::vector<double> all(Shares == sharing::max_min ? machine.links() : 0);
    for (link_t link = 0; link < all.size(); ++link) all[link] = machine.capacity(link);
    return all;
  }

  template <class Go>
  void happen(std::uint32_t event, double now, const delays& waits, const Go& go) {
    if (event >= walk_.size()) return landed(event - walk_.size(), now, go);
    message& m = messages_[event];
    double delay = 0;
    if (!m.held) {
      if (!walk_.begin(event, now, m.what, go)) return;
      delay = waits.none() ? 0 : waits.before(walk_.rank_of(event), walk_.lane_of(event), walk_.round(event));
    }
    m.held = false;
    if constexpr (Shares == sharing::max_min) {
      if (delay == 0) return queue_up(event, now);
      m.held = true;
      queue_.set(event, now + delay);
    } else send_alone(event, now + delay, go);
  }

  void find_way(std::uint32_t cursor, message& m) {
    if (m.known == m.what.to) return;
    const gpu_t a = gpu(walk_.rank_of(cursor)), b = gpu(m.what.to);
    const int distance = machine_.distance(a, b);
    m.known = m.what.to;
    m.latency = machine_.latency_s(distance);
    m.slope = machine_.slope(a, b, walk_.lane_of(cursor), distance);
  }
  gpu_t gpu(rank_t rank) const { return placement_[static_cast<std::size_t>(rank)]; }

  /// A rank takes one message of a lane at a time, of the lowest round there is; others wait at their senders.
  void queue_up(std::uint32_t cursor, double now) {
    find_way(cursor, messages_[cursor]);
    ++tallied.messages;
    message &m = messages_[cursor], &to = messages_[walk_.beside(cursor, m.what.to)];
    m.flying = paths_;
    m.begun = walkers::open;
    for (std::uint32_t path = 0; path < paths_; ++path)
      links_.put(cursor * paths_ + path, bytes_ * m.what.share / paths_);
    const std::uint32_t taken = to.takes;
    if (taken == none || (walk_.round(cursor) < walk_.round(taken) && !ending(taken, now))) {
      if (taken != none) pause(taken, now), wait(taken, to);
      to.takes = cursor;
      return fly(cursor, now);
    }
    wait(cursor, to);
  }
  void wait(std::uint32_t cursor, message& to) {
    std::uint32_t* place = &to.waiting;
    while (*place != none && walk_.round(*place) < walk_.round(cursor)) place = &messages_[*place].after;
    messages_[cursor].after = std::exchange(*place, cursor);
  }
  void take_next(message& to, double now) {
    to.takes = to.waiting;
    if (to.takes == none) return;
    to.waiting = messages_[to.takes].after;
    fly(to.takes, now);
  }
  /// True where a message is out but for rounding.
  bool ending(std::uint32_t cursor, double now) const {
    for (std::uint32_t path = 0; path < paths_; ++path)
      if (!links_.ending(cursor * paths_ + path, now * (1 + together))) return false;
    return true;
  }
  void pause(std::uint32_t cursor, double now) {
    for (std::uint32_t path = 0; path < paths_; ++path) links_.pause(cursor * paths_ + path, now);
  }
  void fly(std::uint32_t cursor, double now) {
    if (double& begun = messages_[cursor].begun; begun == walkers::open) begun = now;
    const gpu_t from = gpu(walk_.rank_of(cursor)), to = gpu(messages_[cursor].what.to);
    for (std::uint32_t path = 0; path < paths_; ++path)
      if (const std::uint32_t flow = cursor * paths_ + path; links_.left(flow) > 0) {
        ++tallied.flows;
        links_.start(flow, machine_.route(from, to, walk_.lane_of(cursor), static_cast<int>(path)), now);
      }
  }
  /// A flow is out.
  template <class Go>
  void landed(std::uint32_t flow, double now, const Go& go) {
    links_.end(flow);
    const std::uint32_t cursor = flow / paths_;
    message& m = messages_[cursor];
    if (--m.flying > 0) return;
    const round_t round = walk_.round(cursor);
    const std::uint32_t to = walk_.beside(cursor, m.what.to);
    if (watch_) tell(cursor, m.begun, now);
    walk_.sent(cursor, now, go);
    walk_.arrive(to, round, now + m.latency, bytes_ * m.what.share * m.slope, go);
    take_next(messages_[to], now);
  }
  void tell(std::uint32_t cursor, double begun, double out) const {
    const message& m = messages_[cursor];
    watch_({walk_.rank_of(cursor), m.what.to, walk_.lane_of(cursor), walk_.round(cursor), m.what.share, begun, out,
            out + m.latency});
  }
  /// The whole message at once: nobody can slow it down.
  template <class Go>
  void send_alone(std::uint32_t cursor, double begun, const Go& go) {
    message& m = messages_[cursor];
    find_way(cursor, m);
    ++tallied.messages;
    const double busy = bytes_ * m.what.share * m.slope, out = begun + busy;
    const round_t round = walk_.round(cursor);
    if (watch_) tell(cursor, begun, out);
    walk_.sent(cursor, out, go);
    walk_.arrive(walk_.beside(cursor, m.what.to), round, out + m.latency, busy, go);
  }

  wiring& machine_;
  std::span<const gpu_t> placement_;
  message_watch watch_;
  walkers walk_;
  std::uint32_t paths_;
  event_queue queue_;
  shared_links links_;
  std::vector<message> messages_;
  double bytes_ = 0;
};

}  // namespace colossus::detail
