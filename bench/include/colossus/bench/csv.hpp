// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>
#include <colossus/error.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace colossus::bench {

/// A field as RFC 4180 writes it: in quotes where it holds a comma, a quote or a line's end.
inline std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string quoted{'"'};
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

/// The first line of a file of rows.
inline std::string csv_header() {
  std::string line;
  for (const column& c : columns) line.append(line.empty() ? "" : ",").append(c.name);
  return line + '\n';
}

/// A row as one line.
inline std::string csv_line(const row& of) {
  std::string line;
  for (const column& c : columns) line.append(&c == &columns[0] ? "" : ",").append(csv_field(text_of(of, c)));
  return line + '\n';
}

/// Takes the fields of the next record, and its end of line, from the front of `text`. False where there is none left.
/// Throws (input) where a quoted field does not end.
inline bool csv_record(std::string_view& text, std::vector<std::string>& fields) {
  fields.clear();
  if (text.empty()) return false;
  std::string field;
  bool quoted = false;
  std::size_t at = 0;
  for (; at < text.size() && (quoted || text[at] != '\n'); ++at) {
    const bool doubled = quoted && text[at] == '"' && at + 1 < text.size() && text[at + 1] == '"';
    if (doubled) field += text[++at];
    else if (text[at] == '"' && (quoted || field.empty())) quoted = !quoted;
    else if (text[at] == ',' && !quoted) fields.push_back(std::exchange(field, {}));
    else if (text[at] != '\r' || quoted || (at + 1 < text.size() && text[at + 1] != '\n')) field += text[at];
  }
  expects(!quoted, "a quoted field does not end before the file does", failure::input);
  fields.push_back(std::move(field));
  text.remove_prefix(std::min(at + 1, text.size()));
  return true;
}

/// Which of our columns each field of a header is; nullptr for one that we do not know, which is left out.
inline std::vector<const column*> csv_columns(const std::vector<std::string>& names) {
  std::vector<const column*> found;
  for (const std::string& name : names) {
    const auto* const c =
        std::find_if(columns.begin(), columns.end(), [&](const column& each) { return each.name == name; });
    found.push_back(c == columns.end() ? nullptr : c);
  }
  return found;
}

/// Sets one row from the fields of a record; what is wrong with it, or nothing.
inline std::string set_from_fields(row& of, const std::vector<const column*>& order,
                                   const std::vector<std::string>& fields) {
  if (fields.size() != order.size())
    return "expected " + std::to_string(order.size()) + " fields, found " + std::to_string(fields.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i] && !set_from_text(of, *order[i], fields[i]))
      return "expected a number in column " + std::string{order[i]->name} + ", found '" + fields[i] + "'";
  return {};
}

namespace detail {

/// The error of a record that begins behind `before`.
inline error damaged(const std::string& name, std::string_view before, const std::string& what) {
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return error{name + ": line " + std::to_string(line) + ": " + what, failure::input};
}

}  // namespace detail

/// Calls `f` with every row of `text`, by the names in its header, whatever their order. Throws (input) what is wrong
/// with `name`, and in which line.
template <class F>
void for_each_row(std::string_view text, const std::string& name, F&& f) {
  const std::string_view all = text;
  std::vector<std::string> fields;
  std::vector<const column*> order;
  for (;;) {
    const std::string_view before = all.substr(0, all.size() - text.size());
    try {
      if (!csv_record(text, fields)) break;
    } catch (const error& e) {
      throw detail::damaged(name, before, e.what());
    }
    row r;
    if (order.empty()) order = csv_columns(fields);
    else if (const std::string wrong = set_from_fields(r, order, fields); !wrong.empty())
      throw detail::damaged(name, before, wrong);
    else f(std::move(r));
  }
  expects(!order.empty(), name + ": expected a header in line 1, found an empty file", failure::input);
}

/// All rows of `text`.
inline std::vector<row> csv_rows(std::string_view text, const std::string& name) {
  std::vector<row> rows;
  for_each_row(text, name, [&](row&& r) { rows.push_back(std::move(r)); });
  return rows;
}

/// The whole of a file. Throws (input) where it cannot be read.
inline std::string file_text(const std::string& path) {
  expects(!std::filesystem::is_directory(path), path + ": expected a file, found a folder", failure::input);
  std::ifstream file{path, std::ios::binary};
  expects(file.good(), path + ": expected a file that can be read", failure::input);
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// The rows of a file.
inline std::vector<row> read_rows(const std::string& path) { return csv_rows(file_text(path), path); }

}  // namespace colossus::bench
