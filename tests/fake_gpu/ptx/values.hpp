// SPDX-License-Identifier: Apache-2.0
// PTX types, and how a register's 64 bits hold a value of each.
#pragma once

#include <colossus/detail/small_float.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ptx {

using float16 = colossus::detail::small_float<5>;
using bfloat16 = colossus::detail::small_float<8>;

/// Untyped `.bN` counts as `.uN`, as PTX's own rules allow for every operation that takes both.
enum class type : std::uint8_t { pred, u8, u16, u32, u64, s8, s16, s32, s64, f16, bf16, f32, f64 };

inline std::optional<type> type_named(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, type>, 17> names{{{"pred", type::pred},
                                                                            {"b8", type::u8},
                                                                            {"u8", type::u8},
                                                                            {"s8", type::s8},
                                                                            {"b16", type::u16},
                                                                            {"u16", type::u16},
                                                                            {"s16", type::s16},
                                                                            {"b32", type::u32},
                                                                            {"u32", type::u32},
                                                                            {"s32", type::s32},
                                                                            {"b64", type::u64},
                                                                            {"u64", type::u64},
                                                                            {"s64", type::s64},
                                                                            {"f16", type::f16},
                                                                            {"bf16", type::bf16},
                                                                            {"f32", type::f32},
                                                                            {"f64", type::f64}}};
  for (const auto& [known, is] : names) {
    if (known == name) return is;
  }
  return std::nullopt;
}

template <class T>
inline constexpr bool is_small_float = std::is_same_v<T, float16> || std::is_same_v<T, bfloat16>;
template <class T>
inline constexpr bool is_float = std::is_floating_point_v<T> || is_small_float<T>;
template <class T>
inline constexpr bool is_signed_integer = std::is_integral_v<T>&& std::is_signed_v<T>;

/// Calls `f` with a value of the C++ type that `t` stands for.
template <class F>
decltype(auto) with_type(type t, F&& f) {
  switch (t) {
    case type::pred:
      return f(bool{});
    case type::u8:
      return f(std::uint8_t{});
    case type::u16:
      return f(std::uint16_t{});
    case type::u32:
      return f(std::uint32_t{});
    case type::s8:
      return f(std::int8_t{});
    case type::s16:
      return f(std::int16_t{});
    case type::s32:
      return f(std::int32_t{});
    case type::s64:
      return f(std::int64_t{});
    case type::f16:
      return f(float16::from_bits(0));
    case type::bf16:
      return f(bfloat16::from_bits(0));
    case type::f32:
      return f(float{});
    case type::f64:
      return f(double{});
    default:
      return f(std::uint64_t{});
  }
}

inline unsigned size_of(type t) {
  return with_type(t, [](auto value) { return static_cast<unsigned>(sizeof value); });
}

inline bool is_float_type(type t) {
  return with_type(t, []<class T>(T) { return is_float<T>; });
}

/// Reads a value from a register: higher bits than the type has are ignored.
template <class T>
T from_bits(std::uint64_t bits) {
  if constexpr (std::is_same_v<T, bool>) {
    return (bits & 1) != 0;
  } else if constexpr (is_small_float<T>) {
    return T::from_bits(static_cast<std::uint16_t>(bits));
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  } else if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<double>(bits);
  } else {
    return static_cast<T>(bits);
  }
}

/// What a register holds after a value was written: integers are extended to 64 bits by their sign, or by zeros.
template <class T>
std::uint64_t to_bits(T value) {
  if constexpr (is_small_float<T>) {
    return value.bits();
  } else if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<std::uint32_t>(value);
  } else if constexpr (std::is_same_v<T, double>) {
    return std::bit_cast<std::uint64_t>(value);
  } else if constexpr (is_signed_integer<T>) {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

}  // namespace ptx
