// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace colossus::bench {

/// Reads the arguments behind a program's name. False where they only asked for help or the version: that went to
/// `out`. Throws `error` (usage) with one line that says what is wrong.
inline bool parse_arguments(CLI::App& app, std::vector<std::string> arguments, std::ostream& out) try {
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  app.parse(std::move(arguments));
  return true;
} catch (const CLI::Success& asked) {
  app.exit(asked, out, out);
  return false;
} catch (const CLI::ParseError& wrong) {
  throw error{std::string{wrong.what()} + " (--help lists the flags)"};
}

inline bool parse_arguments(CLI::App& app, int argc, const char* const* argv, std::ostream& out) {
  return parse_arguments(app, {argv + (argc > 0 ? 1 : 0), argv + argc}, out);
}

}  // namespace colossus::bench
