// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate.hpp>
#include <colossus/bench/simulated_pairs.hpp>

#include <set>

namespace colossus::bench {

/// Ranks on a shipped machine.
struct machine_of_pairs {
  std::string topology;
  std::vector<rank_t> nodes;  ///< empty: all
  std::string placement;
};

/// How a table of pairs comes about.
struct table_of_pairs {
  std::string pairs, routing, fault;
  double noise = 0;
  std::int64_t seed = 1;
};

inline std::string shipped_topology(const std::string& name) { return COLOSSUS_TOPOLOGY_DIR "/" + name + ".json"; }

inline std::vector<pair_line> simulated_lines(const machine_of_pairs& machine, const table_of_pairs& table) {
  options o;
  o.collective = "send_recv";
  o.topologies = {shipped_topology(machine.topology)};
  o.nodes = machine.nodes, o.placement = machine.placement;
  o.pairs = table.pairs, o.routings = {table.routing};
  o.pair_noise = table.noise, o.seed = table.seed;
  if (!table.fault.empty()) o.faults = {table.fault};
  std::vector<pair_line> lines;
  simulated_pairs{o}.for_each_pair(
      "run", 32 << 20, [&](const pair_line& line) { lines.push_back(line); }, [](int) {});
  return lines;
}

using fabric_of_pairs = topologies::nodes_of<topologies::clos>;

/// The verdict on a table, as colossus-topo locate reaches it.
inline locate::verdict<fabric_of_pairs> verdict_on(const fabric_of_pairs& machine, const std::vector<pair_line>& lines,
                                                   const std::string& routing) {
  locate_options asked;
  asked.routing = routing;
  return {machine, locate::node_names{machine}, lines, "table", locate::routing_of(asked)};
}

/// The names of the parts that each of the first three suspects stands for.
inline std::vector<std::set<std::string>> first_suspects(const machine_of_pairs& machine, const table_of_pairs& table) {
  const loaded whole = load_topology(shipped_topology(machine.topology));
  const auto& fabric = std::get<fabric_of_pairs>(whole.fabric);
  const auto verdict = verdict_on(fabric, simulated_lines(machine, table), table.routing);
  const locate::likeness alike{verdict.expected, verdict.found, verdict.found.order};
  std::vector<std::set<std::string>> named;
  for (const locate::cluster& c : clusters_of(verdict.found, alike, 3)) {
    auto& names = named.emplace_back();
    for (const std::uint32_t who : c)
      for (const std::int64_t number : verdict.who.all()[who].members)
        names.insert(part_name(fabric, verdict.who.all()[who].of, number));
  }
  return named;
}

}  // namespace colossus::bench
