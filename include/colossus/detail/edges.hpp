// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/phases.hpp>

#include <cmath>
#include <span>

namespace colossus::detail {

/// How a pattern that is one shift is told: message i of its edges stands for those of all places of class i.
struct shift_by_class {
  std::size_t offset = 0;                // from sender to receiver, among the places
  std::vector<std::uint16_t> classes{};  // of each place; empty: the pattern is told in full

  bool none() const { return classes.empty(); }
};

/// A pattern with its times: message i waits `delay[i]` seconds at its sender, keeps its sender's and its receiver's
/// port busy for `bytes * slope[i]` seconds and arrives `latency[i]` and `wait[i]` after that; `bytes` is what the
/// schedule as a whole moves.
struct edges {
  std::span<const message> messages{};  // between places of ranks
  std::span<const rank_t> images{};     // where there are any, each message stands for one between ranks so much higher
  std::vector<double> slope{};          // seconds for each byte of the whole: share / rate
  std::vector<double> latency{};        // seconds
  std::vector<double> wait{};           // seconds in queues, at most `busy`; empty: none
  std::vector<double> delay{};          // seconds; empty: none
  shift_by_class shift{};
  bool uniform = false;  // everybody sends and receives one message, all at one cost

  std::size_t size() const { return messages.size(); }
  /// Messages, all images counted; each has a slope of its own, or all images of a message have one.
  std::size_t count() const { return size() * std::max<std::size_t>(1, images.size()); }
  /// Visits (sender, message) of all.
  template <class Visit>
  void for_each_sender(Visit&& visit) const {
    for (const message& m : messages) {
      if (images.empty()) visit(static_cast<std::size_t>(m.from), m);
      for (const rank_t by : images) visit(static_cast<std::size_t>(m.from + by), m);
    }
  }
  bool images_differ() const { return slope.size() != size(); }
  std::size_t from(std::size_t i) const { return static_cast<std::size_t>(messages[i].from); }
  std::size_t to(std::size_t i) const { return static_cast<std::size_t>(messages[i].to); }
  round_t round(std::size_t i) const { return messages[i].round; }
  double busy(std::size_t i, double bytes) const { return bytes * slope[i]; }
  /// From when its sender could begin until it has left, and until it has arrived.
  double leaves(std::size_t i, double bytes) const { return bytes * slope[i] + (delay.empty() ? 0 : delay[i]); }
  double arrives(std::size_t i, double bytes) const {
    return leaves(i, bytes) + latency[i] + std::min(queue(i), busy(i, bytes));
  }
  double queue(std::size_t i) const { return wait.empty() ? 0 : wait[i]; }

  void find_uniform(std::size_t ranks) {
    uniform = false;
    if ((shift.none() && count() != ranks) || !alike(slope) || !alike(latency) || !alike(wait) || !alike(delay)) return;
    if (!shift.none()) return void(uniform = true);
    std::vector<bool> receives(ranks, false);
    for (std::size_t i = 0; i < size(); ++i) {
      if (images.empty()) receives[to(i)] = true;
      for (const rank_t by : images) receives[to(i) + static_cast<std::size_t>(by)] = true;
    }
    uniform = static_cast<std::size_t>(std::ranges::count(receives, true)) == ranks;
  }

 private:
  static bool alike(const std::vector<double>& v) {
    return std::ranges::all_of(v, [&](double x) { return std::abs(x - v.front()) <= 1e-12 * v.front(); });
  }
};

/// The cycles and chains that a pattern's messages form, as stretches of indices into `order`: a chain's messages in
/// the order in which data would follow them; a cycle's beginning anywhere.
struct walks {
  struct walk {
    std::size_t first, count;
    bool closed;
  };
  std::vector<std::uint32_t> order;  // messages
  std::vector<walk> all;
};

inline walks walks_of(std::span<const message> messages, rank_t ranks) {
  constexpr auto none = ~std::uint32_t{0};
  std::vector<std::uint32_t> leaving(static_cast<std::size_t>(ranks), none);
  std::vector<bool> entered(static_cast<std::size_t>(ranks), false), done(messages.size(), false);
  for (std::uint32_t i = 0; i < messages.size(); ++i) {
    leaving[static_cast<std::size_t>(messages[i].from)] = i;
    entered[static_cast<std::size_t>(messages[i].to)] = true;
  }
  walks found;
  const auto follow = [&](std::uint32_t i, bool closed) {
    const std::size_t first = found.order.size();
    for (; i != none && !done[i]; i = leaving[static_cast<std::size_t>(messages[i].to)]) {
      done[i] = true;
      found.order.push_back(i);
    }
    found.all.push_back({first, found.order.size() - first, closed});
  };
  for (std::uint32_t i = 0; i < messages.size(); ++i)
    if (!entered[static_cast<std::size_t>(messages[i].from)]) follow(i, false);
  for (std::uint32_t i = 0; i < messages.size(); ++i)
    if (!done[i]) follow(i, true);
  return found;
}

}  // namespace colossus::detail
