// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/csv.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace colossus::bench {

/// What a file of another tool says, as our rows: the tool, and what does not add up in the file.
struct imported {
  std::vector<row> rows;
  std::string format;
  std::vector<std::string> warnings;
};

/// What the user says about a file.
struct import_request {
  std::map<std::string, std::string> columns;  ///< our column -> the name in the header of a CSV
  std::map<std::string, std::string> set;      ///< our column -> its value in every row
  std::map<std::string, std::string> units;    ///< the name in the header of a CSV -> the unit of its numbers
};

namespace importing {

/// A line of a file, for errors: lines are counted from 1.
struct spot {
  std::string path;
  std::size_t line = 0;
};

[[noreturn]] inline void refuse(const spot& at, const std::string& why) {
  throw error{at.path + ": " + (at.line > 0 ? "line " + std::to_string(at.line) + ": " : "") + why, failure::input};
}

inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// `text` without blanks at its ends.
inline std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

inline std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const auto end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

/// The word behind `key` in `text`, up to a blank, a comma or the end; empty where there is none.
inline std::string_view word_after(std::string_view text, std::string_view key) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = trimmed(text.substr(at + key.size()));
  return rest.substr(0, std::min(rest.find_first_of(" \t,;"), rest.size()));
}

inline double real_at(const spot& at, std::string_view what, std::string_view text) {
  const auto value = to_number<double>(text);
  if (!value || !std::isfinite(*value) || *value < 0)
    refuse(at, "expected a number, not below 0, for " + std::string{what} + ", found '" + std::string{text} + "'");
  return *value;
}

inline std::int64_t integer_at(const spot& at, std::string_view what, std::string_view text) {
  const auto value = to_number<std::int64_t>(text);
  if (!value) refuse(at, "expected a whole number for " + std::string{what} + ", found '" + std::string{text} + "'");
  return *value;
}

/// A size or a number of elements.
inline std::int64_t count_at(const spot& at, std::string_view what, std::string_view text) {
  const std::int64_t value = integer_at(at, what, text);
  if (value < 0) refuse(at, "expected " + std::string{what} + " not below 0, found " + std::string{text});
  return value;
}

/// A whole number that a tool wrote as a real one, at most 2^53.
inline std::int64_t rounded(double value) { return static_cast<std::int64_t>(std::clamp(value, 0.0, 0x1p53)); }

/// Sets what the user gave with --set. Throws (usage) for an unknown column or a value that it cannot hold.
inline void give(row& r, const import_request& asked) {
  for (const auto& said : asked.set) {
    const std::string &name = said.first, &value = said.second;
    const auto* const c = std::find_if(columns.begin(), columns.end(), [&](const column& k) { return k.name == name; });
    expects(c != columns.end(), "--set " + name + "=" + value + ": expected one of our columns, found '" + name + "'");
    expects(set_from_text(r, *c, value), "--set " + name + "=" + value + ": expected a number");
  }
  if (r.ranks.value_or(0) > 0 && r.nodes.value_or(0) > 0 && !asked.set.contains("ranks_per_node"))
    r.ranks_per_node = *r.ranks % *r.nodes == 0 ? integer{*r.ranks / *r.nodes} : integer{};
}

/// The number of ranks that the user gives with --set. Throws (usage) where it is none.
inline integer given_ranks(const import_request& asked) {
  const auto said = asked.set.find("ranks");
  if (said == asked.set.end()) return {};
  const auto ranks = to_number<std::int32_t>(said->second);
  expects(ranks && *ranks > 0, "--set ranks=" + said->second + ": expected a number of ranks above 0");
  return *ranks;
}

inline void add_tag(row& r, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  std::string safe{value};
  std::replace(safe.begin(), safe.end(), ';', ',');
  r.tags.append(r.tags.empty() ? "" : ";").append(key).append("=").append(safe);
}

}  // namespace importing
}  // namespace colossus::bench
