// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/parts.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace colossus::bench::detail {

/// Where ranks are.
struct whereabouts {
  std::vector<bool> pods, nodes;

  template <class Fabric>
  explicit whereabouts(const Fabric& machine)
      : pods(static_cast<std::size_t>(machine.pods()), false),
        nodes(static_cast<std::size_t>(machine.nodes()), false) {}

  template <class Fabric>
  void add(const Fabric& machine, std::span<const gpu_t> gpus) {
    for (const gpu_t gpu : gpus) {
      pods[static_cast<std::size_t>(machine.pod_of(gpu))] = true;
      nodes[static_cast<std::size_t>(machine.node_of(gpu))] = true;
    }
  }

  /// Whether a part belongs to a node with ranks, or serves a pod with ranks.
  template <class Fabric>
  bool near(const Fabric& machine, const topologies::part_class& of, std::int64_t number) const {
    using topologies::part_kind;
    const topologies::part_place at = place_of(machine, of, number);
    if (of.kind == part_kind::link || of.kind == part_kind::switch_ || of.kind == part_kind::pod)
      return std::find(pods.begin() + at.pod, pods.begin() + at.pod + at.pods, true) != pods.begin() + at.pod + at.pods;
    const std::int32_t in_pod = of.kind == part_kind::gpu ? at.index / machine.gpus_per_node() : at.index;
    return nodes[static_cast<std::size_t>(at.pod * (machine.nodes() / machine.pods()) + in_pod)];
  }
};

}  // namespace colossus::bench::detail
