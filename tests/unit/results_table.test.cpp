// SPDX-License-Identifier: Apache-2.0
// The table of columns in docs/results.md is that of the code. To write it again after a change of `columns`:
//   COLOSSUS_WRITE_DOCS=1 build/release/bin/tests/unit-results_table
#include <colossus/bench/csv.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace colossus::bench {
namespace {

const std::string path = COLOSSUS_TOPOLOGY_DIR "/../docs/results.md";
constexpr std::string_view begin_mark = "<!-- columns: begin -->\n", end_mark = "<!-- columns: end -->";

std::string type_of(const column& c) {
  static constexpr std::array names{"text", "integer", "real"};
  return names[c.member.index()];
}

/// The table as Markdown.
std::string columns_table() {
  std::string table = "| column | type | unit | key | what it holds | empty when |\n|---|---|---|---|---|---|\n";
  for (const column& c : columns)
    table += "| `" + std::string{c.name} + "` | " + type_of(c) + " | " + std::string{c.unit} + " | " +
             (c.key ? "key" : "") + " | " + std::string{c.meaning} + " | " + std::string{c.empty_when} + " |\n";
  return table;
}

TEST(results_table, says_what_the_code_says) {
  const std::string text = file_text(path);
  const auto begin = text.find(begin_mark), end = text.find(end_mark);
  ASSERT_TRUE(begin != std::string::npos && end != std::string::npos && begin < end) << path;
  const std::string table = columns_table(), before = text.substr(0, begin + begin_mark.size());
  if (std::getenv("COLOSSUS_WRITE_DOCS") != nullptr)
    std::ofstream{path, std::ios::binary} << before << table << text.substr(end);
  else
    EXPECT_EQ(text.substr(before.size(), end - before.size()), table)
        << "COLOSSUS_WRITE_DOCS=1 " << testing::internal::GetArgvs()[0] << " writes it again";
}

TEST(results_table, holds_no_bar_that_would_end_a_cell) {
  for (const column& c : columns)
    for (const std::string_view text : {c.unit, c.meaning, c.empty_when})
      EXPECT_EQ(text.find('|'), std::string_view::npos) << c.name;
}

}  // namespace
}  // namespace colossus::bench
