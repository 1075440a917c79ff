// SPDX-License-Identifier: Apache-2.0
// The parser's second half: one instruction and its operands.
#pragma once

#include "parser.hpp"

#include <charconv>

namespace ptx {

inline std::optional<slot> parser::special_register(const std::string& name) {
  static const std::map<std::string, special> known{
      {"%tid.x", special::tid_x},       {"%tid.y", special::tid_y},       {"%tid.z", special::tid_z},
      {"%ntid.x", special::ntid_x},     {"%ntid.y", special::ntid_y},     {"%ntid.z", special::ntid_z},
      {"%ctaid.x", special::ctaid_x},   {"%ctaid.y", special::ctaid_y},   {"%ctaid.z", special::ctaid_z},
      {"%nctaid.x", special::nctaid_x}, {"%nctaid.y", special::nctaid_y}, {"%nctaid.z", special::nctaid_z},
      {"%laneid", special::laneid},     {"%warpid", special::warpid}};
  const auto found = known.find(name);
  if (found == known.end()) return std::nullopt;
  const auto [at, fresh] = placed_.try_emplace(name, made_.slots);
  if (fresh) made_.specials.emplace_back(made_.slots++, found->second);
  return at->second;
}

/// "12", "-1", "0x1F", "0f3F800000", "0d3FF0000000000000", "1U".
inline std::optional<std::uint64_t> parser::literal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text.front())) == 0) return std::nullopt;
  if (text.ends_with('U')) text.remove_suffix(1);
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && std::string_view{"xXfFdD"}.find(text[1]) != std::string_view::npos) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint64_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return negative ? 0 - value : value;
}

inline slot parser::variable_address(const std::string& name, const variable& what) {
  const auto [at, fresh] = placed_.try_emplace(name, made_.slots);
  if (fresh) made_.addresses.emplace_back(made_.slots++, what);
  return at->second;
}

inline slot parser::operand(const std::string& text) {
  if (const auto value = literal(text)) return constant(*value);
  if (const auto found = special_register(text)) return *found;
  if (text == "WARP_SZ") return constant(32);
  if (text == "true" || text == "false") return constant(text == "true" ? 1 : 0);
  if (text == "_") return made_.slots++;
  if (const auto found = variables_.find(text); found != variables_.end()) return variable_address(text, found->second);
  if (text.find_first_of("<>()[]; ") != std::string::npos) throw trap{"operand " + text};
  return named_register(text);
}

/// [%rd1+8], [name+4], [%rd1].
inline void parser::address(instruction& i, std::string_view text) {
  const auto plus = text.find('+');
  i.address = operand(std::string{trimmed(text.substr(0, plus))});
  if (plus == std::string_view::npos) return;
  const auto offset = literal(trimmed(text.substr(plus + 1)));
  if (!offset) throw trap{"address " + std::string{text}};
  i.offset = static_cast<std::int64_t>(*offset);
}

inline void parser::operands(instruction& i, std::string_view list) {
  const auto add = [&](const std::string& text) {
    if (i.size == i.operands.size()) throw trap{"too many operands: " + std::string{list}};
    i.operands[i.size++] = operand(text);
  };
  std::size_t number = 0;
  for (std::string& text : split(list, ',')) {
    if (text.starts_with('[')) {
      address(i, std::string_view{text}.substr(1, text.size() - 2));
    } else if (text.starts_with('{')) {
      for (const auto& part : split(std::string_view{text}.substr(1, text.size() - 2), ',')) add(part);
      i.modifier = number == 0 ? 1 : 2;
    } else if (const auto bar = text.find('|'); bar != std::string::npos) {
      i.two_results = true;
      for (const auto& part : split(text, '|')) add(part);
    } else {
      if (text.starts_with('!')) i.negated_source = true, text.erase(0, 1);
      add(text);
    }
    ++number;
  }
}

inline void parser::instruct(std::string_view text) {
  instruction i;
  made_.lines.emplace_back(text);
  if (text.starts_with('@')) {
    const std::string_view guard = first_word(text);
    i.negated = guard.starts_with("@!");
    i.predicate = named_register(std::string{guard.substr(i.negated ? 2 : 1)});
    text = trimmed(text.substr(guard.size()));
  }
  const std::string_view word = first_word(text);
  std::string list{trimmed(text.substr(word.size()))};
  const opcode what{word};
  const bool reads_clock =
      what.name() == "mov" && (list.find("%globaltimer") != list.npos || list.find("%clock") != list.npos);
  try {
    if (what.name() == "bra") {
      branches_.emplace_back(made_.code.size(), list);
    } else if (what.name() == "bar" || what.name() == "barrier") {
      barrier_operands(i, what, list);
    } else {
      operands(i, list);
    }
    decode(i, what);
    if (reads_clock) i.run = read_timer;
  } catch (const trap&) {
    i.run = unsupported;  // a failure only where it is reached
  }
  i.waits = may_wait(what, i);
  made_.code.push_back(i);
}

/// The number of a barrier must be a constant; it goes to the modifier.
inline void parser::barrier_operands(instruction& i, const opcode& what, const std::string& list) {
  if (what.has("warp")) return operands(i, list);
  std::vector<std::string> parts = split(list, ',');
  const std::size_t at = what.has("red") ? 1 : 0;
  const auto number = at < parts.size() ? literal(parts[at]) : std::nullopt;
  if (!number || *number > 15) throw trap{"a barrier whose number is no constant"};
  parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
  std::string rest;
  for (const auto& part : parts) rest += (rest.empty() ? "" : ", ") + part;
  operands(i, rest);
  i.modifier = static_cast<std::uint32_t>(*number);
}

}  // namespace ptx
