// SPDX-License-Identifier: Apache-2.0
// cvt: between integers, between floats, and between the two, with PTX's roundings.
#pragma once

#include "instruction.hpp"
#include "values.hpp"

#include <cmath>
#include <limits>

namespace ptx {

inline double to_integral(double value, rounding how) {
  switch (how) {
    case rounding::zero:
      return std::trunc(value);
    case rounding::down:
      return std::floor(value);
    case rounding::up:
      return std::ceil(value);
    default:
      return std::nearbyint(value);
  }
}

/// Floats beyond an integer's range become its nearest end; what is not a number becomes 0 (64 bits: the highest bit).
template <class To>
To saturated(double value) {
  if (std::isnan(value)) return sizeof(To) == 8 ? static_cast<To>(std::uint64_t{1} << 63) : To{0};
  if (value <= static_cast<double>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  if (value >= static_cast<double>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
  return static_cast<To>(value);
}

/// A 16-bit float from what is wider; PTX's only NaN is 0x7fff. From double rounds once, by way of a float rounded to
/// odd.
template <class To>
To narrowed(double value) {
  if (std::isnan(value)) return To::from_bits(0x7fff);
  const float near = static_cast<float>(value);
  if (static_cast<double>(near) == value || std::isinf(near)) return To{near};
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(near);
  if ((bits & 1) != 0) return To{near};
  const bool away = std::fabs(static_cast<double>(near)) < std::fabs(value);
  return To{std::bit_cast<float>(away ? bits + 1 : bits - 1)};
}

template <class To, class From>
To converted(From value, rounding how) {
  if constexpr (is_small_float<To>) {
    return narrowed<To>(static_cast<double>(value));
  } else if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(value);
  } else if constexpr (is_float<From>) {
    return saturated<To>(to_integral(static_cast<double>(value), how));
  } else {
    return static_cast<To>(value);
  }
}

/// A float rounded to a whole number: cvt.rmi.f32.f32 is floor.
template <class T>
T integral(T value, rounding how) {
  return static_cast<T>(to_integral(static_cast<double>(value), how));
}

}  // namespace ptx
