// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace colossus {

/// Why something failed, in the terms of the command line's exit status.
enum class failure : int {
  check = 1,        ///< a check failed: wrong data, slower than the gate, a lint finding
  usage = 2,        ///< unknown name or flag, a size that overflows, a rank count not served
  input = 3,        ///< a file is missing, malformed, or does not add up
  broke = 4,        ///< it ran and broke: deadline, rank lost, out of memory, a library's error
  unavailable = 5,  ///< no device, driver or library here
};

/// Where in the source something was expected: `std::source_location`, which clang 14 does not have yet.
struct source_location {
  const char* file = "";
  std::uint_least32_t line = 0;
  static constexpr source_location current(const char* file = __builtin_FILE(),
                                           std::uint_least32_t line = __builtin_LINE()) {
    return {file, line};
  }
};

/// What every part of the library throws: one line that says what was expected, what was found, and what to do.
class error : public std::runtime_error {
 public:
  explicit error(const std::string& message, failure kind = failure::usage,
                 source_location where = source_location::current())
      : std::runtime_error{message}, kind_{kind}, where_{where} {}
  failure kind() const { return kind_; }
  int exit_status() const { return static_cast<int>(kind_); }
  const source_location& where() const { return where_; }

 private:
  failure kind_;
  source_location where_;
};

/// Throws `error` unless `condition`. Usable in constant expressions: a failed expectation stops the compiler.
constexpr void expects(bool condition, std::string_view message, failure kind = failure::usage,
                       source_location where = source_location::current()) {
  if (!condition) throw error{std::string{message}, kind, where};
}

}  // namespace colossus
