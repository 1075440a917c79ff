// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv.hpp>

#include <nlohmann/json.hpp>

#include <ostream>

namespace colossus::bench::compare {

/// A figure of an output by its name, as text; empty where there is none.
struct field {
  std::string_view name;
  std::string value;
  bool is_text = false;  ///< text that looks like a number is none: a hash such as 12e4
};
using field_list = std::vector<field>;

inline field field_of(const column& c, std::string value) {
  return {c.name, std::move(value), std::holds_alternative<std::string row::*>(c.member)};
}

/// Writes one record of a CSV, behind the names of its fields where `with_names`.
inline void write_record(std::ostream& out, const field_list& all, bool with_names) {
  std::string line;
  if (with_names) {
    for (const field& f : all) line.append(line.empty() ? "" : ",").append(f.name);
    line += '\n';
  }
  for (const field& f : all) line.append(&f == &all.front() ? "" : ",").append(csv_field(f.value));
  out << line << '\n';
}

namespace detail {

inline std::string json_text(const nlohmann::ordered_json& j) {
  return j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

inline bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

/// A value as JSON: by hand where that is simple, for there may be a million.
inline void append_json(std::string& line, const field& f) {
  if (!f.is_text) {
    if (const auto whole = to_number<std::int64_t>(f.value)) {
      line += to_text(*whole);
      return;
    }
    if (const auto number = to_number<double>(f.value); number && std::isfinite(*number)) {
      line += to_text(*number);
      return;
    }
  }
  if (is_plain(f.value)) line.append(1, '"').append(f.value).append(1, '"');
  else line += json_text(f.value);
}

}  // namespace detail

/// Fields as an object of JSON, less those that are empty.
inline void append_object(std::string& line, const field_list& all) {
  char between = '{';
  for (const field& f : all) {
    if (f.value.empty()) continue;
    line.append(1, std::exchange(between, ',')).append(1, '"').append(f.name).append("\":");
    detail::append_json(line, f);
  }
  line += between == '{' ? "{}" : "}";
}

/// Writes an object of JSON that ends in a long list, one element on a line: {HEAD,"LIST":[...]}.
class json_list {
 public:
  json_list(std::ostream& out, const nlohmann::ordered_json& head, const std::string& list) : out_{&out} {
    std::string text = detail::json_text(head);
    text.pop_back();
    *out_ << text << ",\"" << list << "\":[";
  }
  json_list(const json_list&) = delete;
  ~json_list() { *out_ << "\n]}\n"; }

  /// An element: what `key` tells it by, then its figures.
  void add(const field_list& key, const field_list& figures) {
    line_ = std::exchange(between_, ",\n");
    line_ += "{\"key\":";
    append_object(line_, key);
    std::string rest;
    append_object(rest, figures);
    rest.front() = ',';
    *out_ << (line_ += rest == ",}" ? "}" : rest);
  }

 private:
  std::ostream* out_;
  const char* between_ = "\n";
  std::string line_;
};

}  // namespace colossus::bench::compare
