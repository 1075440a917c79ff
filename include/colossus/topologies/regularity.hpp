// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/symmetry.hpp>
#include <colossus/topologies/nodes_of.hpp>

namespace colossus::topologies {

/// The digits of a machine's GPU numbers whose values may be permuted, each permutation applied to all GPUs at once,
/// without a difference to latencies, adaptive routes and capacities: GPU of a node (rails change places), node of a
/// pod, pod of a group, group. Innermost first; none where the machine is not known to be so regular, a broken one for
/// example.
inline std::vector<digit> digits_of(const nodes_of<clos>& machine) {
  const clos_shape& shape = machine.network().shape();
  const clos_counts& n = machine.network().counts();
  const node_shape& node = machine.shape();
  const bool regular = machine.healthy() && node.speeds.size() == 1 && node.nodes_per_domain == 1 &&
                       n.leaves_per_rail == 1 && shape.nics_per_node == node.gpus &&
                       (shape.rails == 1 || shape.rails == node.gpus) &&
                       (n.group_rails == 1 || n.group_rails == shape.rails);
  if (!regular) return {};
  const std::int32_t group = shape.tiers.size() > 1 ? n.group_pods : shape.pods;
  const gpu_t in_pod = node.gpus * shape.nodes_per_pod;
  return {{1, node.gpus}, {node.gpus, shape.nodes_per_pod}, {in_pod, group}, {in_pod * group, shape.pods / group}};
}

/// Where stretches of links end that all carry the same; none where the machine is not known to be so regular.
inline std::vector<link_t> uniform_links(const nodes_of<clos>& machine) {
  if (digits_of(machine).empty()) return {};
  const auto first = machine.first();
  std::vector<link_t> ends{first.local_in, first.nic_out, first.nic_in, first.port_out, first.port_in, first.network};
  const clos& net = machine.network();
  for (int tier = 0; tier + 1 < net.tiers(); ++tier) {
    const cable_links at = net.cable(tier, 0);
    for (const link_t link : {at.up, at.down, at.up_trunk, at.down_trunk}) ends.push_back(first.network + link);
  }
  ends.push_back(machine.links());
  std::ranges::sort(ends);
  ends.erase(ends.begin(), std::ranges::upper_bound(ends, link_t{0}));
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
  return ends;
}

/// The first of the GPUs that a link serves which adaptive routing uses, in a machine that has `digits_of`.
inline gpu_t home_of(const nodes_of<clos>& machine, link_t link) {
  const auto first = machine.first();
  if (link < first.network) {  // GPUs and NICs have the same numbers
    const link_t of = link < first.local_in  ? first.local_out
                      : link < first.nic_out ? first.local_in
                      : link < first.nic_in  ? first.nic_out
                                             : first.nic_in;
    return static_cast<gpu_t>(link - of);
  }
  const clos& net = machine.network();
  const clos_counts& n = net.counts();
  const auto [rails, in_node] = std::pair{net.rails(), machine.gpus_per_node()};
  const gpu_t in_pod = in_node * net.shape().nodes_per_pod;
  const link_t at = link - first.network;
  const auto upper = net.tiers() > 2 ? net.cable(1, 0) : cable_links{~link_t{0}, 0, ~link_t{0}, 0};
  if (at >= upper.up_trunk) {
    const auto row = rails / n.group_rails,
               group = static_cast<std::int32_t>(at - (at < upper.down_trunk ? upper.up_trunk : upper.down_trunk));
    return group / row * n.group_pods * in_pod + group % row * n.group_rails;
  }
  const cable_links lower = net.cable(0, 0);
  const auto leaf = static_cast<std::int32_t>(at - (at < lower.down_trunk ? lower.up_trunk : lower.down_trunk));
  return leaf / rails * in_pod + leaf % rails;
}

/// The link of the same kind whose home is another.
inline link_t moved(const nodes_of<clos>& machine, link_t link, gpu_t home) {
  const gpu_t before = home_of(machine, link);
  const clos& net = machine.network();
  const auto row_of = [&](gpu_t at) {  // the number of its GPU, its leaf, its group
    if (link < machine.first().network) return at;
    const gpu_t in_node = machine.gpus_per_node(), in_pod = in_node * net.shape().nodes_per_pod;
    const clos_counts& n = net.counts();
    if (net.kind(link - machine.first().network) < 2) return at / in_pod * net.rails() + at % in_node;
    return at / in_pod / n.group_pods * (net.rails() / n.group_rails) + at % in_node / n.group_rails;
  };
  return link + static_cast<link_t>(row_of(home) - row_of(before));
}

}  // namespace colossus::topologies
