// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "folder.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace commands {

/// Where the programs are: one folder above the tests.
inline std::filesystem::path programs() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
}

using colossus::test::folder;

inline std::string text_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// How a command ended, and what it said.
struct outcome {
  int status = -1;
  std::string out, err;
};

/// Runs a line of the shell. `status` is 128 + signal where one ended it.
inline outcome shell(const std::string& line) {
  const folder here;
  const int raw = std::system(("( " + line + " ) > " + here / "out" + " 2> " + here / "err" + " < /dev/null").c_str());
  return {WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw), text_of(here / "out"), text_of(here / "err")};
}

/// Runs one of our programs.
inline outcome run(const std::string& program, const std::string& arguments) {
  return shell((programs() / program).string() + " " + arguments);
}

/// The command is refused with `status`, nothing on stdout, and one line on stderr that begins with the program's name
/// and contains `text`.
inline void expect_refusal(const std::string& program, const std::string& arguments, int status,
                           const std::string& text) {
  const outcome o = run(program, arguments);
  EXPECT_EQ(o.status, status) << arguments << "\n" << o.err;
  EXPECT_EQ(o.out, "") << arguments;
  EXPECT_TRUE(o.err.starts_with(program + ": ")) << arguments << "\n" << o.err;
  EXPECT_EQ(o.err.find('\n'), o.err.size() - 1) << "one line is expected: " << arguments << "\n" << o.err;
  EXPECT_NE(o.err.find(text), std::string::npos) << arguments << "\nexpected " << text << "\nfound " << o.err;
}

}  // namespace commands
