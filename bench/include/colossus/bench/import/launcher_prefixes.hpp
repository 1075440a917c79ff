// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/imported.hpp>

#include <set>

namespace colossus::bench::importing {

/// What launchers put before each line of many ranks.
class launcher_prefixes {
 public:
  /// `line` without what launchers put before it: "0: ", "[1,0]<stdout>:", whatever stood before a # once.
  std::string_view without(std::string_view line) {
    const std::string_view all = trimmed(line);
    if (all.starts_with('['))
      for (const std::string_view tag : {"<stdout>:", "<stderr>:"})
        if (const auto end = all.find(tag); end != std::string_view::npos) return trimmed(all.substr(end + tag.size()));
    const auto colon = all.find(':');
    if (colon == std::string_view::npos || colon == 0) return all;
    const std::string_view name = all.substr(0, colon), rest = trimmed(all.substr(colon + 1));
    if (name.find_first_of(" \t#") != std::string_view::npos) return all;
    if (rest.starts_with('#')) prefixes_.emplace(name);
    const bool alone = colon + 1 == all.size() || all[colon + 1] == ' ' || all[colon + 1] == '#';
    return alone && prefixes_.contains(std::string{name}) ? rest : all;
  }

 private:
  std::set<std::string> prefixes_;
};

}  // namespace colossus::bench::importing
