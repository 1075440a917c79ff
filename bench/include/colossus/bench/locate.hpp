// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate/report.hpp>

namespace colossus::bench {

/// What colossus-topo locate is asked.
struct locate_options {
  std::string topology, pairs, hosts, defaults;
  std::string routing = "adaptive";
  int queue_pairs = 1;
};

namespace locate {

/// The links that routes between the pairs take; under ECMP those of adaptive routing, which stand for all draws.
template <topology Fabric>
std::vector<bool> links_used(const Fabric& machine, const observed_table& table, routing how) {
  if (how == routing::ecmp) how = routing::adaptive;
  std::vector<bool> used(machine.links());
  const auto mark = [&](link_t link) { used[link] = true; };
  for (const observed_pair& p : table.pairs)
    machine.route(p.what.a, p.what.b, how, 0, mark), machine.route(p.what.b, p.what.a, how, 0, mark);
  return used;
}

/// Everything between a table and its suspects.
template <topology Fabric>
struct verdict {
  observed_table table;
  suspects who;
  expectation expected;
  findings found;

  verdict(const Fabric& machine, const node_names<Fabric>& names, const std::vector<pair_line>& lines,
          const std::string& where, const routing_options& how)
      : table{observe(machine, names, lines, where)},
        who{machine, how.kind, links_used(machine, table, how.kind)},
        expected{signature_builder{machine, who, how}.build(table.pairs)} {
    judge_pairs(table.pairs, expected, found);
    judge_suspects(who, expected, found);
  }
};

inline routing_options routing_of(const locate_options& o) {
  routing_options how;
  how.kind = o.routing == "ecmp" ? routing::ecmp : o.routing == "adaptive" ? routing::adaptive : routing::deterministic;
  how.queue_pairs = o.queue_pairs, how.seeds = 16;
  return how;
}

template <class Fabric>
void introduce(std::ostream& out, const loaded& machine, const locate_options& o, const verdict<Fabric>& v) {
  const auto rounds = static_cast<std::int64_t>(v.table.pairs.back().round) + 1;
  print_wrapped(out, "pairs",
                o.pairs + ": " + with_commas(std::ssize(v.table.pairs)) + " with a time, in " + with_commas(rounds) +
                    (rounds == 1 ? " round" : " rounds") + ", noise " + brief(100 * v.found.noise, 2) + "%",
                10);
  print_wrapped(out, "machine",
                machine.description.name + " (" + machine.description.evidence + "), its routing taken for " +
                    o.routing + (o.routing == "adaptive" ? ": say --routing ecmp if it is not" : ""),
                10);
  print_wrapped(out, "asked",
                with_commas(std::ssize(v.who.all())) +
                    " parts, or groups of parts that no pair tells apart, for one "
                    "that explains all slow pairs; above " +
                    brief(v.found.threshold, 2) + " sigma it is no chance (one healthy table in 1,000)",
                10);
}

}  // namespace locate

/// Reads a table of pairs and writes which part of the machine is to blame for slow ones. Returns the exit status: 0
/// nothing found, 1 suspects named. Throws `error` where a file cannot be read or does not fit the machine.
inline int locate_bad_part(const locate_options& o, std::ostream& out) {
  topology_options how_read;
  how_read.defaults_path = o.defaults;
  const loaded machine = load_topology(o.topology, how_read);
  const std::vector<pair_line> lines = read_pairs(o.pairs);
  return std::visit(
      [&]<class Fabric>(const Fabric& fabric) -> int {
        if constexpr (std::same_as<Fabric, topologies::torus>)
          throw error{o.topology + ": parts of a torus cannot be told yet: locate expects a Clos or one NVLink domain",
                      failure::input};
        else {
          locate::node_names names{fabric};
          if (!o.hosts.empty()) names.read(colossus::detail::read_text(o.hosts, "a file of host names"), o.hosts);
          const routing_options how = locate::routing_of(o);
          const locate::verdict v{fabric, names, lines, o.pairs, how};
          locate::introduce(out, machine, o, v);
          return locate::report<Fabric>{out, {fabric, names, how, v.table, v.who, v.expected, v.found}}.write();
        }
      },
      machine.fabric);
}

}  // namespace colossus::bench
