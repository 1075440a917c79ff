// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace colossus::detail {

/// A 16-bit binary floating-point number with `Exponent` bits of exponent, stored as such and computed in float. Each
/// operation rounds to nearest even: float has more than twice the digits, so rounding twice changes nothing.
template <int Exponent>
class small_float {
  static constexpr int digits = 15 - Exponent;  // stored digits of the significand
  static constexpr int shift = 23 - digits;     // float's digits that go
  static constexpr int bias = (1 << (Exponent - 1)) - 1;
  static constexpr std::uint32_t infinite = ((1u << Exponent) - 1) << digits;

 public:
  small_float() = default;
  constexpr explicit small_float(float value) : bits_{rounded(value)} {}
  template <class Number>
  requires std::is_arithmetic_v<Number>
  constexpr explicit small_float(Number value) : small_float{static_cast<float>(value)} {}
  static constexpr small_float from_bits(std::uint16_t bits) {
    small_float made{};
    made.bits_ = bits;
    return made;
  }

  constexpr std::uint16_t bits() const { return bits_; }
  constexpr operator float() const { return widened(bits_); }  // implicit: no information is lost

  friend constexpr small_float operator+(small_float a, small_float b) { return small_float{float{a} + float{b}}; }
  friend constexpr small_float operator-(small_float a, small_float b) { return small_float{float{a} - float{b}}; }
  friend constexpr small_float operator*(small_float a, small_float b) { return small_float{float{a} * float{b}}; }
  friend constexpr small_float operator/(small_float a, small_float b) { return small_float{float{a} / float{b}}; }
  friend constexpr small_float operator-(small_float a) {
    return from_bits(static_cast<std::uint16_t>(a.bits_ ^ 0x8000u));
  }
  friend constexpr bool operator==(small_float a, small_float b) { return float{a} == float{b}; }
  friend constexpr std::partial_ordering operator<=>(small_float a, small_float b) { return float{a} <=> float{b}; }

 private:
  static constexpr std::uint32_t smallest_normal = static_cast<std::uint32_t>(128 - bias) << 23;  // as a float's bits

  static constexpr std::uint16_t rounded(float value) {
    const auto wide = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = (wide >> 16) & 0x8000u, size = wide & 0x7fffffffu;
    if (size > 0x7f800000u) return static_cast<std::uint16_t>(sign | infinite | 1u << (digits - 1));  // not a number
    return static_cast<std::uint16_t>(sign | (size < smallest_normal ? subnormal(size) : normal(size)));
  }
  /// Rounds to nearest even; carries into the exponent, and from the largest number to infinity, come by themselves.
  static constexpr std::uint32_t normal(std::uint32_t size) {
    const std::uint32_t rebiased = size - (static_cast<std::uint32_t>(127 - bias) << 23);
    const std::uint32_t nearest = (rebiased + (1u << (shift - 1)) - 1 + ((rebiased >> shift) & 1)) >> shift;
    return nearest < infinite ? nearest : infinite;
  }
  static constexpr std::uint32_t subnormal(std::uint32_t size) {
    if constexpr (bias == 127) {
      return (size + (1u << (shift - 1)) - 1 + ((size >> shift) & 1)) >> shift;  // subnormal in float as well
    } else {
      const int gone = shift + static_cast<int>(smallest_normal >> 23) - static_cast<int>(size >> 23);
      if (gone > 24) return 0;
      const std::uint32_t significand = (size & 0x7fffffu) | 0x800000u;
      return (significand + (1u << (gone - 1)) - 1 + ((significand >> gone) & 1)) >> gone;
    }
  }
  static constexpr float widened(std::uint32_t bits) {
    const std::uint32_t sign = (bits & 0x8000u) << 16, size = bits & 0x7fffu;
    if (size >= infinite) return std::bit_cast<float>(sign | 0x7f800000u | (size & ((1u << digits) - 1)) << shift);
    if constexpr (bias != 127) {
      if (size < 1u << digits) {
        const float tiny =
            static_cast<float>(size) * std::bit_cast<float>(smallest_normal) / static_cast<float>(1 << digits);
        return sign != 0 ? -tiny : tiny;
      }
    }
    return std::bit_cast<float>(sign | ((size << shift) + (static_cast<std::uint32_t>(127 - bias) << 23)));
  }

  std::uint16_t bits_;
};

}  // namespace colossus::detail

template <int Exponent>
class std::numeric_limits<colossus::detail::small_float<Exponent>> {
  using number = colossus::detail::small_float<Exponent>;
  static constexpr std::uint16_t infinite = ((1 << Exponent) - 1) << (15 - Exponent);

 public:
  static constexpr bool is_specialized = true, is_signed = true, is_integer = false, is_exact = false;
  static constexpr bool has_infinity = true, has_quiet_NaN = true, is_iec559 = true, is_bounded = true;
  static constexpr int radix = 2, digits = 16 - Exponent;
  static constexpr number epsilon() { return number{1.0f / static_cast<float>(1 << (digits - 1))}; }
  static constexpr number infinity() { return number::from_bits(infinite); }
  static constexpr number quiet_NaN() { return number::from_bits(infinite | 1 << (digits - 2)); }
  static constexpr number max() { return number::from_bits(infinite - 1); }
  static constexpr number lowest() { return number::from_bits(0x8000 | (infinite - 1)); }
  static constexpr number min() { return number::from_bits(1 << (digits - 1)); }
};
