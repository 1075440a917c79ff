// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace colossus::test {

/// A folder of one test's own, gone at its end.
class folder {
 public:
  folder() {
    std::string path = (std::filesystem::temp_directory_path() / "colossus-test-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error{path + ": cannot be made"};
    path_ = path;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  /// The path of a file in it.
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }
  /// Writes a file, and returns its path.
  std::string write(std::string_view name, std::string_view text) const {
    std::ofstream{path_ / name, std::ios::binary} << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace colossus::test
