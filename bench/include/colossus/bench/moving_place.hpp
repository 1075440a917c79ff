// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace colossus::bench {

/// Where in a larger memory the buffer of an operation lies: elsewhere each time, so that no cache holds it still.
class moving_place {
 public:
  static constexpr std::int64_t alignment = 512;

  /// Memory for buffers of up to `largest` bytes: by twice the cache more, so that a small one comes back to a place
  /// after more than the cache was touched.
  static constexpr std::int64_t bytes_for(std::int64_t largest, std::int64_t cache) {
    return largest + 2 * std::max(cache, alignment) / alignment * alignment;
  }

  std::int64_t offset() const { return offset_; }

  /// Goes to the next place for `bytes` in a memory of `room`. The same on all ranks, whose steps are the same.
  void move_on(std::int64_t bytes, std::int64_t room) {
    const std::int64_t places = (room - bytes) / alignment + 1;
    std::int64_t step = std::max<std::int64_t>(1, (bytes + alignment - 1) / alignment) % places;
    if (step == 0 && places > 1) step = 1;
    offset_ = (offset_ / alignment + step) % places * alignment;
  }

 private:
  std::int64_t offset_ = 0;
};

}  // namespace colossus::bench
