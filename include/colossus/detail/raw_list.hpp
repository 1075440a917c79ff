// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

namespace colossus::detail {

/// A vector of numbers that does not write zeros first: memory that is about to be written once is touched once.
template <class T>
class raw_list {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  void clear() { size_ = 0; }
  void reserve(std::size_t room) {
    if (room > room_) grow(room);
  }
  /// New places are not initialised.
  void resize(std::size_t size) {
    if (size > room_) grow(size);
    size_ = size;
  }
  void assign(std::size_t size, T value) {
    resize(size);
    std::fill_n(data(), size, value);
  }
  [[gnu::always_inline]] void push_back(T value) {
    if (size_ == room_) grow(size_ + 1);
    data_[size_++] = value;
  }

  std::size_t size() const { return size_; }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

 private:
  void grow(std::size_t least) {
    const std::size_t room = std::max(least, room_ + room_ / 2);
    auto bigger = std::make_unique_for_overwrite<T[]>(room);
    std::copy_n(data(), size_, bigger.get());
    data_ = std::move(bigger);
    room_ = room;
  }

  std::unique_ptr<T[]> data_;
  std::size_t size_ = 0, room_ = 0;
};

}  // namespace colossus::detail
