// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/read_any.hpp>

namespace colossus::bench::compare {

/// The rows of a text in whatever format. Throws (input) as reading does; where the user must say what the text does
/// not, the error says with which program.
inline imported read_rows_of(const std::string& path, std::string_view text) try {
  return read_any_text(path, text);
} catch (const error& e) {
  const std::string what = e.what();
  const bool flags = what.find("--set") != std::string::npos || what.find("--columns") != std::string::npos ||
                     what.find("--units") != std::string::npos;
  throw error{what + (flags ? " (of colossus-import, which makes a file of rows)" : ""), e.kind()};
}

/// Whether a header is that of a file of rows: it has time_us, and no column under a name of somebody else's.
inline bool are_ours(const std::vector<std::string>& names) {
  bool timed = false, foreign = false;
  for (const std::string& name : names) {
    const column* const c = importing::column_named(name);
    timed |= name == "time_us", foreign |= c != nullptr && c->name != name;
  }
  return timed && !foreign;
}

/// All of a text as the text of a file of rows.
inline std::string rows_text(const std::vector<row>& rows) {
  std::string text = csv_header();
  for (const row& r : rows) text += csv_line(r);
  return text;
}

}  // namespace colossus::bench::compare
