// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/from_file.hpp>

namespace colossus::bench {

/// A class of links or switches of a machine, all of one speed that can be changed alone.
struct speed_class {
  std::string name;
  int index = 0;              ///< `retuned` knows it by this
  bool has_bandwidth = true;  ///< switches only delay
};

enum class aspect : std::uint8_t { bandwidth, latency };

constexpr std::string_view to_string(aspect a) { return a == aspect::bandwidth ? "bandwidth" : "latency"; }

namespace detail {

// Index 0: inside a domain; 1: NICs with their cables to the leaves; 2 t and 2 t + 1: cables below, switches of tier t
// - 1.

inline void add_network(std::vector<speed_class>&, const topologies::none&) {}
inline void add_network(std::vector<speed_class>& all, const topologies::clos& network) {
  const auto& tiers = network.shape().tiers;
  all.push_back({"NIC", 1});
  for (std::size_t t = 0; t < tiers.size(); ++t) {
    const int index = 2 * static_cast<int>(t) + 2;
    if (t > 0) all.push_back({tiers[t - 1].name + "-" + tiers[t].name + " link", index});
    all.push_back({tiers[t].name + " switch", index + 1, false});
  }
}

inline topologies::none retuned(const topologies::none& network, int, aspect, double) { return network; }
inline topologies::clos retuned(const topologies::clos& network, int index, aspect what, double factor) {
  topologies::clos_shape shape = network.shape();
  if (index == 1 && what == aspect::latency) shape.tiers[0].cable_latency_s *= factor;
  if (index < 2) return topologies::clos{std::move(shape)};
  topologies::clos_tier& tier = shape.tiers[static_cast<std::size_t>(index / 2 - 1)];
  if (what == aspect::bandwidth) tier.bytes_per_s *= factor;
  else (index % 2 ? tier.switch_latency_s : tier.cable_latency_s) *= factor;
  return topologies::clos{std::move(shape)};
}

}  // namespace detail

/// The classes of a machine, from the GPU outward.
template <class Network>
std::vector<speed_class> speed_classes(const topologies::nodes_of<Network>& machine) {
  std::vector<speed_class> all;
  if (machine.gpus_per_domain() > 1) all.push_back({machine.shape().local, 0});
  detail::add_network(all, machine.network());
  return all;
}
inline std::vector<speed_class> speed_classes(const topologies::torus&) { return {{"torus link", 0}}; }

/// The machine with the bandwidth or latency of one class times `factor`, otherwise as it is.
template <class Network>
topologies::nodes_of<Network> retuned(const topologies::nodes_of<Network>& machine, int index, aspect what,
                                      double factor) {
  topologies::node_shape nodes = machine.shape();
  for (topologies::node_speed& speed : nodes.speeds) {
    if (index == 0) (what == aspect::bandwidth ? speed.local_bytes_per_s : speed.local_latency_s) *= factor;
    if (index == 1) (what == aspect::bandwidth ? speed.nic_bytes_per_s : speed.nic_latency_s) *= factor;
  }
  topologies::nodes_of<Network> other{detail::retuned(machine.network(), index, what, factor), std::move(nodes)};
  other.break_like(machine);
  return other;
}
inline topologies::torus retuned(const topologies::torus& machine, int, aspect what, double factor) {
  topologies::torus::shape shape = machine.as_built();
  (what == aspect::bandwidth ? shape.bytes_per_s : shape.hop_latency_s) *= factor;
  return topologies::torus{std::move(shape)};
}

}  // namespace colossus::bench
