// SPDX-License-Identifier: Apache-2.0
// Order between streams: each is a timeline, and each operation knows by a vector clock what lies before it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fakegpu {

class vector_clock {
 public:
  std::uint64_t at(std::size_t line) const { return line < times_.size() ? times_[line] : 0; }
  void set(std::size_t line, std::uint64_t time) {
    if (times_.size() <= line) times_.resize(line + 1);
    times_[line] = time;
  }
  void join(const vector_clock& other) {
    if (times_.size() < other.times_.size()) times_.resize(other.times_.size());
    for (std::size_t line = 0; line < other.times_.size(); ++line) {
      times_[line] = std::max(times_[line], other.times_[line]);
    }
  }

 private:
  std::vector<std::uint64_t> times_;
};

/// A stream, or one branch of an executable graph.
struct timeline {
  std::size_t id = 0;
  std::string name;
  std::uint64_t issued = 0;  ///< operations
  std::uint64_t done = 0;
  vector_clock clock;  ///< of the last operation issued
};

/// One operation: number `time` of its timeline, and all that lies before it.
struct moment {
  std::size_t line = 0;
  std::uint64_t time = 0;
  vector_clock before;
  bool is_after(const moment& other) const { return before.at(other.line) >= other.time; }
};

/// The next moment of a timeline, whose clock already holds all that it waits for.
inline moment next_moment(timeline& on) {
  on.clock.set(on.id, ++on.issued);
  return {on.id, on.issued, on.clock};
}

}  // namespace fakegpu
