// SPDX-License-Identifier: Apache-2.0
// PTX as text: statements, words, lists.
#pragma once

#include <cctype>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ptx {

/// The program cannot be parsed, or does what no program may.
struct trap : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

/// Splits at `separator`, but not inside {} or [].
inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  int depth = 0;
  std::string part;
  for (const char c : text) {
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == separator && depth == 0) {
      parts.emplace_back(trimmed(part));
      part.clear();
    } else {
      part += c;
    }
  }
  if (!trimmed(part).empty()) parts.emplace_back(trimmed(part));
  return parts;
}

/// Without comments and the directives that debuggers read.
inline std::string without_comments(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view words = trimmed(line.substr(0, line.find("//")));
    const std::string_view first = words.substr(0, words.find_first_of(" \t"));
    if (first == ".loc" || first == ".file" || first == ".pragma") continue;
    clean.append(words).push_back('\n');
  }
  return clean;
}

/// The position after the bracket that closes the one at `open`.
inline std::size_t after_bracket(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '{') ++depth;
    if (text[at] == '}' && --depth == 0) return at + 1;
  }
  throw trap{"a bracket that does not close"};
}

inline std::string_view first_word(std::string_view text) { return text.substr(0, text.find_first_of(" \t\n")); }

}  // namespace ptx
