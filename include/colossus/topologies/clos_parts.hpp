// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/clos_layout.hpp>
#include <colossus/topologies/part.hpp>

namespace colossus::topologies {

/// Visits (tier, number) of the cables of a switch, those up first. A leaf's cables to its NICs are not among them.
template <class Visit>
void for_each_cable(const clos_layout& net, int tier, std::uint32_t number, Visit&& visit) {
  const clos_counts& n = net.counts();
  const auto ports_up = [&](int t) {
    return t + 1 < net.tiers() ? static_cast<std::uint32_t>(net.shape().tiers[static_cast<std::size_t>(t)].up) : 0u;
  };
  for (std::uint32_t port = 0; port < ports_up(tier); ++port) visit(tier, number * ports_up(tier) + port);
  const auto per_set = static_cast<std::uint32_t>(tier == 1 ? n.spines : n.cores);
  const auto below = static_cast<std::uint32_t>(tier == 1 ? n.leaves : n.groups);
  if (tier == 0) return;
  const std::uint32_t width = ports_up(tier - 1) / per_set, at = number % per_set, set = number / per_set;
  const auto bundle = [&](std::uint32_t lower) {
    for (std::uint32_t i = 0; i < width; ++i) visit(tier - 1, lower * ports_up(tier - 1) + at * width + i);
  };
  if (tier == 2) {
    const auto spines = static_cast<std::uint32_t>(n.spines), sets = static_cast<std::uint32_t>(n.core_sets);
    const auto row = static_cast<std::uint32_t>(net.rails() / n.group_rails), each = row / sets;
    const std::uint32_t plane = set / spines / sets, of = set / spines % sets;
    for (std::uint32_t group = 0; group < below; ++group)
      if (group % row / each == of) bundle((plane * below + group) * spines + set % spines);
    return;
  }
  const auto groups = static_cast<std::uint32_t>(n.groups), plane = set / groups, group = set % groups;
  const auto rails = static_cast<std::uint32_t>(net.rails()), per_rail = static_cast<std::uint32_t>(n.leaves_per_rail);
  const auto pods = static_cast<std::uint32_t>(n.group_pods), in_group = static_cast<std::uint32_t>(n.group_rails);
  const std::uint32_t row = rails / in_group;
  for (std::uint32_t pod = group / row * pods; pod < (group / row + 1) * pods; ++pod)
    for (std::uint32_t rail = group % row * in_group; rail < (group % row + 1) * in_group; ++rail)
      for (std::uint32_t l = 0; l < per_rail; ++l) bundle(plane * below + (pod * rails + rail) * per_rail + l);
}

/// Visits (node, NIC) of what a leaf serves.
template <class Visit>
void for_each_nic(const clos_layout& net, std::uint32_t leaf, Visit&& visit) {
  const clos_counts& n = net.counts();
  const std::int32_t at = static_cast<std::int32_t>(leaf) % n.leaves, row = at / n.leaves_per_rail;
  const std::int32_t first = at % n.leaves_per_rail * n.slots_per_leaf;
  const std::int32_t end = std::min(first + n.slots_per_leaf, net.shape().nodes_per_pod * n.nics_per_rail);
  for (std::int32_t slot = first; slot < end; ++slot)
    visit(row / net.rails() * net.shape().nodes_per_pod + slot / n.nics_per_rail,
          slot % n.nics_per_rail * net.rails() + row % net.rails());
}

/// Where a switch stands. Its index counts leaves of a rail and pod, spines of a group, or cores of all sets.
inline part_place switch_place(const clos_layout& net, int tier, std::uint32_t number) {
  const clos_counts& n = net.counts();
  const auto in_plane = static_cast<std::uint32_t>(net.switches(tier) / net.planes());
  const auto at = static_cast<std::int32_t>(number % in_plane);
  part_place place{0, net.pods(), 0, net.rails(), static_cast<std::int32_t>(number / in_plane), 1, at};
  if (tier == 0) {
    const std::int32_t row = at / n.leaves_per_rail;
    place.pod = row / net.rails(), place.rail = row % net.rails(), place.pods = place.rails = 1;
    place.index = at % n.leaves_per_rail;
  } else if (tier == 1) {
    const std::int32_t group = at / n.spines, rows = net.rails() / n.group_rails;
    place.pod = group / rows * n.group_pods, place.pods = n.group_pods;
    place.rail = group % rows * n.group_rails, place.rails = n.group_rails;
    place.index = at % n.spines;
  } else {
    place.rail = at / (n.cores * n.spines) * n.core_rails, place.rails = n.core_rails;
  }
  return place;
}

/// Where a cable begins; its index is the port up of its lower switch.
inline part_place cable_place(const clos_layout& net, int tier, std::uint32_t number) {
  const auto ports = static_cast<std::uint32_t>(net.shape().tiers[static_cast<std::size_t>(tier)].up);
  part_place place = switch_place(net, tier, number / ports);
  place.index = static_cast<std::int32_t>(number % ports);
  return place;
}

}  // namespace colossus::topologies
