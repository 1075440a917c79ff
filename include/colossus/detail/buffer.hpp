// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace colossus::detail {

/// A fixed number of values, also while compiling (g++ 11 has no constexpr std::vector).
template <class T>
class buffer {
 public:
  constexpr explicit buffer(std::size_t size) : data_{new T[size]{}}, size_{size} {}
  constexpr ~buffer() { delete[] data_; }
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;

  constexpr std::size_t size() const { return size_; }
  constexpr T& operator[](std::size_t i) { return data_[i]; }
  constexpr const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  T* data_;
  std::size_t size_;
};

}  // namespace colossus::detail
