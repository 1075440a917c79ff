// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/topology_text.hpp>
#include <colossus/topologies/derive.hpp>

#include <fstream>

namespace colossus::bench {

namespace detail {

/// "leaf=2:1" or "leaf=2".
inline std::pair<std::string, double> oversubscription(const std::string& text) {
  const auto equals = text.find('=');
  const std::string ratio = equals == std::string::npos ? "" : text.substr(equals + 1);
  char* end = nullptr;
  const double value = std::strtod(ratio.c_str(), &end);
  if (equals == 0 || ratio.empty() || !(value > 0) || !std::isfinite(value) || (*end && std::string_view{end} != ":1"))
    throw error{"--oversubscribe " + text + ": expected TIER=RATIO:1 such as leaf=2:1"};
  return {text.substr(0, equals), value};
}

/// As people write the files: what it is first, and what it consists of.
inline std::string in_order(const nlohmann::json& json) {
  nlohmann::ordered_json ordered;
  for (const char* key : {"$schema", "topology", "name", "title", "evidence", "sources", "assumptions", "switch_types",
                          "node_types", "scale_up", "scale_out", "populations"})
    if (json.contains(key)) ordered[key] = json[key];
  for (const auto& [key, value] : json.items())
    if (!ordered.contains(key)) ordered[key] = value;
  return ordered.dump(2) + "\n";
}

}  // namespace detail

/// Writes the machine that is derived from the file `base` to `file`, or where that is empty to `out`; it is checked
/// first. Says in a line what was written.
inline void derive_topology(const std::string& base, const topologies::derivation& asked, const std::string& file,
                            std::ostream& out) {
  const nlohmann::json json = topologies::deriver{base, colossus::detail::read_json(base)}(asked);
  const loaded machine = load_topology(base, json, {});
  if (file.empty()) {
    out << detail::in_order(json);
    return;
  }
  std::ofstream to{file};
  to << detail::in_order(json) << std::flush;
  if (!to) throw error{file + ": expected a file that can be written", failure::input};
  const auto& fabric = std::get<topologies::nodes_of<topologies::clos>>(machine.fabric);
  std::string switches;
  for (int tier = 0; tier < fabric.network().tiers(); ++tier)
    switches += ", " + with_commas(fabric.network().switches(tier)) + " " +
                machine.description.scale_out.tiers[static_cast<std::size_t>(tier)].name + " switches";
  print_wrapped(out, file, machine.description.name + ": " + with_commas(fabric.gpus()) + " GPUs" + switches,
                file.size() + 2);
}

}  // namespace colossus::bench
