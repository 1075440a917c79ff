// SPDX-License-Identifier: Apache-2.0
// A PTX text as nvcc emits it: its kernels, each parsed when it is asked for.
#pragma once

#include "parser.hpp"

namespace ptx {

class module {
 public:
  explicit module(std::string_view text) : text_{without_comments(text)} {
    for (std::size_t at = 0; at < text_.size();) {
      const std::string_view rest = std::string_view{text_}.substr(at);
      const std::string_view line = rest.substr(0, rest.find('\n'));
      if (line.find(".entry") != std::string_view::npos) at = add_entry(at);
      else if (line.find(".func") != std::string_view::npos) at = skip_function(at);
      else at += line.size() + 1, add_variable(line);
    }
  }

  bool has(const std::string& name) const { return entries_.contains(name); }
  /// The names of all kernels.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [name, found] : entries_) all.push_back(name);
    return all;
  }
  /// The kernel of exactly this (mangled) name. Throws `trap`.
  kernel find(const std::string& name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) throw trap{"no kernel " + name + " in the PTX"};
    parser reader{name, shared_};
    reader.parameters(found->second.parameters);
    reader.body(found->second.body);
    return reader.finish();
  }

 private:
  struct entry {
    std::string_view parameters, body;
  };
  /// ".visible .entry name(parameters) .maxntid 512 { body }".
  std::size_t add_entry(std::size_t at) {
    const std::string_view text = text_;
    const std::size_t name = text.find(".entry", at) + 6, list = text.find_first_of("({", name);
    const std::size_t body = text.find('{', list), end = after_bracket(text, body);
    const std::size_t close = text[list] == '(' ? text.find(')', list) : list;
    const std::string_view parameters =
        text[list] == '(' ? text.substr(list + 1, close - list - 1) : std::string_view{};
    entries_[std::string{trimmed(text.substr(name, list - name))}] = {parameters,
                                                                      text.substr(body + 1, end - body - 2)};
    return end;
  }
  std::size_t skip_function(std::size_t at) const {
    const std::size_t open = text_.find('{', at), semicolon = text_.find(';', at);
    if (open == std::string::npos || semicolon < open)
      return semicolon == std::string::npos ? text_.size() : semicolon + 1;
    return after_bracket(text_, open);
  }
  void add_variable(std::string_view line) {
    if (line.find(".shared") != std::string_view::npos) shared_.emplace_back(line.substr(0, line.find(';')));
  }

  std::string text_;
  std::map<std::string, entry> entries_;
  std::vector<std::string> shared_;
};

}  // namespace ptx
