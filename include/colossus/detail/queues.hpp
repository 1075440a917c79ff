// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/flows.hpp>
#include <colossus/packets.hpp>

#include <algorithm>

namespace colossus::detail {

/// A machine whose links carry what packets leave of their capacity.
template <class Topology>
struct packet_capacities {
  const Topology& machine;
  const packet_effects& packets;
  double capacity(link_t link) const {
    return packets.none() ? machine.capacity(link) : packets.capacity(machine, link);
  }
};

/// Which flows of a solve queue: those that share a full link between switches.
class queues {
 public:
  template <class Topology>
  void find(const Topology& machine, const flows& flows, std::span<const double> rates) {
    load_.assign(flows.links(), 0);
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      for (const std::uint32_t link : flows.links_of(flow)) load_[link] += rates[flow];
    full_.assign(flows.links(), false);
    for (std::uint32_t link = 0; link < flows.links(); ++link) {
      const link_t id = flows.topology_link(link);
      const bool inside = machine.uses(routing::adaptive, id) != machine.uses(routing::ecmp, id);  // not a port
      full_[link] = inside && flows.degree(link) > 1 && load_[link] >= flows.capacity(link) * (1 - 1e-9);
    }
  }
  bool on_path_of(const flows& flows, std::size_t flow) const {
    return std::ranges::any_of(flows.links_of(flow), [&](std::uint32_t link) { return full_[link]; });
  }

 private:
  std::vector<double> load_;  // bytes/s
  std::vector<bool> full_;
};

}  // namespace colossus::detail
