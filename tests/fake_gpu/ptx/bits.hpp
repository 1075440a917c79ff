// SPDX-License-Identifier: Apache-2.0
// What PTX does with bits.
#pragma once

#include "values.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>

namespace ptx {

struct bit_and {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a & b);
  }
};
struct bit_or {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a | b);
  }
};
struct bit_xor {
  template <class T>
  static T of(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};

/// Shifts by the width or more give nothing but the sign.
struct shift_left {
  template <class T>
  static T of(T a, std::uint32_t by) {
    return by >= 8 * sizeof(T) ? T{0} : static_cast<T>(static_cast<std::uint64_t>(a) << by);
  }
};
struct shift_right {
  template <class T>
  static T of(T a, std::uint32_t by) {
    const std::uint32_t most = 8 * sizeof(T) - 1;
    if constexpr (!std::is_signed_v<T>) {
      if (by > most) return 0;
    }
    return static_cast<T>(a >> std::min(by, most));
  }
};

struct bit_not {
  template <class T>
  static T of(T a) {
    if constexpr (std::is_same_v<T, bool>) return !a;
    else return static_cast<T>(~a);
  }
};
struct leading_zeros {
  template <class T>
  static std::uint32_t of(T a) {
    return static_cast<std::uint32_t>(std::countl_zero(a));
  }
};
struct ones {
  template <class T>
  static std::uint32_t of(T a) {
    return static_cast<std::uint32_t>(std::popcount(a));
  }
};
struct reverse_bits {
  template <class T>
  static T of(T a) {
    T reversed = 0;
    for (std::size_t bit = 0; bit < 8 * sizeof(T); ++bit) {
      reversed = static_cast<T>(reversed << 1 | (a >> bit & 1));
    }
    return reversed;
  }
};

/// `length` bits of `a` from `position`, extended by its sign where the type has one.
struct bit_field {
  template <class T>
  static T of(T a, std::uint32_t position, std::uint32_t length) {
    using bits = std::make_unsigned_t<T>;
    constexpr std::uint32_t width = 8 * sizeof(T);
    length &= 0xff;
    const bits mask = length >= width ? static_cast<bits>(~bits{0}) : static_cast<bits>((bits{1} << length) - 1);
    bits field = static_cast<bits>(shift_right::of(a, position & 0xff)) & mask;
    const bool negative = std::is_signed_v<T> && length != 0 && length < width && (field >> (length - 1) & 1) != 0;
    if (negative) field |= static_cast<bits>(~mask);
    return static_cast<T>(field);
  }
};

/// Four bytes chosen among the eight of b and a; a selector's highest bit repeats the byte's sign.
inline std::uint32_t permuted(std::uint32_t a, std::uint32_t b, std::uint32_t selectors) {
  const std::uint64_t bytes = std::uint64_t{b} << 32 | a;
  std::uint32_t result = 0;
  for (unsigned n = 0; n < 4; ++n) {
    const std::uint32_t selector = selectors >> (4 * n) & 0xf;
    std::uint32_t byte = static_cast<std::uint32_t>(bytes >> (8 * (selector & 7))) & 0xff;
    if ((selector & 8) != 0) byte = (byte & 0x80) != 0 ? 0xff : 0;
    result |= byte << (8 * n);
  }
  return result;
}

}  // namespace ptx
