// SPDX-License-Identifier: Apache-2.0
// The text of one kernel becomes a `kernel`.
#pragma once

#include "opcode.hpp"

#include <map>
#include <optional>

namespace ptx {

class parser {
 public:
  /// `outside`: the variables of the module, declarations such as ".shared .align 4 .b8 name[16]".
  parser(std::string name, const std::vector<std::string>& outside) : scopes_(1) {
    made_.name = std::move(name);
    for (const auto& declaration : outside) declare(declaration);
  }

  void parameters(std::string_view list) {
    for (const auto& declaration : split(list, ',')) {
      const auto [name, align, bytes] = layout(declaration);
      const std::size_t offset = (made_.parameter_bytes + align - 1) / align * align;
      made_.parameters.push_back({name, offset, bytes});
      made_.parameter_bytes = offset + bytes;
      variables_[name] = {space::param, offset};
    }
  }

  /// Statements end with ';', labels with ':'; braces open a scope of register names.
  void body(std::string_view text) {
    std::string words;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      const bool starts = trimmed(words).empty();
      if (starts && c == '{') {
        scopes_.emplace_back();
      } else if (starts && c == '}') {
        scopes_.pop_back();
      } else if (c == ';') {
        statement(trimmed(words));
        words.clear();
      } else if (c == ':' && text.substr(at, 2) != "::" && is_label(words)) {
        labels_[std::string{trimmed(words)}] = made_.code.size();
        words.clear();
      } else {
        words += c;
      }
    }
  }

  kernel finish() {
    made_.code.push_back({});
    made_.code.back().run = leave;  // the end of the text is a return
    made_.lines.emplace_back("(end)");
    for (const auto& [at, label] : branches_) {
      const auto found = labels_.find(label);
      if (found == labels_.end()) throw trap{"a branch to the unknown label " + label};
      made_.code[at].target = static_cast<std::uint32_t>(found->second);
    }
    for (auto& [at, what] : made_.addresses) {
      if (what.offset == no_place) what.offset = made_.shared_bytes = (made_.shared_bytes + 15) / 16 * 16;
    }
    for (const auto& i : made_.code) made_.waits = made_.waits || i.waits;
    return std::move(made_);
  }

 private:
  struct layout_of {
    std::string name;
    std::size_t align, bytes;
  };
  /// ".param .align 8 .b8 name[64]", ".shared .align 4 .b8 name[16]", ".param .u64 name".
  static layout_of layout(std::string_view declaration) {
    std::size_t align = 0, element = 0, count = 1;
    std::string name;
    const auto words = split(declaration, ' ');
    for (std::size_t n = 0; n < words.size(); ++n) {
      const std::string word{trimmed(words[n])};
      if (word == ".align" && n + 1 < words.size()) align = align != 0 ? align : std::stoul(words[n + 1]);
      else if (word.starts_with("."))
        element = type_named(word.substr(1)) ? size_of(*type_named(word.substr(1))) : element;
      else name = word;
    }
    if (const auto open = name.find('['); open != std::string::npos) {
      count = name[open + 1] == ']' ? 0 : std::stoul(name.substr(open + 1));
      name.resize(open);
    }
    return {name, std::max({align, element, std::size_t{1}}), element * count};
  }

  void declare(const std::string& declaration) {
    const auto [name, align, bytes] = layout(declaration);
    const bool shared = declaration.find(".shared") != std::string::npos;
    const bool local = declaration.find(".local") != std::string::npos;
    if (!shared && !local) return;  // .reg: known by its use; .global, .const: not in this interpreter
    std::size_t& used = shared ? made_.shared_bytes : made_.local_bytes;
    const std::size_t offset = bytes == 0 ? no_place : (used + align - 1) / align * align;
    variables_[name] = {shared ? space::shared : space::local, offset};
    if (bytes != 0) used = offset + bytes;
  }

  static bool is_label(std::string_view text) {
    return trimmed(text).find_first_of(" \t\n%[,:") == std::string_view::npos;
  }

  void statement(std::string_view text) {
    if (text.empty()) return;
    if (text.starts_with(".reg")) {
      if (scopes_.size() > 1) declare_registers(text);
    } else if (text.starts_with(".")) {
      declare(std::string{text});
    } else {
      instruct(text);
    }
  }
  /// Names inside braces hide those outside.
  void declare_registers(std::string_view text) {
    const auto after_type = trimmed(text).find_last_of(" \t");
    const auto list = text.find('%') != std::string_view::npos ? text.find('%') : after_type;
    for (const auto& name : split(text.substr(list), ',')) scopes_.back()[std::string{trimmed(name)}] = made_.slots++;
  }

  slot named_register(const std::string& name) {
    for (auto in = scopes_.rbegin(); in != scopes_.rend(); ++in) {
      if (const auto found = in->find(name); found != in->end()) return found->second;
    }
    return scopes_.front()[name] = made_.slots++;
  }
  slot constant(std::uint64_t value) {
    const auto [at, fresh] = constants_.try_emplace(value, made_.slots);
    if (fresh) made_.constants.emplace_back(made_.slots++, value);
    return at->second;
  }

  void instruct(std::string_view text);
  void operands(instruction& i, std::string_view list);
  void address(instruction& i, std::string_view text);
  void barrier_operands(instruction& i, const opcode& what, const std::string& list);
  slot operand(const std::string& text);
  std::optional<slot> special_register(const std::string& name);
  static std::optional<std::uint64_t> literal(std::string_view text);
  slot variable_address(const std::string& name, const variable& what);

  static constexpr std::size_t no_place = ~std::size_t{0};  // dynamic shared memory lies after all other
  kernel made_;
  std::vector<std::map<std::string, slot>> scopes_;
  std::map<std::uint64_t, slot> constants_;
  std::map<std::string, slot> placed_;
  std::map<std::string, variable> variables_;
  std::map<std::string, std::size_t> labels_;
  std::vector<std::pair<std::size_t, std::string>> branches_;
};

}  // namespace ptx

#include "operands.hpp"
