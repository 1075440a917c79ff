// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/detour.hpp>
#include <colossus/detail/distance_classes.hpp>
#include <colossus/detail/impairments.hpp>
#include <colossus/topologies/clos.hpp>
#include <colossus/topologies/none.hpp>

namespace colossus::topologies {

/// Nodes of GPUs under a network: GPU i of a node uses NIC i * nics / gpus; inside an NVLink domain messages take
/// NVLink. Between rails (`cross_rail`): over NVLink to the GPU of the sender's node with the receiver's number, then
/// along the receiver's rail (PXN); or through the fabric. Adaptive routing fills all planes of a NIC evenly; ecmp
/// draws one, deterministic takes the destination's.
/// Parts may be impaired (`parts.hpp`). ECMP then draws among the ways that are left; deterministic routing draws one
/// of them by destination where its own is dead; adaptive routing loses the dead links' share of each trunk. Where no
/// way is left between two NICs, the next pair of NICs that has one is used, over NVLink at either end.
template <network Network>
class nodes_of {
 public:
  nodes_of(Network network, node_shape shape);

  const Network& network() const { return network_; }
  const node_shape& shape() const { return shape_; }
  gpu_t gpus() const { return nodes() * shape_.gpus; }
  std::int32_t nodes() const { return network_.nodes(); }
  std::int32_t gpus_per_node() const { return shape_.gpus; }
  std::int32_t gpus_per_domain() const { return shape_.gpus * shape_.nodes_per_domain; }
  std::int32_t pods() const { return network_.pods(); }
  std::int32_t node_of(gpu_t gpu) const { return static_cast<std::int32_t>(gpus_per_node_.quotient(gpu)); }
  std::int32_t pod_of(gpu_t gpu) const { return network_.pod_of(node_of(gpu)); }
  std::int32_t nic_of(gpu_t gpu) const { return nic_of_[static_cast<std::size_t>(gpu - node_of(gpu) * shape_.gpus)]; }
  double power_w() const { return shape_.power_w; }
  const node_speed& speed_of(gpu_t gpu) const { return shape_.speeds[static_cast<std::size_t>(type_of(gpu))]; }

  link_t links() const { return fabric_ + network_.links(); }
  double capacity(link_t link) const { return nominal_capacity(link) * broken_.left(link); }
  /// The capacity of a healthy link, bytes/s.
  double nominal_capacity(link_t link) const;
  int kind(link_t link) const {
    return link < fabric_ ? blocks_.find(link).kind : local_kinds_ + network_.kind(link - fabric_);
  }
  std::span<const std::string> kinds() const { return kinds_; }
  bool uses(routing how, link_t link) const {
    return link < fabric_ ? blocks_.uses(how, link) : network_.uses(how, link - fabric_);
  }
  std::string link_name(link_t link) const;

  int distances() const { return distances_.count(); }
  [[gnu::always_inline]] int distance(gpu_t a, gpu_t b) const {
    if (a == b) return distances_.number(0, type_of(a), type_of(b));
    if (domain_.quotient(a) == domain_.quotient(b)) return distances_.number(1, type_of(a), type_of(b));
    const relay by = healthy() ? usual_relay(a, b) : detail::find_relay(*this, a, b).value_or(usual_relay(a, b));
    const std::int32_t from = node_of(a), to = node_of(b);
    const int level = network_.level(from, nic_of_[by.from], to, nic_of_[by.to]);
    const int relays = (by.from != a - from * shape_.gpus) + 2 * (by.to != b - to * shape_.gpus);
    return distances_.number(distances_.way(level, relays), type_of(a), type_of(b));
  }
  std::string distance_name(int distance) const { return distances_.name(distance); }
  double distance_latency_s(int distance) const { return distances_.latency_s(distance); }
  double latency_s(gpu_t a, gpu_t b) const { return distance_latency_s(distance(a, b)); }
  /// Of the healthy machine.
  double bisection() const {
    return network_.levels() ? network_.bisection() : gpus() / 2 * shape_.speeds[0].local_bytes_per_s;
  }

  template <class Visit>
  void route(gpu_t a, gpu_t b, routing how, std::uint64_t entropy, Visit&& visit) const {
    if (a == b) return;
    if (domain_.quotient(a) == domain_.quotient(b)) return visit(local_out_ + a), visit(local_in_ + b), void();
    if (healthy()) return along(a, b, usual_relay(a, b), how, entropy, visit);
    for (const link_t link : detail::detour(*this, a, b, how, entropy)) visit(link);
  }

