// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <string_view>

namespace colossus::bench {

/// What ended a program: its exit status, and one line for stderr.
struct ending {
  int status = 0;
  std::string line;
};

/// How the error under way ends a program. To be called in a handler.
inline ending ending_of_error() {
  try {
    throw;
  } catch (const error& e) {
    return {e.exit_status(), e.what()};
  } catch (const std::bad_alloc&) {
    return {static_cast<int>(failure::broke), "out of memory: use smaller sizes (-e) or fewer ranks"};
  } catch (const std::exception& e) {
    return {static_cast<int>(failure::broke), e.what()};
  }
}

/// One line on stderr, in one piece: many processes may write there at once.
inline void say_line(const std::string& line) { std::cerr << line + '\n' << std::flush; }

/// Runs a program: its exit status, or that of its error, which becomes one line on stderr behind the program's name.
template <class F>
int guarded(std::string_view program, F&& f) {
  try {
    return f();
  } catch (...) {
    const ending e = ending_of_error();
    say_line(std::string{program} + ": " + e.line);
    return e.status;
  }
}

}  // namespace colossus::bench
