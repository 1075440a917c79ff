// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace colossus::detail {

template <const std::string_view&... Parts>
struct joined {
  static constexpr auto characters = [] {
    std::array<char, (Parts.size() + ...)> all{};
    auto end = all.begin();
    ((end = std::ranges::copy(Parts, end).out), ...);
    return all;
  }();
  static constexpr std::string_view value{characters.data(), characters.size()};
};

/// The names one after another, joined by the compiler.
template <const std::string_view&... Parts>
inline constexpr std::string_view join = joined<Parts...>::value;

/// The name of an algorithm with an inner and an outer one, as the command line writes it: base:inner=a+outer=b.
template <const std::string_view& Base, class Inner, class Outer>
struct two_level_name {
  static constexpr std::string_view inner = ":inner=", outer = "+outer=";
  static constexpr std::string_view value = join<Base, inner, Inner::name, outer, Outer::name>;
};

}  // namespace colossus::detail
