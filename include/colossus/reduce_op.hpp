// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/host_device.hpp>
#include <colossus/error.hpp>
#include <colossus/type_list.hpp>

#include <concepts>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace colossus {

/// Combines two elements into one. Associative up to rounding; `std::plus<>` and lambdas will do where no name is
/// needed.
template <class Op, class T>
concept reduces_elements = requires(const Op op, const T a, const T b) {
  { op(a, b) } -> std::convertible_to<T>;
};

/// Combines two ranges of elements at once, into a third that may be one of the two.
template <class Op, class T>
concept reduces_ranges = requires(const Op op, std::span<const T> in, std::span<T> out) {
  op(in, in, out);
};

/// A reduction that the command line can name: `name`, `commutative`, and `identity<T>()` with `op(identity, x) == x`.
template <class Op>
concept reduce_op = reduces_elements<Op, float> && reduces_elements<Op, int> && requires {
  { Op::name } -> std::convertible_to<std::string_view>;
  { Op::commutative } -> std::convertible_to<bool>;
  { Op::template identity<float>() } -> std::same_as<float>;
};

namespace detail {
/// Integers wrap around as on GPUs: they are combined without sign, and never in a signed type after promotion.
template <class T, class F>
COLOSSUS_HOST_DEVICE constexpr T combine(T a, T b, F f) {
  if constexpr (std::is_integral_v<T>) {
    using bits = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
    return static_cast<T>(f(static_cast<bits>(a), static_cast<bits>(b)));
  } else return static_cast<T>(f(a, b));
}
}  // namespace detail

/// a + b; integers wrap around.
struct sum {
  static constexpr std::string_view name = "sum";
  static constexpr bool commutative = true;
  template <class T>
  static constexpr T identity() {
    return static_cast<T>(0);
  }
  template <class T>
  COLOSSUS_HOST_DEVICE constexpr T operator()(T a, T b) const {
    return detail::combine(a, b, [](auto x, auto y) { return x + y; });
  }
};

/// a * b; integers wrap around.
struct prod {
  static constexpr std::string_view name = "prod";
  static constexpr bool commutative = true;
  template <class T>
  static constexpr T identity() {
    return static_cast<T>(1);
  }
  template <class T>
  COLOSSUS_HOST_DEVICE constexpr T operator()(T a, T b) const {
    return detail::combine(a, b, [](auto x, auto y) { return x * y; });
  }
};

/// The smaller of the two.
struct min {
  static constexpr std::string_view name = "min";
  static constexpr bool commutative = true;
  template <class T>
  static constexpr T identity() {
    if constexpr (std::numeric_limits<T>::has_infinity) return std::numeric_limits<T>::infinity();
    else return std::numeric_limits<T>::max();
  }
  template <class T>
  COLOSSUS_HOST_DEVICE constexpr T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};

/// The larger of the two.
struct max {
  static constexpr std::string_view name = "max";
  static constexpr bool commutative = true;
  template <class T>
  static constexpr T identity() {
    if constexpr (std::numeric_limits<T>::has_infinity) return static_cast<T>(-std::numeric_limits<T>::infinity());
    else return std::numeric_limits<T>::lowest();
  }
  template <class T>
  COLOSSUS_HOST_DEVICE constexpr T operator()(T a, T b) const {
    return a < b ? b : a;
  }
};

/// Every reduction that has a name.
using reduce_ops = type_list<sum, prod, min, max>;

static_assert(all_types(reduce_ops{}, []<class Op>(std::type_identity<Op>) { return reduce_op<Op>; }));

/// Calls `f(std::type_identity<Op>{})` for the reduction called `name`. Throws `error` (usage) for an unknown one.
template <class F>
void with_reduce_op(std::string_view name, F&& f) {
  bool found = false;
  std::string known;
  for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op> op) {
    known += (known.empty() ? "" : ", ") + std::string{Op::name};
    if (name == Op::name) found = true, f(op);
  });
  if (!found) throw error{"unknown reduction '" + std::string{name} + "': choose one of " + known};
}

}  // namespace colossus
