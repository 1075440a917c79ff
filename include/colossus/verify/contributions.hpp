// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

#include <bit>
#include <utility>

namespace colossus {

/// How a proof remembers whose contributions a block holds: exactly, as bits. A set may span 63 consecutive tokens;
/// that is a contribution from each of 63 ranks.
class exact_contributions {
 public:
  struct cell {
    std::int64_t lowest = 0;
    std::uint64_t bits = 0;  // bit i: token lowest + i; bit 0 is set. None: memory with nothing in it
    constexpr bool operator==(const cell&) const = default;
  };
  static constexpr std::int64_t most = 63;

  constexpr cell of(token_range tokens) { return {tokens.first, (std::uint64_t{1} << tokens.count) - 1}; }
  constexpr cell garbage(rank_t, block_t) { return {}; }

  /// Adds what arrives to what is there; says what is wrong with that, if anything.
  static constexpr const char* combine(cell& own, cell arriving, bool idempotent) {
    if (own.bits == 0 || arriving.bits == 0) return "reduces memory with nothing in it";
    if (arriving.lowest < own.lowest) std::swap(own, arriving);
    const auto shift = static_cast<std::uint64_t>(arriving.lowest - own.lowest);
    if (shift + static_cast<std::uint64_t>(std::bit_width(arriving.bits)) > std::uint64_t{most})
      return "reduces contributions that do not belong together";
    if (!idempotent && (own.bits & arriving.bits << shift) != 0) return "reduces a contribution twice";
    own.bits |= arriving.bits << shift;
    return nullptr;
  }
};

/// A random weight for each token: splitmix64.
constexpr std::uint64_t weight(std::uint64_t token) {
  std::uint64_t z = (token + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/// The same in 8 bytes for any number of ranks: a set is the sum of its tokens' random weights. Equal sums mean equal
/// multisets, but for one chance in 2^60. What is reduced wrongly shows at the end, not where it happens.
class fingerprints {
 public:
  using cell = std::uint64_t;
  static constexpr std::int64_t most = std::int64_t{1} << 62;

  constexpr cell of(token_range tokens) {
    if (tokens == last_) return sum_;
    last_ = tokens;
    sum_ = 0;
    for (std::int64_t i = 0; i < tokens.count; ++i) sum_ += weight(static_cast<std::uint64_t>(tokens.first + i));
    return sum_;
  }
  constexpr cell garbage(rank_t rank, block_t block) {
    return weight(~(static_cast<std::uint64_t>(rank) << 32 | static_cast<std::uint32_t>(block)));
  }
  static constexpr const char* combine(cell& own, cell arriving, bool) {
    own += arriving;
    return nullptr;
  }

 private:
  token_range last_{};
  cell sum_ = 0;
};

}  // namespace colossus
