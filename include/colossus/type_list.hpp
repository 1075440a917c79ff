// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <type_traits>

namespace colossus {

/// A list of types: how collectives, algorithms and cost models are registered.
template <class... Ts>
struct type_list {
  static constexpr std::size_t size = sizeof...(Ts);
};

namespace detail {
template <class... Lists>
struct appended;
template <class... Ts>
struct appended<type_list<Ts...>> {
  using type = type_list<Ts...>;
};
template <class... Ts, class... Us, class... Rest>
struct appended<type_list<Ts...>, type_list<Us...>, Rest...> : appended<type_list<Ts..., Us...>, Rest...> {};
template <class... Ts, class T, class... Rest>
struct appended<type_list<Ts...>, T, Rest...> : appended<type_list<Ts..., T>, Rest...> {};
}  // namespace detail

/// The list `List` with more types, or the types of more lists, at its end.
template <class List, class... More>
using append = typename detail::appended<List, More...>::type;

/// Calls `f(std::type_identity<T>{})` for every T of the list, in order.
template <class... Ts, class F>
constexpr void for_each_type(type_list<Ts...>, F&& f) {
  (f(std::type_identity<Ts>{}), ...);
}

/// True when `f(std::type_identity<T>{})` is for every T of the list.
template <class... Ts, class F>
constexpr bool all_types(type_list<Ts...>, F&& f) {
  return (f(std::type_identity<Ts>{}) && ...);
}

}  // namespace colossus
