// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/sidecar.hpp>

#include <map>
#include <set>

namespace colossus::bench::compare {

/// What a sidecar says: for each field, the values that its runs have. Fields within others are joined by points.
using environment = std::map<std::string, std::set<std::string>>;

namespace detail {

inline void add_fields(environment& of, const std::string& name, const nlohmann::json& value) {
  if (!value.is_object()) {
    of[name].insert(value.is_string() ? value.get<std::string>() : value.dump());
    return;
  }
  for (const auto& [key, inner] : value.items()) add_fields(of, name.empty() ? key : name + "." + key, inner);
}

inline std::string joined_values(const environment& of, const std::string& name) {
  const auto found = of.find(name);
  if (found == of.end()) return "nothing";
  std::string text;
  for (const std::string& value : found->second) text += (text.empty() ? "" : " | ") + value;
  return text.size() > 80 ? text.substr(0, 77) + "..." : text;
}

}  // namespace detail

/// The environment beside a file of rows, less what tells one run from the next; nothing where there is no sidecar.
/// Throws (input) where there is one that cannot be read.
inline std::optional<environment> environment_beside(const std::string& csv) {
  const std::string path = sidecar_path(csv);
  if (path == csv || !std::filesystem::exists(path)) return std::nullopt;
  const auto all = nlohmann::json::parse(file_text(path), nullptr, false);
  if (!all.is_object() || !all.contains("runs") || !all["runs"].is_array())
    throw error{path + ": expected a sidecar of schema 1 with a list of runs, found something else: move it away",
                failure::input};
  environment found;
  for (const auto& run : all["runs"]) detail::add_fields(found, "", run);
  for (const char* own : {"run_id", "started_utc", "argv"}) found.erase(own);
  return found;
}

/// A field in which the environment of a file differs from the base's.
struct environment_difference {
  std::string field, file, in_base, in_file;
};

/// How the environments of files differ from that of the first; and the files that have none.
struct environments {
  std::vector<environment_difference> differences;
  std::vector<std::string> unknown;
};

inline environments compare_environments(const std::vector<std::string>& paths) {
  environments found;
  std::optional<environment> base;
  for (const std::string& path : paths) {
    const auto here = environment_beside(path);
    if (!here && std::find(found.unknown.begin(), found.unknown.end(), path) == found.unknown.end())
      found.unknown.push_back(path);
    if (&path == &paths.front()) base = here;
    if (!here || !base) continue;
    environment both = *base;
    both.insert(here->begin(), here->end());
    for (const auto& [name, values] : both)
      if (base->count(name) != here->count(name) || base->at(name) != here->at(name))
        found.differences.push_back(
            {name, path, detail::joined_values(*base, name), detail::joined_values(*here, name)});
  }
  return found;
}

}  // namespace colossus::bench::compare
