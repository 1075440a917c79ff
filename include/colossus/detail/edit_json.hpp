// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/json_reader.hpp>

namespace colossus::detail {

/// `text` as JSON where it is JSON, else as a string.
inline nlohmann::json json_or_text(const std::string& text) {
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  return value.is_discarded() ? nlohmann::json(text) : value;
}

/// Puts `value` (JSON, or text) where a JSON pointer (RFC 6901) leads: in place of what stands there, or as a new key.
/// Throws `error` (usage) where the pointer is none, or leads through what is neither object nor array.
inline void set_at(const std::string& file, nlohmann::json& json, const std::string& pointer,
                   const std::string& value) {
  const auto fail = [&](const std::string& why) {
    throw error{"'" + pointer + "': " + why + " (a JSON pointer into " + file + ", such as /scale_out/tiers/0/up)"};
  };
  nlohmann::json::json_pointer way;
  try {
    way = nlohmann::json::json_pointer{pointer};
  } catch (const nlohmann::json::exception&) {
    fail("expected /key/key...");
  }
  if (way.empty()) fail("expected /key/key..., found nothing");
  nlohmann::json* at = &json;
  std::istringstream keys{pointer.substr(1)};
  for (std::string key; std::getline(keys, key, '/');) {
    key = nlohmann::json::json_pointer{"/" + key}.back();
    if (at->is_array()) {
      const bool number = !key.empty() && key.size() < 7 && key.find_first_not_of("0123456789") == std::string::npos;
      if (!number || std::stoul(key) >= at->size())
        fail("expected a number below " + std::to_string(at->size()) + " in the list, found '" + key + "'");
      at = &(*at)[std::stoul(key)];
    } else if (at->is_object() || at->is_null()) {
      at = &(*at)[key];
    } else {
      fail("'" + key + "' is inside " + at->dump() + ", which has no keys");
    }
  }
  *at = json_or_text(value);
}

/// A fault in one word, as an entry of a file's "faults": link:leaf:count=1, switch:spine:index=3,
/// nic:pods=0-3:rails=5, gpu:fraction=0.001:seed=7, node:pods=2:index=5, link:leaf:state=degraded:gbps=100; or of one
/// part by its name, which has a blank: "leaf p0 r3 up 17:share=0.5". What it means is checked when the machine is
/// read. Throws `error` (usage) where it is not of that form.
inline nlohmann::json fault_of(const std::string& text) {
  nlohmann::json fault = nlohmann::json::object();
  std::istringstream words{text};
  for (std::string word; std::getline(words, word, ':');) {
    const auto equals = word.find('=');
    const std::string key = word.substr(0, equals);
    if (equals == std::string::npos && !word.empty() &&
        (fault.empty() || (fault.size() == 1 && !fault.contains("tier"))))
      fault[!fault.empty() ? "tier" : word.find(' ') != std::string::npos ? "part" : "on"] = word;
    else if (equals == std::string::npos || fault.empty() || key.empty())
      throw error{"fault '" + text + "': expected such as link:leaf:count=1, switch:spine:index=3 or nic:pods=0-3"};
    else if (key == "pods" || key == "rails" || key == "planes" || key == "index" || key == "tier" || key == "state")
      fault[key] = word.substr(equals + 1);
    else fault[key] = json_or_text(word.substr(equals + 1));
  }
  if (fault.empty()) throw error{"fault '': expected such as link:leaf:count=1"};
  return fault;
}

}  // namespace colossus::detail
