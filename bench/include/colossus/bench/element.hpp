// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/data_type.hpp>
#include <colossus/reduce_op.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace colossus::bench {

/// An element of which only the size is known: a schedule is compiled once for each size, not for each type and
/// reduction.
template <std::size_t Size>
struct alignas(Size) element {
  std::byte bytes[Size];
};

/// Combines `count` elements of some type: out[i] = op(a[i], b[i]).
using reduction_kernel = void (*)(const void* a, const void* b, void* out, std::size_t count);

template <class T, class Op>
void reduce_elements(const void* a, const void* b, void* out, std::size_t count) {
  const T* const left = static_cast<const T*>(a);
  const T* const right = static_cast<const T*>(b);
  T* const to = static_cast<T*>(out);
  for (std::size_t i = 0; i < count; ++i) to[i] = Op{}(left[i], right[i]);
}

/// A reduction of elements whose type only the kernel knows.
template <std::size_t Size>
struct any_reduction {
  reduction_kernel kernel;
  element<Size> operator()(element<Size> a, element<Size> b) const {
    element<Size> out;
    kernel(&a, &b, &out, 1);
    return out;
  }
  void operator()(std::span<const element<Size>> a, std::span<const element<Size>> b,
                  std::span<element<Size>> out) const {
    kernel(a.data(), b.data(), out.data(), out.size());
  }
};

static_assert(reduces_ranges<any_reduction<4>, element<4>>);

/// An element type and a reduction, chosen at run time.
struct element_kind {
  std::string_view type, reduction;
  std::size_t size = 0;
  reduction_kernel kernel = nullptr;
};

/// The kind of the given names. Throws (usage) for unknown ones.
inline element_kind element_kind_of(std::string_view type, std::string_view reduction) {
  element_kind kind;
  with_data_type(type, [&]<class T>(std::type_identity<T>) {
    with_reduce_op(reduction, [&]<class Op>(std::type_identity<Op>) {
      kind = {data_type<T>::name, Op::name, sizeof(T), reduce_elements<T, Op>};
    });
  });
  return kind;
}

/// Calls `f(std::integral_constant<std::size_t, S>{})` with the size of an element.
template <class F>
void with_size(std::size_t size, F&& f) {
  const auto try_one = [&]<std::size_t Size>(std::integral_constant<std::size_t, Size> s) {
    constexpr bool used = !all_types(data_types{}, []<class T>(std::type_identity<T>) { return sizeof(T) != Size; });
    if constexpr (used)
      if (size == Size) f(s);
  };
  try_one(std::integral_constant<std::size_t, 1>{});
  try_one(std::integral_constant<std::size_t, 2>{});
  try_one(std::integral_constant<std::size_t, 4>{});
  try_one(std::integral_constant<std::size_t, 8>{});
}

}  // namespace colossus::bench
