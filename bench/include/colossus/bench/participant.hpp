// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/sidecar.hpp>
#include <colossus/step.hpp>

#include <chrono>
#include <compare>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>

namespace colossus::bench {

/// Memory for one buffer of a benchmark: begins at a page, holds nothing in particular, only ever grows.
class buffer {
 public:
  std::byte* data() const { return bytes_.get(); }
  void reserve(std::int64_t bytes) {
    if (bytes <= size_) return;
    const auto pages = (static_cast<std::size_t>(bytes) + 4095) / 4096;
    bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(4096, pages * 4096)));
    if (!bytes_) throw std::bad_alloc{};
    size_ = bytes;
  }

 private:
  struct free_it {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, free_it> bytes_;
  std::int64_t size_ = 0;
};

/// The slowest rank of an operation, and its time.
struct slowest_rank {
  double seconds = 0;
  rank_t rank = 0;
  auto operator<=>(const slowest_rank&) const = default;
};

/// One rank of a measured program: its communicator, its buffers, and what it has to report.
template <class Comm>
struct participant {
  explicit participant(Comm& c) : comm{&c} {}
  Comm* comm;
  buffer in, out;
  double seconds = 0;
  bool complained = false;
  std::exception_ptr thrown;
};

template <class F>
double seconds_of(F&& f) {
  const auto begin = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace colossus::bench
