// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/stream_program.hpp>

#include <array>
#include <vector>

namespace colossus::detail {

/// Pieces of memory that are read or written as a whole, by number.
struct footprint {
  std::vector<std::int64_t> reads, writes;
  void clear() { reads.clear(), writes.clear(); }
};

/// Finds out which operation of the other track has to be over before an operation begins: each reader comes behind the
/// last writer, each writer behind the last writer and all readers since. Of each track the latest is enough, as its
/// operations follow each other.
class stream_order {
 public:
  explicit stream_order(std::size_t cells) : writer_(cells, none), readers_(cells, {none, none}) {}

  /// The operation `index` on `on` is about to touch `what`: what it has to wait for on the other track beyond what
  /// that track is known to have done, or -1.
  int place(int index, track on, const footprint& what, const std::vector<stream_operation>& before) {
    int needed = none;
    const auto after = [&](int earlier) {
      if (earlier != none && before[static_cast<std::size_t>(earlier)].on != on) needed = std::max(needed, earlier);
    };
    for (const std::int64_t cell : what.reads) after(writer_[at(cell)]);
    for (const std::int64_t cell : what.writes) {
      after(writer_[at(cell)]);
      after(readers_[at(cell)][at(other(on))]);
    }
    for (const std::int64_t cell : what.reads) readers_[at(cell)][at(on)] = index;
    for (const std::int64_t cell : what.writes) writer_[at(cell)] = index, readers_[at(cell)] = {none, none};
    return wait(on, needed);
  }

  /// The same for a wait that something other than memory calls for.
  int wait(track on, int needed) {
    int& known = known_[at(on)];
    if (needed <= known) return none;
    return known = needed;
  }

 private:
  static constexpr int none = -1;
  static std::size_t at(std::int64_t cell) { return static_cast<std::size_t>(cell); }
  static std::size_t at(track t) { return static_cast<std::size_t>(t); }

  std::vector<int> writer_;
  std::vector<std::array<int, 2>> readers_;
  std::array<int, 2> known_{none, none};
};

}  // namespace colossus::detail
