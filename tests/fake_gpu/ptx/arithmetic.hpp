// SPDX-License-Identifier: Apache-2.0
// What one PTX instruction computes, as functions of values: no registers, no threads.
#pragma once

#include "instruction.hpp"
#include "text.hpp"
#include "values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ptx {

/// Integers wrap; the 16-bit floats are computed in float and rounded once, which is exact for + - *.
template <class T, class F>
T wrapping(T a, T b, F f) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(f(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
  } else {
    return static_cast<T>(f(a, b));
  }
}

struct add {
  template <class T>
  static T of(T a, T b) {
    return wrapping(a, b, [](auto x, auto y) { return x + y; });
  }
};
struct subtract {
  template <class T>
  static T of(T a, T b) {
    return wrapping(a, b, [](auto x, auto y) { return x - y; });
  }
};
struct multiply {
  template <class T>
  static T of(T a, T b) {
    return wrapping(a, b, [](auto x, auto y) { return x * y; });
  }
};

template <class T>
void not_by_zero(T divisor) {
  if constexpr (std::is_integral_v<T>) {
    if (divisor == 0) throw trap{"integer division by zero"};
  }
}
struct divide {
  template <class T>
  static T of(T a, T b) {
    not_by_zero(b);
    if constexpr (is_signed_integer<T>) {
      if (b == -1) return subtract::of(T{0}, a);
    }
    return static_cast<T>(a / b);
  }
};
struct remainder {
  template <class T>
  static T of(T a, T b) {
    not_by_zero(b);
    if constexpr (is_signed_integer<T>) {
      if (b == -1) return 0;
    }
    return static_cast<T>(a % b);
  }
};

/// Of floats: the number if the other is none.
struct minimum {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return a == 0 && b == 0 ? (std::signbit(a) ? a : b) : std::fmin(a, b);
    } else if constexpr (is_small_float<T>) {
      return T{minimum::of(float{a}, float{b})};
    } else {
      return std::min(a, b);
    }
  }
};
struct maximum {
  template <class T>
  static T of(T a, T b) {
    if constexpr (std::is_floating_point_v<T>) {
      return a == 0 && b == 0 ? (std::signbit(a) ? b : a) : std::fmax(a, b);
    } else if constexpr (is_small_float<T>) {
      return T{maximum::of(float{a}, float{b})};
    } else {
      return std::max(a, b);
    }
  }
};

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

/// The higher half of the product.
struct multiply_high {
  template <class T>
  static T of(T a, T b) {
    using wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
    return static_cast<T>((static_cast<wide>(a) * static_cast<wide>(b)) >> (8 * sizeof(T)));
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

struct negate {
  template <class T>
  static T of(T a) {
    if constexpr (std::is_integral_v<T>) return subtract::of(T{0}, a);
    else return static_cast<T>(-a);
  }
};
struct magnitude {
  template <class T>
  static T of(T a) {
    if constexpr (is_small_float<T>) return T::from_bits(a.bits() & 0x7fffu);
    else if constexpr (std::is_floating_point_v<T>) return std::fabs(a);
    else return a < 0 ? negate::of(a) : a;
  }
};
struct bit_not {
  template <class T>
  static T of(T a) {
    if constexpr (std::is_same_v<T, bool>) return !a;
    else return static_cast<T>(~a);
  }
};
struct square_root {
  template <class T>
  static T of(T a) {
    return std::sqrt(a);
  }
};
struct reciprocal {
  template <class T>
  static T of(T a) {
    return T{1} / a;
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

/// Where a value is not a number, the ordered comparisons and `num` are false, the unordered ones and `nan` are true.
template <class T>
bool compared(T a, T b, comparison how) {
  if constexpr (is_float<T>) {
    const bool unordered = !(a == a) || !(b == b);
    if (how == comparison::num || how == comparison::nan) return unordered == (how == comparison::nan);
    if (unordered) return how >= comparison::equ;
  }
  switch (how) {
    case comparison::eq:
    case comparison::equ:
      return a == b;
    case comparison::ne:
    case comparison::neu:
      return a != b;
    case comparison::lt:
    case comparison::ltu:
      return a < b;
    case comparison::le:
    case comparison::leu:
      return a <= b;
    case comparison::gt:
    case comparison::gtu:
      return a > b;
    default:
      return a >= b;
  }
}

}  // namespace ptx
