// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/imported.hpp>

#include <nlohmann/json.hpp>

#include <iterator>

namespace colossus::bench::importing {

/// Walks a text and counts its lines.
struct counting_iterator {
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  const char* at = nullptr;
  std::size_t* line = nullptr;

  reference operator*() const { return *at; }
  counting_iterator& operator++() {
    *line += *at == '\n';
    ++at;
    return *this;
  }
  counting_iterator operator++(int) { return std::exchange(*this, ++counting_iterator{*this}); }
  bool operator==(const counting_iterator& other) const { return at == other.at; }
  bool operator!=(const counting_iterator& other) const { return at != other.at; }
};

/// Where an object keeps the lines of its members, by their names, and its own under the empty name.
inline constexpr const char* lines_key = "\x01lines";

/// The value that `text` is, each object with its lines under `lines_key`. Throws (input) with the line where it is
/// none.
inline nlohmann::json parse_located(const std::string& path, std::string_view text) {
  std::size_t line = 1;
  std::vector<nlohmann::json> open;  // the lines of the objects that have begun
  const auto note = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using is = nlohmann::json::parse_event_t;
    if (event == is::object_start) open.push_back({{"", line}});
    if (event == is::key) open.back()[value.get<std::string>()] = line;
    if (event == is::object_end) value[lines_key] = std::move(open.back()), open.pop_back();
    return true;
  };
  try {
    return nlohmann::json::parse(counting_iterator{text.data(), &line},
                                 counting_iterator{text.data() + text.size(), &line}, note);
  } catch (const nlohmann::json::exception& wrong) {
    const std::string_view all = wrong.what();
    const auto why = all.find("column");
    refuse({path, line}, "expected JSON: " + std::string{why == std::string_view::npos ? all : all.substr(why)});
  }
}

/// A member of an object of a file, for errors.
struct json_place {
  std::string path, name;  ///< the file, and what the object is called in it

  [[noreturn]] void refuse_member(const nlohmann::json& object, const std::string& key, const char* expected) const {
    const auto found = object.find(key);
    const std::string text = found == object.end() ? "none" : found->dump().substr(0, 40);
    refuse(line_of(object, key), name + ": expected " + expected + " in '" + key + "', found " + text);
  }
  /// The line of a member, or where there is none that of the object.
  spot line_of(const nlohmann::json& object, const std::string& key = {}) const {
    const auto lines = object.is_object() ? object.find(lines_key) : object.end();
    if (!object.is_object() || lines == object.end()) return {path, 0};
    return {path, lines->value(lines->contains(key) ? key : std::string{}, std::size_t{0})};
  }
  double real_in(const nlohmann::json& object, const std::string& key) const {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number() || found->get<double>() < 0)
      refuse_member(object, key, "a number, not below 0,");
    return found->get<double>();
  }
  std::int64_t integer_in(const nlohmann::json& object, const std::string& key) const {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) refuse_member(object, key, "a whole number");
    return found->get<std::int64_t>();
  }
  std::int64_t count_in(const nlohmann::json& object, const std::string& key) const {
    const std::int64_t value = integer_in(object, key);
    if (value < 0) refuse_member(object, key, "a number, not below 0,");
    return value;
  }
  std::string text_in(const nlohmann::json& object, const std::string& key) const {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) refuse_member(object, key, "a text");
    return found->get<std::string>();
  }
};

/// The member `key` of an object as a whole number; nothing where there is none.
inline integer integer_or_none(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? integer{found->get<std::int64_t>()} : integer{};
}

inline real real_or_none(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? real{found->get<double>()} : real{};
}

}  // namespace colossus::bench::importing
