// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/cursor.hpp>
#include <colossus/error.hpp>
#include <colossus/step.hpp>

#include <algorithm>
#include <functional>
#include <ranges>
#include <span>
#include <string>
#include <type_traits>

namespace colossus::detail {

template <class R>
concept contiguous_buffer = std::ranges::contiguous_range<R> && std::ranges::sized_range<R>;

template <class R>
using element_of = std::remove_cv_t<std::ranges::range_value_t<R>>;

template <class T>
std::int64_t bytes_of(std::span<const T> data) {
  return static_cast<std::int64_t>(data.size_bytes());
}

/// The buffer `what` of `call` has `expected` elements, or the error says what it should have.
inline void expect_elements(std::string_view call, std::string_view what, std::int64_t found, std::string_view rule,
                            std::int64_t expected) {
  if (found != expected)
    throw error{std::string{call} + ": " + std::string{what} + " has " + std::to_string(found) +
                " elements, expected " + std::string{rule} + ": " + std::to_string(expected)};
}

/// In place means that `in` and `out` begin at the same element; otherwise the call's buffers share nothing. `whole` is
/// the larger buffer, of which one of the two is a part.
template <class T>
void expect_same_or_apart(std::string_view call, std::span<const T> in, std::span<const T> out,
                          std::span<const T> whole) {
  if (in.data() == out.data() || in.empty() || out.empty()) return;
  const std::less<const T*> before;
  const auto meet = [&](std::span<const T> a) {
    return before(a.data(), whole.data() + whole.size()) && before(whole.data(), a.data() + a.size());
  };
  if (meet(in) && meet(out))
    throw error{std::string{call} +
                ": in and out overlap in part: give the same memory (in place) or buffers that share nothing"};
}

/// Puts the input where the collective works, unless it is there.
template <class T>
void copy_unless_same(std::string_view call, std::span<const T> in, std::span<T> out) {
  if (in.data() == out.data()) return;
  expect_same_or_apart<T>(call, in, out, out);
  std::ranges::copy(in, out.begin());
}

/// Elements [rank * count, (rank + 1) * count).
template <class T>
std::span<T> part(std::span<T> all, rank_t rank, std::size_t count) {
  return all.subspan(static_cast<std::size_t>(rank) * count, count);
}

/// Memory of the transport to work in, kept for the next call.
template <class T, class Comm>
std::span<T> work_area(Comm& comm, std::size_t count) {
  return {reinterpret_cast<T*>(comm.buffer(call_slot, count * sizeof(T)).data()), count};
}

/// The input, copied aside where the collective is called in place but needs input and output at once.
template <class T, class Comm>
std::span<const T> apart(std::string_view call, Comm& comm, std::span<const T> in, std::span<T> out) {
  if (in.empty() || in.data() != out.data()) {
    expect_same_or_apart<T>(call, in, out, out);
    return in;
  }
  const auto aside = work_area<T>(comm, in.size());
  std::ranges::copy(in, aside.begin());
  return aside;
}

}  // namespace colossus::detail
