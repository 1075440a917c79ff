// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/text_file.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace colossus::detail {

/// A value of a JSON file that knows where it stands: errors name the file, the JSON path, what was expected and found.
class json_reader {
 public:
  json_reader(std::string file, const nlohmann::json& value, std::string path = {})
      : file_{std::move(file)}, value_{&value}, path_{std::move(path)} {}

  const nlohmann::json& value() const { return *value_; }
  const std::string& path() const { return path_; }

  [[noreturn]] void fail(const std::string& expected) const { complain("expected " + expected + ", found " + found()); }
  [[noreturn]] void complain(const std::string& message) const {
    throw error{file_ + ": " + (path_.empty() ? "/" : path_) + ": " + message, failure::input};
  }

  /// The keys that an object may have, beside those that start with "x-".
  const json_reader& keys(std::initializer_list<const char*> known) const {
    if (!value_->is_object()) fail("an object");
    for (const auto& [key, value] : value_->items()) {
      bool good = key.starts_with("x-");
      for (const char* name : known) good |= key == name;
      if (!good) member(key, value).complain("unknown key; expected one of " + listed(known) + ", or x-...");
    }
    return *this;
  }

  json_reader operator[](const std::string& key) const {
    if (!value_->is_object()) fail("an object");
    const auto found = value_->find(key);
    if (found == value_->end()) complain("expected a key \"" + key + "\", found none");
    return member(key, *found);
  }
  std::optional<json_reader> find(const std::string& key) const {
    if (!value_->is_object()) fail("an object");
    const auto found = value_->find(key);
    if (found == value_->end()) return {};
    return member(key, *found);
  }
  bool has(const std::string& key) const { return find(key).has_value(); }

  /// The elements of an array, or the members of an object.
  std::vector<json_reader> elements() const {
    if (!value_->is_array()) fail("an array");
    std::vector<json_reader> all;
    for (const auto& element : *value_) all.push_back(member(std::to_string(all.size()), element));
    return all;
  }
  std::vector<std::pair<std::string, json_reader>> members() const {
    if (!value_->is_object()) fail("an object");
    std::vector<std::pair<std::string, json_reader>> all;
    for (const auto& [key, value] : value_->items())
      if (!key.starts_with("x-")) all.emplace_back(key, member(key, value));
    return all;
  }

  std::string text() const {
    if (!value_->is_string()) fail("a string");
    return value_->get<std::string>();
  }
  std::string one_of(std::initializer_list<const char*> names) const {
    for (const char* name : names)
      if (value_->is_string() && *value_ == name) return name;
    fail("one of " + listed(names));
  }
  bool flag() const {
    if (!value_->is_boolean()) fail("true or false");
    return value_->get<bool>();
  }
  std::int64_t integer(std::int64_t least, std::int64_t most) const {
    const std::string range = "an integer from " + std::to_string(least) + " to " + std::to_string(most);
    if (!value_->is_number_integer()) fail(range);
    if (value_->is_number_unsigned() && value_->get<std::uint64_t>() > static_cast<std::uint64_t>(most)) fail(range);
    const auto number = value_->get<std::int64_t>();
    if (number < least || number > most) fail(range);
    return number;
  }
  /// A number of things: 1 to a million.
  std::int32_t count(std::int32_t least = 1) const { return static_cast<std::int32_t>(integer(least, 1'000'000)); }
  double number(double least) const {
    if (!value_->is_number() || !(value_->get<double>() >= least)) fail("a number of " + brief(least) + " or more");
    return value_->get<double>();
  }
  double positive() const {
    if (!value_->is_number() || !(value_->get<double>() > 0)) fail("a number above 0");
    return value_->get<double>();
  }

  static std::string brief(double number) {
    std::ostringstream text;
    text << number;
    return text.str();
  }

 private:
  json_reader member(const std::string& key, const nlohmann::json& value) const {
    std::string escaped;  // as RFC 6901 writes a key in a pointer
    for (char c : key) escaped += c == '~' ? "~0" : c == '/' ? "~1" : std::string{c};
    return {file_, value, path_ + "/" + escaped};
  }
  std::string found() const {
    if (value_->is_structured()) return value_->is_array() ? "an array" : "an object";
    const std::string text = value_->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return text.size() > 60 ? text.substr(0, 57) + "..." : text;
  }
  static std::string listed(std::initializer_list<const char*> names) {
    std::string list;
    for (const char* name : names) list += (list.empty() ? "" : ", ") + std::string{name};
    return list;
  }

  std::string file_;
  const nlohmann::json* value_;
  std::string path_;
};

/// Parses the text of a JSON file; comments are allowed, a key twice in one object is not.
inline nlohmann::json parse_json(const std::string& file, const std::string& text) {
  std::vector<std::set<std::string>> seen;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    if (event == nlohmann::json::parse_event_t::object_start) seen.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end) seen.pop_back();
    if (event == nlohmann::json::parse_event_t::key && !seen.back().insert(parsed.get<std::string>()).second)
      throw error{file + ": key " + parsed.dump() + " stands twice in one object: expected it once", failure::input};
    return true;
  };
  try {
    return nlohmann::json::parse(text, watch, true, true);
  } catch (const nlohmann::json::exception& e) {
    std::string what = e.what();
    if (const auto end = what.find("] "); end != std::string::npos) what.erase(0, end + 2);
    throw error{file + ": not JSON: " + what, failure::input};
  }
}

inline nlohmann::json read_json(const std::string& file) { return parse_json(file, read_text(file, "a JSON file")); }

}  // namespace colossus::detail
