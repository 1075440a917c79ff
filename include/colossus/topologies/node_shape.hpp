// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/topology.hpp>

#include <cmath>
#include <vector>

namespace colossus::topologies {

/// What joins NICs: rails and planes, levels of routes, links between NIC ports.
template <class N>
concept network = requires(const N n, std::int32_t i, link_t link, routing how, std::uint32_t plane,
                           detail::hash_draw draw) {
  { n.nodes() } -> std::same_as<std::int32_t>;
  { n.pods() } -> std::same_as<std::int32_t>;
  { n.nics_per_node() } -> std::same_as<std::int32_t>;
  { n.rails() } -> std::same_as<std::int32_t>;
  { n.planes() } -> std::same_as<std::int32_t>;
  { n.pod_of(i) } -> std::same_as<std::int32_t>;
  { n.rail_of(i) } -> std::same_as<std::int32_t>;
  { n.joins_rails() } -> std::same_as<bool>;
  { n.links() } -> std::same_as<link_t>;
  { n.capacity(link) } -> std::same_as<double>;
  { n.kind(link) } -> std::same_as<int>;
  { n.kinds() } -> std::convertible_to<std::span<const std::string>>;
  { n.levels() } -> std::same_as<int>;
  { n.level(i, i, i, i) } -> std::same_as<int>;
  { n.level_latency_s(0) } -> std::same_as<double>;
  { n.bisection() } -> std::same_as<double>;
  n.route(i, i, i, i, how, plane, draw, detail::any_visitor{});
};

/// How a message gets from one rail to another. Rails of one node are always joined by NVLink.
enum class cross_rail : std::uint8_t {
  nvlink,  ///< to the sender's node's GPU on the receiver's rail, then along that rail (NCCL's PXN)
  fabric   ///< out of the sender's own NIC, and through the lowest tier that joins both rails
};

/// What one type of node brings: rates in bytes/s one way, efficiency included; latencies in seconds.
struct node_speed {
  double local_bytes_per_s = 0;  ///< of one GPU into NVLink (or PCIe)
  double local_latency_s = 0;    ///< GPU to GPU
  double nic_bytes_per_s = 0;    ///< of one NIC, all ports
  double nic_latency_s = 0;      ///< of one NIC, on one side
};

/// The nodes of a machine, alike but for their speed.
struct node_shape {
  std::int32_t gpus = 8;
  std::int32_t nodes_per_domain = 1;  ///< nodes that one NVLink domain joins (NVL72: 18)
  std::string local = "NVLink";       ///< what joins the GPUs of a domain
  cross_rail between_rails = cross_rail::nvlink;
  std::vector<node_speed> speeds{};         ///< by type
  std::vector<std::uint8_t> type_of_pod{};  ///< empty: all are of type 0
  double power_w = std::nan("");            ///< of the whole machine; NaN: not known
};

}  // namespace colossus::topologies
