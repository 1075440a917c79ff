// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace colossus::bench {

/// One line on stderr that says how far a program is: on a terminal only, four times a second at most, gone at the end.
class progress {
 public:
  explicit progress(bool wanted = true) : shown_{wanted && ::isatty(STDERR_FILENO) == 1} {}
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  ~progress() { clear(); }

  void show(std::size_t done, std::size_t all, const std::string& what) {
    const auto now = std::chrono::steady_clock::now();
    if (!shown_ || now - last_ < std::chrono::milliseconds{250}) return;
    last_ = now;
    std::fprintf(stderr, "\r\033[K[%zu/%zu] %s", done, all, what.c_str());
    std::fflush(stderr);
    dirty_ = true;
  }

  /// Takes the line away, so that something else can be written.
  void clear() {
    if (dirty_) std::fputs("\r\033[K", stderr);
    dirty_ = false;
  }

 private:
  bool shown_;
  bool dirty_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace colossus::bench
