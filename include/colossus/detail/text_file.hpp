// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace colossus::detail {

/// All of a file, or an `error` (input) that names it and says `what` was expected there.
inline std::string read_text(const std::string& path, const std::string& what) {
  std::error_code unknown;
  std::ifstream in;
  if (!std::filesystem::is_directory(path, unknown)) in.open(path, std::ios::binary);
  if (!in.is_open()) throw error{path + ": expected " + what + ", found no file that can be read", failure::input};
  return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace colossus::detail
