// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/small_float.hpp>
#include <colossus/error.hpp>
#include <colossus/type_list.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace colossus {

/// IEEE binary16 and bfloat16 in software: stored in 16 bits, computed in float, rounded to nearest even.
using float16 = detail::small_float<5>;
using bfloat16 = detail::small_float<8>;

/// An element type's name, as nccl-tests writes it, and the other names that the command line accepts.
/// Specialise it to add a type.
template <class T>
struct data_type;

template <>
struct data_type<std::int8_t> {
  static constexpr std::string_view name = "int8";
  static constexpr std::array<std::string_view, 1> aliases{"char"};
};
template <>
struct data_type<std::uint8_t> {
  static constexpr std::string_view name = "uint8";
  static constexpr std::array<std::string_view, 1> aliases{"byte"};
};
template <>
struct data_type<std::int32_t> {
  static constexpr std::string_view name = "int32";
  static constexpr std::array<std::string_view, 1> aliases{"int"};
};
template <>
struct data_type<std::uint32_t> {
  static constexpr std::string_view name = "uint32";
  static constexpr std::array<std::string_view, 1> aliases{"uint"};
};
template <>
struct data_type<std::int64_t> {
  static constexpr std::string_view name = "int64";
  static constexpr std::array<std::string_view, 0> aliases{};
};
template <>
struct data_type<std::uint64_t> {
  static constexpr std::string_view name = "uint64";
  static constexpr std::array<std::string_view, 0> aliases{};
};
template <>
struct data_type<float16> {
  static constexpr std::string_view name = "half";
  static constexpr std::array<std::string_view, 2> aliases{"float16", "fp16"};
};
template <>
struct data_type<float> {
  static constexpr std::string_view name = "float";
  static constexpr std::array<std::string_view, 1> aliases{"float32"};
};
template <>
struct data_type<double> {
  static constexpr std::string_view name = "double";
  static constexpr std::array<std::string_view, 1> aliases{"float64"};
};
template <>
struct data_type<bfloat16> {
  static constexpr std::string_view name = "bfloat16";
  static constexpr std::array<std::string_view, 1> aliases{"bf16"};
};

/// A type that has a name.
template <class T>
concept named_data_type = requires {
  { data_type<T>::name } -> std::convertible_to<std::string_view>;
};

/// Every element type that has a name, in nccl-tests' order.
using data_types = type_list<std::int8_t, std::uint8_t, std::int32_t, std::uint32_t, std::int64_t, std::uint64_t,
                             float16, float, double, bfloat16>;

/// Whether `T` answers to `name`.
template <named_data_type T>
constexpr bool is_called(std::string_view name) {
  bool found = name == data_type<T>::name;
  for (const std::string_view alias : data_type<T>::aliases) found |= name == alias;
  return found;
}

/// Calls `f(std::type_identity<T>{})` for the type called `name`. Throws `error` (usage) for an unknown one.
template <class F>
void with_data_type(std::string_view name, F&& f) {
  bool found = false;
  std::string known;
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T> type) {
    known += (known.empty() ? "" : ", ") + std::string{data_type<T>::name};
    if (!found && is_called<T>(name)) found = true, f(type);
  });
  if (!found) throw error{"unknown data type '" + std::string{name} + "': choose one of " + known};
}

}  // namespace colossus
