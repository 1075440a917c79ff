// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/outages.hpp>
#include <colossus/groups.hpp>

#include <map>

namespace colossus::bench {
namespace detail {

/// For nodes that are down, usable nodes without ranks in file order; -1 where none are left.
template <class Fabric>
std::map<std::int32_t, std::int32_t> spare_nodes(const scene& s, const Fabric& machine) {
  std::vector<bool> taken(static_cast<std::size_t>(machine.nodes()), false);
  std::map<std::int32_t, std::int32_t> moved;
  for_each_group(s, [&](const std::vector<gpu_t>& placement) {
    for (const gpu_t gpu : placement) {
      const std::int32_t node = machine.node_of(gpu);
      taken[static_cast<std::size_t>(node)] = true;
      if (machine.is_down(node)) moved.try_emplace(node, -1);
    }
  });
  if (moved.empty()) return moved;
  const std::vector<std::int32_t> usable = usable_nodes(machine);
  auto spare = usable.begin();
  for (auto& [from, to] : moved) {
    spare = std::find_if(spare, usable.end(), [&](std::int32_t n) { return !taken[static_cast<std::size_t>(n)]; });
    if (spare != usable.end()) to = *spare++;
  }
  return moved;
}

/// Moves the ranks of nodes that are down to spare nodes; drops them where there are none. Throws `error` where nobody
/// is left, or one of several groups would be smaller than the others.
template <class Fabric>
void move_ranks(scene& s, const Fabric& machine) {
  const auto moved = spare_nodes(s, machine);
  if (moved.empty()) return;
  for_each_group(s, [&](std::vector<gpu_t>& placement) {
    const std::size_t before = placement.size();
    for (gpu_t& gpu : placement)
      if (const auto to = moved.find(machine.node_of(gpu)); to != moved.end())
        gpu = to->second < 0 ? -1 : to->second * machine.gpus_per_node() + gpu % machine.gpus_per_node();
    std::erase(placement, -1);
    if (placement.empty() || (!s.groups.empty() && placement.size() < before)) throw error{"no node is left"};
  });
  if (!s.groups.empty()) s.placement = s.groups.front();
  problem shape = s.groups.empty() ? part(machine, s.placement) : part_of_groups(machine, s.groups);
  shape.lanes = s.shape.lanes, shape.chunk_bytes = s.shape.chunk_bytes;
  s.shape = shape;
  s.nodes = nodes_in_use(machine, s.placement);
  s.power_w = machine.power_w() * s.nodes / machine.nodes();
}

}  // namespace detail

/// The scene without one part. Ranks of nodes that are lost move to nodes that are free, in file order; where none are,
/// the operation has fewer ranks.
inline scene without(const scene& s, const outage& lost) {
  return std::visit(
      [&]<class Fabric>(const Fabric& machine) -> scene {
        if constexpr (std::same_as<Fabric, topologies::torus>) return s;
        else {
          Fabric broken = machine;
          impair(broken, lost.of, lost.number);
          scene other = changed(s, std::move(broken), "out=" + lost.name);
          const Fabric& left = std::get<Fabric>(other.machine->fabric);
          detail::move_ranks(other, left);
          return other;
        }
      },
      s.machine->fabric);
}

}  // namespace colossus::bench