  /// The NICs that a message takes where nothing is broken.
  [[gnu::always_inline]] relay usual_relay(gpu_t a, gpu_t b) const {
    const std::int32_t from = a - node_of(a) * shape_.gpus, to = b - node_of(b) * shape_.gpus;
    return {relays_ && rail_of_[from] != rail_of_[to] ? to : from, to};
  }
  /// Whether a message must be on the receiver's rail when it enters the network.
  bool keeps_to_rails() const { return relays_ && network_.rails() > 1; }
  /// A route by given NICs.
  template <class Visit>
  [[gnu::always_inline]] void along(gpu_t a, gpu_t b, relay by, routing how, std::uint64_t entropy,
                                    Visit&& visit) const {
    const std::int32_t from_node = node_of(a), to_node = node_of(b);
    const std::int32_t from_nic = nic_of_[by.from], to_nic = nic_of_[by.to];
    detail::hash_draw draw{entropy};
    const auto planes = static_cast<std::uint32_t>(network_.planes());
    const std::uint32_t plane = how == routing::ecmp       ? (planes == 1 ? 0 : draw.below(planes))
                                : how == routing::adaptive ? 0
                                                           : network_.plane_to(to_node, to_nic);
    leave(a, by.from, how, plane, visit);
    network_.route(from_node, from_nic, to_node, to_nic, how, plane, draw, [&](link_t link) { visit(fabric_ + link); });
    arrive(b, by.to, how, plane, visit);
  }
  /// Visits, as visitors of links, all ways by given NICs that have no dead link: `use(way)` calls way(visit).
  template <class Use>
  void for_each_way(gpu_t a, gpu_t b, relay by, Use&& use) const;

  bool healthy() const { return broken_.none() && down_.empty(); }
  bool dead(link_t link) const { return broken_.dead(link); }
  bool is_down(std::int32_t node) const { return !down_.empty() && down_[static_cast<std::size_t>(node)]; }

  /// The first links of each kind: of GPUs, of whole NICs, of their ports (where there are planes), of the network.
  struct first_links {
    link_t local_out, local_in, nic_out, nic_in, port_out, port_in, network;
  };
  first_links first() const { return {local_out_, local_in_, nic_out_, nic_in_, port_out_, port_in_, fabric_}; }
  /// Leaves `share` of what a link has, and the trunk that it is part of (or is) its share of that.
  void keep(link_t link, link_t trunk, double share);
  void take_down(std::int32_t node);
  /// Breaks what is broken in `other`, a machine with the same parts.
  void break_like(const nodes_of& other) {
    broken_ = other.broken_, down_ = other.down_;
    distances_ = {network_, shape_, relay_kinds()};
  }

 private:
  using divider = detail::divider;
  int type_of(gpu_t gpu) const {
    return shape_.type_of_pod.empty() ? 0 : shape_.type_of_pod[static_cast<std::size_t>(pod_of(gpu))];
  }
  bool spread(routing how) const { return how == routing::adaptive || network_.planes() == 1; }
  template <class Visit>
  void leave(gpu_t gpu, std::int32_t by, routing how, std::uint32_t plane, Visit&& visit) const {
    const std::int32_t node = node_of(gpu), first = node * shape_.gpus;
    if (gpu != first + by) visit(local_out_ + gpu), visit(local_in_ + first + by);
    const link_t nic = node * nics_ + nic_of_[by];
    visit(spread(how) ? nic_out_ + nic : port_out_ + nic * static_cast<std::uint32_t>(network_.planes()) + plane);
  }
  template <class Visit>
  void arrive(gpu_t gpu, std::int32_t by, routing how, std::uint32_t plane, Visit&& visit) const {
    const std::int32_t node = node_of(gpu), first = node * shape_.gpus;
    const link_t nic = node * nics_ + nic_of_[by];
    visit(spread(how) ? nic_in_ + nic : port_in_ + nic * static_cast<std::uint32_t>(network_.planes()) + plane);
    if (gpu != first + by) visit(local_out_ + first + by), visit(local_in_ + gpu);
  }
  void add_links();
  int relay_kinds() const { return !healthy() ? 4 : keeps_to_rails() ? 2 : 1; }

  Network network_;
  node_shape shape_;
  divider gpus_per_node_, domain_;
  std::uint32_t nics_ = 0;
  bool relays_ = true;                          // between rails, over NVLink
  std::vector<std::int32_t> nic_of_, rail_of_;  // by GPU of a node
  link_t local_out_ = 0, local_in_ = 0, nic_out_ = 0, nic_in_ = 0, port_out_ = 0, port_in_ = 0, fabric_ = 0;
  int local_kinds_ = 0;
  detail::link_blocks blocks_;
  std::vector<std::string> kinds_;
  detail::distance_classes distances_;
  detail::impairments broken_;
  std::vector<bool> down_;  // nodes
};

}  // namespace colossus::topologies

#include <colossus/detail/nodes_of.hpp>
#include <colossus/topologies/regularity.hpp>
