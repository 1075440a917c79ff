// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace colossus::detail {

/// Division by a number known at run time as one multiplication and a shift, exact for 0 <= n < 2^31
/// (Granlund and Montgomery, PLDI 1994): routes are computed by the hundred thousand.
class divider {
 public:
  constexpr divider() = default;
  constexpr explicit divider(std::uint32_t divisor)
      : divisor_{divisor},
        shift_{31 + static_cast<int>(std::bit_width(divisor - 1))},
        factor_{static_cast<std::uint32_t>((std::uint64_t{1} << shift_) / divisor + 1)} {}

  constexpr std::uint32_t value() const { return divisor_; }
  constexpr std::uint32_t quotient(std::uint32_t n) const {
    return static_cast<std::uint32_t>(std::uint64_t{n} * factor_ >> shift_);
  }
  constexpr std::uint32_t remainder(std::uint32_t n) const { return n - quotient(n) * divisor_; }

 private:
  std::uint32_t divisor_ = 1;
  int shift_ = 31;
  std::uint32_t factor_ = (std::uint32_t{1} << 31) + 1;
};

/// Draws from 64 hash bits, used up from the top like the digits of a fraction: as even as the bits are.
class hash_draw {
 public:
  constexpr explicit hash_draw(std::uint64_t bits) : bits_{bits} {}
  constexpr std::uint32_t below(std::uint32_t n) {
    __extension__ using wide = unsigned __int128;
    const wide product = static_cast<wide>(bits_) * n;
    bits_ = static_cast<std::uint64_t>(product);
    return static_cast<std::uint32_t>(product >> 64);
  }

 private:
  std::uint64_t bits_;
};

/// A hash of 64 bits into 64 bits, each depending on all (the finaliser of SplitMix64: Steele, Lea, Flood 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace colossus::detail
