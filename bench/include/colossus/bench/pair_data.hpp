// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace colossus::bench::detail {

/// The words that go from one rank to another: no two messages are alike, nor two places of one.
inline std::uint64_t pair_word(int from, int to, std::uint64_t index) {
  const auto scattered = [](std::uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
    return x ^ (x >> 29);
  };
  return scattered(index + scattered(static_cast<std::uint64_t>(from) << 32 | static_cast<std::uint32_t>(to)));
}

}  // namespace colossus::bench::detail
