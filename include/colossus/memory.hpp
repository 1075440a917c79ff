// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/partition.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>

namespace colossus {

/// A rank's working memory: elements by number. `read` and `write` give the elements of blocks that lie together.
template <class M>
concept memory = std::is_trivially_copyable_v<typename M::element> && requires(const M m, element_range range) {
  { m.size() } -> std::same_as<std::int64_t>;
  { m.read(range) } -> std::same_as<std::span<const typename M::element>>;
  { m.write(range) } -> std::same_as<std::span<typename M::element>>;
};

namespace detail {
template <class T>
constexpr std::span<T> slice(std::span<T> all, element_range range) {
  return all.subspan(static_cast<std::size_t>(range.first), static_cast<std::size_t>(range.count));
}
}  // namespace detail

/// Memory that is one buffer, input and output at once.
template <class T>
struct one_area {
  using element = T;
  std::span<T> all;
  constexpr std::int64_t size() const { return std::ssize(all); }
  constexpr std::span<const T> read(element_range range) const { return detail::slice<T>(all, range); }
  constexpr std::span<T> write(element_range range) const { return detail::slice(all, range); }
};

/// Memory whose first half is the input, only read, and whose second half is the output.
template <class T>
struct two_areas {
  using element = T;
  std::span<const T> input;
  std::span<T> output;
  constexpr std::int64_t size() const { return std::ssize(input) + std::ssize(output); }
  constexpr std::span<const T> read(element_range range) const {
    return range.first < std::ssize(input) ? detail::slice(input, range)
                                           : detail::slice<const T>(output, behind(range));
  }
  constexpr std::span<T> write(element_range range) const {
    if (range.count == 0) return {};
    expects(range.first >= std::ssize(input),
            "a schedule with blocks of input and of output stores into the output alone");
    return detail::slice(output, behind(range));
  }

 private:
  constexpr element_range behind(element_range range) const { return {range.first - std::ssize(input), range.count}; }
};

static_assert(memory<one_area<float>> && memory<two_areas<float>>);

}  // namespace colossus
