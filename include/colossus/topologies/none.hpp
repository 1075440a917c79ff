// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/error.hpp>
#include <colossus/topology.hpp>

namespace colossus::topologies {

/// No network: nodes that NVLink alone joins, in one pod.
class none {
 public:
  explicit none(std::int32_t nodes, std::int32_t nics_per_node = 0) : nodes_{nodes}, nics_per_node_{nics_per_node} {
    expects(nodes >= 1, "/nodes: expected 1 or more", failure::input);
  }
  std::int32_t nodes() const { return nodes_; }
  std::int32_t pods() const { return 1; }
  std::int32_t nics_per_node() const { return nics_per_node_; }
  std::int32_t rails() const { return 1; }
  std::int32_t planes() const { return 1; }
  std::int32_t pod_of(std::int32_t) const { return 0; }
  std::int32_t rail_of(std::int32_t) const { return 0; }
  bool joins_rails() const { return true; }
  double bisection() const { return 0; }

  link_t links() const { return 0; }
  double capacity(link_t) const { return 0; }
  int kind(link_t) const { return 0; }
  std::span<const std::string> kinds() const { return {}; }
  bool uses(routing, link_t) const { return false; }
  std::string link_name(link_t) const { return {}; }

  int levels() const { return 0; }
  std::string level_name(int) const { return {}; }
  int level(std::int32_t, std::int32_t, std::int32_t, std::int32_t) const { return 0; }
  double level_latency_s(int) const { return 0; }
  std::uint32_t plane_to(std::int32_t, std::int32_t) const { return 0; }
  template <class Visit>
  void route(std::int32_t, std::int32_t, std::int32_t, std::int32_t, routing, std::uint32_t, detail::hash_draw,
             Visit&&) const {}

 private:
  std::int32_t nodes_;
  std::int32_t nics_per_node_;
};

}  // namespace colossus::topologies
