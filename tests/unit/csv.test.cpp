// SPDX-License-Identifier: Apache-2.0
#include "folder.hpp"

#include <colossus/bench/csv_file.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

namespace colossus::bench {
namespace {

using test::folder;

row sample(double time_us) {
  row r;
  r.collective = "all_reduce";
  r.time_us = time_us;
  return r;
}

template <class F>
std::string refusal(F&& f, failure kind) {
  try {
    f();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), kind) << e.what();
    return e.what();
  }
  return "nothing was refused";
}

TEST(csv, fields_are_quoted_only_where_they_must_be) {
  EXPECT_EQ(csv_field("hierarchical:inner=ring+outer=double_tree"), "hierarchical:inner=ring+outer=double_tree");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"so\""), "\"say \"\"so\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(csv, columns_are_found_by_name_and_unknown_ones_left_out) {
  const auto rows = csv_rows("time_us,remark,collective\r\n2.5,\"x,\ny\",reduce\r\n", "memory");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].time_us, 2.5);
  EXPECT_EQ(rows[0].collective, "reduce");
}

TEST(csv, what_is_wrong_is_said_with_file_line_and_column) {
  EXPECT_EQ(refusal([] { csv_rows("", "x.csv"); }, failure::input),
            "x.csv: expected a header in line 1, found an empty file");
  EXPECT_EQ(refusal([] { csv_rows("bytes\n8\nmany\n", "x.csv"); }, failure::input),
            "x.csv: line 3: expected a number in column bytes, found 'many'");
  EXPECT_EQ(refusal([] { csv_rows("bytes,count\n8,2\n8\n", "x.csv"); }, failure::input),
            "x.csv: line 3: expected 2 fields, found 1");
  EXPECT_EQ(refusal([] { csv_rows("bytes,tags\n8,\"two\nlines\"\n8\n", "x.csv"); }, failure::input),
            "x.csv: line 4: expected 2 fields, found 1")
      << "a field may have several lines";
  EXPECT_EQ(refusal([] { csv_rows("bytes\n\"8\n", "x.csv"); }, failure::input),
            "x.csv: line 2: a quoted field does not end before the file does");
  EXPECT_EQ(refusal([] { read_rows("/nowhere/x.csv"); }, failure::input),
            "/nowhere/x.csv: expected a file that can be read");
  EXPECT_EQ(refusal([] { read_rows("/"); }, failure::input), "/: expected a file, found a folder");
}

TEST(csv, rows_are_in_the_file_as_soon_as_they_are_written) {
  const folder here;
  const auto path = here / "x.csv";
  csv_file file{path, false};
  EXPECT_TRUE(read_rows(path).empty());
  file.write(sample(1));
  EXPECT_EQ(read_rows(path).size(), 1u);
  file.write(sample(2));
  EXPECT_EQ(read_rows(path), (std::vector{sample(1), sample(2)}));
}

TEST(csv, a_file_is_never_overwritten) {
  const folder here;
  const auto path = here / "x.csv";
  csv_file{path, false}.write(sample(1));
  EXPECT_EQ(refusal(
                [&] {
                  csv_file{path, false};
                },
                failure::usage),
            path + " is there already: add to it with --append, or name another file");
  csv_file{path, true}.write(sample(2));
  EXPECT_EQ(read_rows(path).size(), 2u);
}

TEST(csv, append_wants_our_header_and_whole_lines) {
  const folder here;
  const auto path = here / "x.csv";
  std::ofstream{path} << "a,b\n1,2\n";
  EXPECT_EQ(refusal(
                [&] {
                  csv_file{path, true};
                },
                failure::usage),
            path + ": --append expects the header of schema 1 in line 1, found another");
  std::ofstream{path} << csv_header() << "1,half a line";
  EXPECT_EQ(refusal(
                [&] {
                  csv_file{path, true};
                },
                failure::usage),
            path + ": --append expects whole lines, found one without an end: delete the last line");
}

TEST(csv, append_begins_a_file_that_is_not_there) {
  const folder here;
  csv_file{here / "new.csv", true}.write(sample(1));
  EXPECT_EQ(read_rows(here / "new.csv").size(), 1u);
}

TEST(csv, a_directory_that_is_not_there_is_said) {
  EXPECT_EQ(refusal(
                [] {
                  csv_file{"/nowhere/x.csv", false};
                },
                failure::usage),
            "/nowhere/x.csv: expected a file that can be written: No such file or directory");
}

}  // namespace
}  // namespace colossus::bench
