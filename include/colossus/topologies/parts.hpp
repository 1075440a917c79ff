// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/clos_parts.hpp>
#include <colossus/topologies/nodes_of.hpp>

namespace colossus::topologies {

/// The kinds of parts that a machine has: every one of them can be taken out.
template <network Network>
std::vector<part_class> part_classes(const nodes_of<Network>& machine) {
  std::vector<part_class> all;
  if constexpr (std::same_as<Network, clos>) {
    const clos& net = machine.network();
    for (int tier = 0; tier < net.tiers(); ++tier) {
      const std::string& name = net.shape().tiers[static_cast<std::size_t>(tier)].name;
      if (tier + 1 < net.tiers()) all.push_back({part_kind::link, tier, net.cables(tier + 1), name + " link"});
      all.push_back({part_kind::switch_, tier, net.switches(tier), name + " switch"});
    }
    const std::int64_t nics = std::int64_t{machine.nodes()} * net.nics_per_node();
    all.push_back({part_kind::nic, 0, nics, "NIC"});
    if (net.planes() > 1) all.push_back({part_kind::nic_port, 0, nics * net.planes(), "NIC port"});
  }
  all.push_back({part_kind::gpu, 0, machine.gpus(), "GPU"});
  all.push_back({part_kind::node, 0, machine.nodes(), "node"});
  if (machine.pods() > 1) all.push_back({part_kind::pod, 0, machine.pods(), "pod"});
  return all;
}

/// Where part `number` of a class stands. The index of a NIC or node is the node's in its pod; of a GPU the GPU's in
/// its pod; for links and switches see `clos_parts.hpp`.
template <network Network>
part_place place_of(const nodes_of<Network>& machine, const part_class& of, std::int64_t number) {
  const std::int32_t per_pod = machine.nodes() / machine.pods(), all_rails = machine.network().rails();
  const auto at = static_cast<std::int32_t>(number), planes = machine.network().planes();
  const auto in_node = [&](std::int32_t node, std::int32_t rail, std::int32_t rails, std::int32_t plane) {
    return part_place{machine.network().pod_of(node), 1, rail, rails, plane, 1, node % per_pod};
  };
  part_place place;
  if constexpr (std::same_as<Network, clos>) {
    const clos& net = machine.network();
    const std::int32_t nics = net.nics_per_node();
    if (of.kind == part_kind::link) return cable_place(net, of.tier, static_cast<std::uint32_t>(number));
    if (of.kind == part_kind::switch_) return switch_place(net, of.tier, static_cast<std::uint32_t>(number));
    if (of.kind == part_kind::nic) place = in_node(at / nics, net.rail_of(at % nics), 1, 0), place.planes = planes;
    if (of.kind == part_kind::nic_port)
      place = in_node(at / planes / nics, net.rail_of(at / planes % nics), 1, at % planes);
    if (of.kind == part_kind::nic || of.kind == part_kind::nic_port) return place;
  }
  if (of.kind == part_kind::pod) return {at, 1, 0, all_rails, 0, planes, 0};
  place = in_node(of.kind == part_kind::gpu ? machine.node_of(at) : at, 0, all_rails, 0), place.planes = planes;
  if (of.kind == part_kind::gpu) place.index = at % (per_pod * machine.gpus_per_node());
  return place;
}

/// Such as "leaf p12 r3 up 17", "spine g0 s5", "NIC p0-n3 nic7", "node p0-n3", "pod 5".
template <network Network>
std::string part_name(const nodes_of<Network>& machine, const part_class& of, std::int64_t number) {
  const auto at = static_cast<std::int32_t>(number);
  const auto host = [&](std::int32_t node) {
    const std::int32_t per_pod = machine.nodes() / machine.pods();
    return " p" + std::to_string(node / per_pod) + "-n" + std::to_string(node % per_pod);
  };
  if constexpr (std::same_as<Network, clos>) {
    const clos& net = machine.network();
    const std::int32_t nics = net.nics_per_node(), planes = net.planes();
    if (of.kind == part_kind::link) return net.link_name(net.cable(of.tier, static_cast<std::uint32_t>(number)).up);
    if (of.kind == part_kind::switch_) return net.switch_name(of.tier, static_cast<std::uint32_t>(number));
    if (of.kind == part_kind::nic) return "NIC" + host(at / nics) + " nic" + std::to_string(at % nics);
    if (of.kind == part_kind::nic_port)
      return "NIC" + host(at / planes / nics) + " nic" + std::to_string(at / planes % nics) + " plane" +
             std::to_string(at % planes);
  }
  if (of.kind == part_kind::pod) return "pod " + std::to_string(at);
  if (of.kind == part_kind::node) return "node" + host(at);
  return "GPU" + host(machine.node_of(at)) + " gpu" + std::to_string(at % machine.gpus_per_node());
}

/// Visits the links of a part, each direction once, with the trunks that they are part of (or are): of a link both
/// directions, of a switch all its links, of a GPU its NVLink. Nodes and pods have none of their own. Throws `error`
/// (usage) where the class has no such part.
template <network Network, class Visit>
void for_each_link(const nodes_of<Network>& machine, const part_class& of, std::int64_t number, Visit&& visit) {
  expects(number >= 0 && number < of.count, "expected a part of the class");
  const auto first = machine.first();
  const auto at = static_cast<std::uint32_t>(number);
  if (of.kind == part_kind::gpu) {
    visit(first.local_out + at, first.local_out + at), visit(first.local_in + at, first.local_in + at);
    return;
  }
  if constexpr (std::same_as<Network, clos>) {
    const clos& net = machine.network();
    const auto planes = static_cast<std::uint32_t>(net.planes()),
               nics = static_cast<std::uint32_t>(net.nics_per_node());
    const auto cable = [&](int tier, std::uint32_t which) {
      const cable_links l = net.cable(tier, which);
      visit(first.network + l.up, first.network + l.up_trunk);
      visit(first.network + l.down, first.network + l.down_trunk);
    };
    const auto port = [&](std::uint32_t nic, std::uint32_t plane) {
      const link_t out = first.nic_out + nic, in = first.nic_in + nic, each = nic * planes + plane;
      visit(planes == 1 ? out : first.port_out + each, out), visit(planes == 1 ? in : first.port_in + each, in);
    };
    if (of.kind == part_kind::link) return cable(of.tier, at);
    if (of.kind == part_kind::nic_port) return port(at / planes, at % planes);
    if (of.kind == part_kind::nic)
      for (std::uint32_t plane = 0; plane < planes; ++plane) port(at, plane);
    if (of.kind != part_kind::switch_) return;
    for_each_cable(net, of.tier, at, cable);
    if (of.tier == 0)
      for_each_nic(net, at, [&](std::int32_t node, std::int32_t nic) {
        port(static_cast<std::uint32_t>(node) * nics + static_cast<std::uint32_t>(nic),
             at / static_cast<std::uint32_t>(net.counts().leaves));
      });
  }
}

/// Leaves `share` of a part's rate, 0 none, on each of its links (`for_each_link`). A node without a GPU is down as a
/// whole, since ranks fill nodes; no placement uses a node that is down, and what else remains of it is as it was.
/// Parts may be impaired one after another: shares multiply. Throws `error` (usage) where the class has no such part,
/// or a node or pod is to keep a share.
template <network Network>
void impair(nodes_of<Network>& machine, const part_class& of, std::int64_t number, double share = 0) {
  expects(number >= 0 && number < of.count, "expected a part of the class");
  expects(share >= 0 && share <= 1, "expected a share from 0 to 1");
  expects(share == 0 || (of.kind != part_kind::node && of.kind != part_kind::pod), "nodes have no rate of their own");
  if (share == 1) return;
  const std::int32_t per_pod = machine.nodes() / machine.pods(), at = static_cast<std::int32_t>(number);
  if (of.kind == part_kind::node) return machine.take_down(at);
  if (of.kind == part_kind::gpu && share == 0) return machine.take_down(machine.node_of(at));
  for_each_link(machine, of, number, [&](link_t link, link_t trunk) { machine.keep(link, trunk, share); });
  if (of.kind == part_kind::pod)
    for (std::int32_t i = 0; i < per_pod; ++i) machine.take_down(at * per_pod + i);
}

}  // namespace colossus::topologies
