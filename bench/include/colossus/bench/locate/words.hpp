// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate/next_pairs.hpp>
#include <colossus/bench/table.hpp>
#include <colossus/bench/topology_text.hpp>

namespace colossus::bench::locate {

/// A GPU, NIC or node by the name that people know: "NIC p0-n3 nic4 (gpu017)".
template <class Fabric>
std::string known_as(const std::string& part, std::int32_t node, const node_names<Fabric>& names) {
  const std::string given = names.given(node);
  return given.empty() ? part : part + " (" + given + ")";
}

/// The node that a NIC or GPU belongs to.
template <class Fabric>
std::int32_t node_of_part(const Fabric& machine, const topologies::part_class& of, std::int64_t number) {
  const auto at = static_cast<std::int32_t>(number);
  if (of.kind == topologies::part_kind::gpu) return machine.node_of(at);
  if constexpr (requires { machine.network().nics_per_node(); }) {
    const std::int32_t nics = machine.network().nics_per_node();
    if (of.kind == topologies::part_kind::nic) return at / nics;
    if (of.kind == topologies::part_kind::nic_port) return at / machine.network().planes() / nics;
  }
  return -1;
}

/// A suspect in one phrase, with what nothing tells from it.
template <class Fabric>
std::string phrase_of(const Fabric& machine, const suspect& s, const node_names<Fabric>& names) {
  using topologies::part_kind;
  const std::string first = part_name(machine, s.of, s.members.front());
  if (s.members.size() > 1)
    return "one of " + with_commas(std::ssize(s.members)) + ", " + first + " to " +
           part_name(machine, s.of, s.members.back());
  if (s.of.kind == part_kind::gpu)
    return known_as(first, node_of_part(machine, s.of, s.members.front()), names) + ": its NVLink";
  if (s.of.kind == part_kind::nic || s.of.kind == part_kind::nic_port)
    return known_as(first, node_of_part(machine, s.of, s.members.front()), names) + ": it, its cable or its slot";
  return first;
}

/// A GPU for those who are to measure: "p0-n3 gpu4", or the host's own name.
template <class Fabric>
std::string end_name(const Fabric& machine, gpu_t gpu, const node_names<Fabric>& names) {
  const std::int32_t node = machine.node_of(gpu);
  const std::string given = names.given(node);
  return (given.empty() ? colossus::host_name(machine, node) : given) + " gpu" +
         std::to_string(gpu % machine.gpus_per_node());
}

/// What stands for a suspect in the pairs that it should slow most: how many, and the factors expected and seen.
struct evidence {
  std::size_t felt = 0;
  double expected = 1, seen = 1;
  std::size_t slow = 0, explained = 0;  ///< pairs out of the ordinary, in all; those that the suspect accounts for
};

/// The evidence for suspect `who`.
inline evidence evidence_for(std::uint32_t who, const findings& found, const likeness& alike) {
  evidence e;
  double most = 0, weights = 0, expected = 0, seen = 0;
  for (const auto& [pair, effect] : alike.of(who)) most = std::max(most, effect);
  const auto is_slow = [&](std::size_t pair) { return found.x[pair] > 5 * std::sqrt(found.variance[pair]); };
  for (std::size_t pair = 0; pair < found.x.size(); ++pair) e.slow += is_slow(pair);
  for (const auto& [pair, effect] : alike.of(who)) {
    e.explained += is_slow(pair) && 2 * effect * found.scores[who].size > found.x[pair];
    if (effect < 0.3 * most) continue;
    const double weight = effect / found.variance[pair];
    ++e.felt, weights += weight, expected += weight * effect, seen += weight * found.x[pair];
  }
  if (weights > 0) e.expected = std::exp(expected / weights), e.seen = std::exp(seen / weights);
  return e;
}

/// Such as "511 pairs should take 2.00 times as long at half speed and take 1.98; it accounts for 500 of the 510 slow
/// pairs; 704 sigma".
inline std::string sentence_of(const evidence& e, double certainty) {
  const auto factor = [](double f) { return colossus::bench::detail::format(f < 1.1 ? "%.3f" : "%.2f", f); };
  return with_commas(static_cast<std::int64_t>(e.felt)) + (e.felt == 1 ? " pair" : " pairs") + " should take " +
         factor(e.expected) + " times as long at half speed, and " + (e.felt == 1 ? "takes " : "take ") +
         factor(e.seen) +
         (e.slow > 0 ? "; accounts for " + with_commas(static_cast<std::int64_t>(e.explained)) + " of " +
                           with_commas(static_cast<std::int64_t>(e.slow)) + " slow pairs"
                     : std::string{}) +
         "; " + brief(certainty) + " sigma";
}

}  // namespace colossus::bench::locate
