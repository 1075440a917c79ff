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

/// The higher half of the product.
struct multiply_high {
  template <class T>
  static T of(T a, T b) {
    using wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
    return static_cast<T>((static_cast<wide>(a) * static_cast<wide>(b)) >> (8 * sizeof(T)));
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
