// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/edit_json.hpp>
#include <colossus/topologies/defaults.hpp>

#include <string>
#include <utility>
#include <vector>

namespace colossus::topologies {

/// What software adds to a machine, from a profile file: measured latencies and efficiencies in place of those of the
/// topology file and of the table of defaults, and what each operation takes besides its messages.
struct profile {
  std::string path, name, source, evidence;
  double operation_s = 0;                             ///< launch and completion of one operation, whatever its size
  std::vector<std::pair<std::string, double>> set{};  ///< JSON pointers into the topology file, or /defaults/...
};

/// Reads {"profile", "source", "evidence", "operation_us", "set"}. Throws `error` (input) for what is none.
inline profile read_profile(const std::string& path) {
  const nlohmann::json json = detail::read_json(path);
  const detail::json_reader file{path, json};
  file.keys({"profile", "source", "evidence", "operation_us", "set"});
  profile p{path, file["profile"].text(), file["source"].text(),
            file["evidence"].one_of({"measured", "assumed", "synthetic"})};
  if (p.name.empty() || p.name == "none") file["profile"].fail("a name (none means without a profile)");
  if (const auto us = file.find("operation_us")) p.operation_s = us->number(0) * 1e-6;
  const auto settings = file.find("set");
  for (const auto& [pointer, value] : settings ? settings->members() : decltype(settings->members()){}) {
    if (!pointer.ends_with("_ns") && !pointer.ends_with("/efficiency"))
      value.complain("expected a pointer to a latency (..._ns) or an efficiency; --set changes what else a file says");
    const double number = pointer.ends_with("_ns") ? value.number(0) : value.positive();
    if (!pointer.ends_with("_ns") && number > 1) value.fail("an efficiency above 0 and up to 1");
    p.set.emplace_back(pointer, number);
  }
  if (p.set.empty() && p.operation_s == 0) file.complain("expected \"operation_us\" or \"set\", found neither");
  return p;
}

}  // namespace colossus::topologies

namespace colossus::detail {

/// Puts the figures of a profile into the JSON of a topology file and into the table of defaults. Throws `error`
/// (input) where a pointer leads to no part of the file, or to no figure of the table.
inline void apply_profile(const topologies::profile& p, const std::string& file, nlohmann::json& json,
                          topologies::defaults_table& table) {
  for (const auto& [pointer, number] : p.set) {
    const auto fail = [&, where = &pointer](const std::string& in) {
      throw error{p.path + ": /set: \"" + *where + "\": expected a pointer to a part of " + in + ", found none there",
                  failure::input};
    };
    if (!pointer.starts_with('/') || pointer.find('~') != std::string::npos)
      fail(file + ", such as /node_types/NAME/nvlink/latency_ns");
    if (pointer.starts_with("/defaults/")) {
      if (!table.replace(pointer, number, "profile " + p.name)) fail(table.file());
      continue;
    }
    const nlohmann::json::json_pointer part{pointer.substr(0, pointer.rfind('/'))};
    if (part.empty() || !json.contains(part) || !json.at(part).is_object()) fail(file);
    set_at(file, json, pointer, nlohmann::json(number).dump());
  }
}

}  // namespace colossus::detail
