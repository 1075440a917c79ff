// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/nodes_of.hpp>

// What `nodes_of` does seldom: how it is built and impaired, and the names of its links.

namespace colossus::topologies {

template <network Network>
nodes_of<Network>::nodes_of(Network network, node_shape shape)
    : network_{std::move(network)}, shape_{std::move(shape)} {
  const std::int32_t nics = network_.nics_per_node();
  expects(shape_.gpus >= 1 && !shape_.speeds.empty(), "a node has a GPU and a speed");
  expects(shape_.nodes_per_domain >= 1 && nodes() % shape_.nodes_per_domain == 0,
          "/scale_up/nodes: expected a divisor of the " + std::to_string(nodes()) + " nodes, found " +
              std::to_string(shape_.nodes_per_domain),
          failure::input);
  expects(std::int64_t{nodes()} * shape_.gpus < (1 << 28), "/scale_out: expected fewer than 2^28 GPUs", failure::input);
  relays_ = shape_.between_rails == cross_rail::nvlink;
  expects(relays_ || network_.joins_rails(),
          "/scale_out/cross_rail: expected \"nvlink\", since no tier joins the rails, found \"fabric\"",
          failure::input);
  gpus_per_node_ = divider(static_cast<std::uint32_t>(shape_.gpus));
  domain_ = divider(static_cast<std::uint32_t>(gpus_per_domain()));
  nics_ = static_cast<std::uint32_t>(nics);
  for (std::int32_t i = 0; i < shape_.gpus; ++i) {
    nic_of_.push_back(static_cast<std::int32_t>(std::int64_t{i} * nics / shape_.gpus));
    rail_of_.push_back(nics ? network_.rail_of(nic_of_.back()) : 0);
  }
  add_links();
  distances_ = {network_, shape_, relay_kinds()};
}

template <network Network>
void nodes_of<Network>::add_links() {
  using detail::bundling;
  const link_t gpus = static_cast<link_t>(this->gpus()), nics = static_cast<link_t>(nodes()) * nics_;
  const link_t planes = static_cast<link_t>(network_.planes());
  kinds_ = {shape_.local + " out", shape_.local + " in"};
  local_out_ = blocks_.add(gpus, 0, 0, bundling::either), local_in_ = blocks_.add(gpus, 1, 0, bundling::either);
  if (network_.levels()) {
    kinds_.push_back("NIC out"), kinds_.push_back("NIC in");
    const bundling whole = planes > 1 ? bundling::trunk : bundling::either;
    nic_out_ = blocks_.add(nics, 2, 0, whole), nic_in_ = blocks_.add(nics, 3, 0, whole);
    if (planes > 1) port_out_ = blocks_.add(nics * planes, 2, 0, bundling::single);
    if (planes > 1) port_in_ = blocks_.add(nics * planes, 3, 0, bundling::single);
  }
  fabric_ = blocks_.total();
  local_kinds_ = static_cast<int>(kinds_.size());
  for (const std::string& name : network_.kinds()) kinds_.push_back(name);
}

template <network Network>
double nodes_of<Network>::nominal_capacity(link_t link) const {
  if (link >= fabric_) return network_.capacity(link - fabric_);
  const detail::link_block& block = blocks_.find(link);
  const link_t at = link - block.first, gpus = static_cast<link_t>(shape_.gpus);
  const auto speed_at = [&](link_t node) { return speed_of(static_cast<gpu_t>(node * gpus)); };
  if (block.kind < 2) return speed_of(static_cast<gpu_t>(at)).local_bytes_per_s;
  const link_t ports = block.bundled == detail::bundling::single ? static_cast<link_t>(network_.planes()) : 1;
  return speed_at(at / ports / nics_).nic_bytes_per_s / ports;
}

template <network Network>
std::string nodes_of<Network>::link_name(link_t link) const {
  if (link >= fabric_) return network_.link_name(link - fabric_);
  const detail::link_block& block = blocks_.find(link);
  const link_t ports = block.bundled == detail::bundling::single ? static_cast<link_t>(network_.planes()) : 1;
  const link_t at = (link - block.first) / ports, per_node = block.kind < 2 ? static_cast<link_t>(shape_.gpus) : nics_;
  const auto node = static_cast<std::int32_t>(at / per_node);
  const std::int32_t pod = network_.pod_of(node), in_pod = node - pod * (nodes() / pods());
  std::string name =
      kinds_[static_cast<std::size_t>(block.kind)] + " p" + std::to_string(pod) + "-n" + std::to_string(in_pod);
  name += (block.kind < 2 ? " gpu" : " nic") + std::to_string(at % per_node);
  return ports == 1 ? name : name + " plane" + std::to_string((link - block.first) % ports);
}

template <network Network>
template <class Use>
void nodes_of<Network>::for_each_way(gpu_t a, gpu_t b, relay by, Use&& use) const {
  if constexpr (requires { network_.attach(0, 0); }) {
    const std::int32_t from_node = node_of(a), to_node = node_of(b), from = nic_of_[by.from], to = nic_of_[by.to];
    const attachment at = network_.attach(from_node, from), end = network_.attach(to_node, to);
    const auto planes = static_cast<std::uint32_t>(network_.planes());
    for (std::uint32_t plane = 0; plane < planes; ++plane) {
      bool open = true;
      const auto test = [&](link_t link) { open &= !dead(link); };
      leave(a, by.from, routing::ecmp, plane, test), arrive(b, by.to, routing::ecmp, plane, test);
      if (!open) continue;
      network_.for_each_way(
          from_node, from, to_node, to, plane, [&](link_t link) { return !dead(fabric_ + link); },
          [&](const clos_way& way) {
            use([&](auto&& visit) {
              leave(a, by.from, routing::ecmp, plane, visit);
              network_.along(at, end, way, [&](link_t link) { visit(fabric_ + link); });
              arrive(b, by.to, routing::ecmp, plane, visit);
            });
          });
    }
  }
}

template <network Network>
void nodes_of<Network>::keep(link_t link, link_t trunk, double share) {
  const bool was_healthy = healthy();
  const double change = broken_.keep(link, share, links());
  if (trunk != link) broken_.add(trunk, change * nominal_capacity(link) / nominal_capacity(trunk), links());
  if (was_healthy) distances_ = {network_, shape_, relay_kinds()};
}

template <network Network>
void nodes_of<Network>::take_down(std::int32_t node) {
  const bool was_healthy = healthy();
  down_.resize(static_cast<std::size_t>(nodes()));
  down_[static_cast<std::size_t>(node)] = true;
  if (was_healthy) distances_ = {network_, shape_, relay_kinds()};
}

static_assert(network<clos> && network<none>);
static_assert(topology<nodes_of<clos>> && topology<nodes_of<none>>);

}  // namespace colossus::topologies
