// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "folder.hpp"

#include <colossus/bench/csv.hpp>

#include <benchmark/benchmark.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace colossus::bench {

/// How a program of three lines ends, and what it writes.
struct ended {
  int status = 0;
  std::vector<row> rows;
  std::string err;
};

/// Runs the main program of `main` with these arguments and a file of rows.
template <class Main>
ended run(Main&& main, std::vector<std::string> arguments) {
  const test::folder here;
  const std::string csv = here / "x.csv";
  for (const auto& more : {"--csv", csv.c_str()}) arguments.emplace_back(more);
  arguments.insert(arguments.begin(), "mine");
  std::vector<char*> argv;
  for (std::string& a : arguments) argv.push_back(a.data());
  argv.push_back(nullptr);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  ended e{main(static_cast<int>(arguments.size()), argv.data()), {}, {}};
  testing::internal::GetCapturedStdout();
  e.err = testing::internal::GetCapturedStderr();
  if (std::filesystem::exists(csv)) e.rows = read_rows(csv);
  benchmark::ClearRegisteredBenchmarks();
  return e;
}

}  // namespace colossus::bench
