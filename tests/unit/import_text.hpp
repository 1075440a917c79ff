// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "folder.hpp"

#include <colossus/bench/import/read_any.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

/// What the tests of the importers share: texts that are read as files.
namespace colossus::bench::import_text {

using test::folder;

inline imported read_text(const std::string& text, const import_request& asked = {},
                          const std::string& name = "x.log") {
  const folder here;
  return read_any(here.write(name, text), asked);
}

/// What reading `text` is refused with, behind the file's name.
inline std::string refusal(const std::string& text, const import_request& asked = {}, failure kind = failure::input) {
  try {
    read_text(text, asked);
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    const std::string what = e.what();
    const auto file = what.find("x.log: ");
    return file == std::string::npos ? what : what.substr(file + 7);
  }
  return "nothing was refused";
}

inline std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) found.push_back(line);
  return found;
}

inline std::string text_of(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& line : all) text += line + '\n';
  return text;
}

}  // namespace colossus::bench::import_text
