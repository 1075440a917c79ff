// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

namespace colossus::detail {

/// Numbered events by time, each at most once, where time never goes back: multi-level buckets (Denardo & Fox 1979; the
/// radix heap of Ahuja, Mehlhorn, Orlin & Tarjan 1990) on the bits of a double, which are ordered like times. An event
/// lies in the bucket of the highest digit in which it differs from now; it moves down a level when that digit comes.
/// Setting, moving and removing cost O(1); no width of buckets has to be chosen.
class event_queue {
 public:
  static constexpr double never = std::numeric_limits<double>::infinity();

  explicit event_queue(std::size_t events = 0) : items_(events) { heads_.fill(none); }

  /// Sets or moves an event. Times before the last one taken count as that.
  void set(std::uint32_t event, double time) {
    item& i = items_[event];
    if (i.bucket != nowhere) unlink(event);
    i.time = time;
    link(event, std::max(std::bit_cast<std::uint64_t>(time), now_));
  }
  void remove(std::uint32_t event) {
    if (items_[event].bucket != nowhere) unlink(event);
  }
  double time(std::uint32_t event) const { return items_[event].time; }

  /// Takes the earliest event, if it comes no later than `until`.
  bool take(double until, std::uint32_t& event) {
    const auto limit = std::bit_cast<std::uint64_t>(until);
    while (levels_ != 0) {
      const int level = std::countr_zero(levels_);
      const std::size_t bucket = lowest(level);
      if (floor_of(level, bucket) > limit) return false;
      const std::uint32_t head = heads_[bucket];
      if (level == 0 || items_[head].next == none) {
        const std::uint64_t key = std::max(std::bit_cast<std::uint64_t>(items_[head].time), now_);
        if (key > limit) return false;
        event = head;
        unlink(head);
        if (level != 0) now_ = key;  // at level 0 all that is left differs in the last digit: no need to move on
        return true;
      }
      spill(bucket, limit);
    }
    return false;
  }

 private:
  static constexpr int bits = 8, fan = 1 << bits, levels = 64 / bits;
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static constexpr std::uint16_t nowhere = 0xffff;

  struct item {
    double time = 0;
    std::uint32_t next = none, before = none;
    std::uint16_t bucket = nowhere;
  };

  std::size_t lowest(int level) const {
    const std::uint64_t* words = &full_[static_cast<std::size_t>(level) * (fan / 64)];
    std::size_t word = 0;
    while (words[word] == 0) ++word;
    return static_cast<std::size_t>(level) * fan + word * 64 + static_cast<std::size_t>(std::countr_zero(words[word]));
  }
  /// The least key that the bucket may hold.
  std::uint64_t floor_of(int level, std::size_t bucket) const {
    const int shift = level * bits;
    const std::uint64_t digit = bucket % fan,
                        above = level + 1 == levels ? 0 : now_ >> (shift + bits) << (shift + bits);
    return above | digit << shift;
  }
  /// Deals a bucket out to lower ones, once time has come to it.
  void spill(std::size_t bucket, std::uint64_t limit) {
    std::uint64_t least = ~std::uint64_t{0};
    for (std::uint32_t i = heads_[bucket]; i != none; i = items_[i].next)
      least = std::min(least, std::bit_cast<std::uint64_t>(items_[i].time));
    now_ = std::max(now_, std::min(least, limit));
    std::uint32_t i = heads_[bucket];
    heads_[bucket] = none;
    emptied(bucket);
    while (i != none) {
      const std::uint32_t next = items_[i].next;
      link(i, std::max(std::bit_cast<std::uint64_t>(items_[i].time), now_));
      i = next;
    }
  }

  void link(std::uint32_t event, std::uint64_t key) {
    const std::uint64_t differs = key ^ now_;
    const int level = differs == 0 ? 0 : (63 - std::countl_zero(differs)) / bits;
    const auto bucket = static_cast<std::size_t>(level) * fan + (key >> (level * bits) & (fan - 1));
    item& i = items_[event];
    i.bucket = static_cast<std::uint16_t>(bucket), i.before = none, i.next = heads_[bucket];
    if (i.next != none) items_[i.next].before = event;
    heads_[bucket] = event;
    full_[bucket / 64] |= std::uint64_t{1} << bucket % 64;
    levels_ |= 1u << level;
  }
  void unlink(std::uint32_t event) {
    item& i = items_[event];
    if (i.next != none) items_[i.next].before = i.before;
    if (i.before != none) items_[i.before].next = i.next;
    else if ((heads_[i.bucket] = i.next) == none) emptied(i.bucket);
    i.bucket = nowhere;
  }
  void emptied(std::size_t bucket) {
    full_[bucket / 64] &= ~(std::uint64_t{1} << bucket % 64);
    const std::size_t first = bucket / fan * (fan / 64);
    std::uint64_t any = 0;
    for (std::size_t word = first; word < first + fan / 64; ++word) any |= full_[word];
    if (any == 0) levels_ &= ~(1u << bucket / fan);
  }

  std::uint64_t now_ = 0;
  unsigned levels_ = 0;  // that hold events
  std::array<std::uint64_t, levels * fan / 64> full_{};
  std::array<std::uint32_t, levels * fan> heads_;
  std::vector<item> items_;
};

}  // namespace colossus::detail
