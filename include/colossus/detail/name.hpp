// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace colossus::detail {

/// Names one after another, joined by the compiler. Each of `Named` has a `name`: references to names would do as well,
/// if CUDA's compiler took them.
template <class... Named>
struct joined {
  static constexpr auto characters = [] {
    std::array<char, (Named::name.size() + ...)> all{};
    auto end = all.begin();
    ((end = std::ranges::copy(Named::name, end).out), ...);
    return all;
  }();
  static constexpr std::string_view name{characters.data(), characters.size()};
};

struct inner_is {
  static constexpr std::string_view name = ":inner=";
};
struct outer_is {
  static constexpr std::string_view name = "+outer=";
};

/// The name of an algorithm with an inner and an outer one, as the command line writes it: base:inner=a+outer=b.
template <class Base, class Inner, class Outer>
using two_level_name = joined<Base, inner_is, Inner, outer_is, Outer>;

}  // namespace colossus::detail
