// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace colossus::detail {

/// Expands Slurm's host lists: names between commas or white space, each with any number of brackets such as
/// "p[0-3]-n[00-07,9]"; a number keeps the zeros that it is padded with. "#" begins a comment.
class host_list {
 public:
  host_list(std::string_view text, std::string_view where) : text_{text}, where_{where} {}

  std::vector<std::string> expand() {
    while (at_ < text_.size()) {
      if (is_gap(text_[at_])) ++at_;
      else if (text_[at_] == '#') skip_line();
      else expand_one();
    }
    return std::move(names_);
  }

 private:
  static constexpr std::size_t most = 1'000'000;

  static bool is_gap(char c) { return c == ',' || c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }
  [[noreturn]] void fail(const std::string& expected) const {
    std::size_t line = 1;
    for (char c : text_.substr(0, at_)) line += c == '\n';
    const std::string found =
        at_ < text_.size() && peek() != '\n' ? "\"" + std::string{peek()} + "\"" : "the end of the line";
    throw error{std::string{where_} + ": line " + std::to_string(line) + ": expected " + expected + ", found " + found,
                failure::input};
  }

  void expand_one() {
    std::vector<std::string> partial{""};
    for (; at_ < text_.size() && !is_gap(text_[at_]) && text_[at_] != '#';) {
      if (text_[at_] == ']') fail("a \"[\" before \"]\"");
      if (text_[at_] != '[') {
        for (std::string& name : partial) name += text_[at_];
        ++at_;
        continue;
      }
      const std::vector<std::string> numbers = bracket();
      if (partial.size() * numbers.size() > most) fail("at most a million hosts");
      std::vector<std::string> longer;
      for (const std::string& name : partial)
        for (const std::string& number : numbers) longer.push_back(name + number);
      partial = std::move(longer);
    }
    if (names_.size() + partial.size() > most) fail("at most a million hosts");
    names_.insert(names_.end(), partial.begin(), partial.end());
  }
  std::vector<std::string> bracket() {
    std::vector<std::string> numbers;
    do {
      ++at_;
      const std::string first = digits();
      if (peek() == '-') ++at_;
      const std::string last = text_[at_ - 1] == '-' ? digits() : first;
      const std::uint64_t begin = std::stoull(first), end = std::stoull(last);
      if (end < begin || end - begin >= most) fail("a range that does not run backwards, of at most a million");
      for (std::uint64_t n = begin; n <= end; ++n) numbers.push_back(padded(n, first.size()));
      if (numbers.size() > most) fail("at most a million hosts");
    } while (peek() == ',');
    if (peek() != ']') fail("\",\", \"-\" or \"]\" after a number in brackets");
    ++at_;
    return numbers;
  }
  std::string digits() {
    const std::size_t begin = at_;
    while (is_digit(peek())) ++at_;
    if (at_ == begin || at_ - begin > 18) fail("a number of at most 18 digits");
    return std::string{text_.substr(begin, at_ - begin)};
  }
  static std::string padded(std::uint64_t number, std::size_t width) {
    const std::string text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
  }

  std::string_view text_, where_;
  std::size_t at_ = 0;
  std::vector<std::string> names_;
};

}  // namespace colossus::detail
