// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/clos.hpp>
#include <colossus/topologies/node_shape.hpp>
#include <colossus/topologies/none.hpp>

namespace colossus::topologies {

/// Nodes of GPUs under a network: GPU i of a node uses NIC i * nics / gpus; inside an NVLink domain messages take
/// NVLink. Between rails (`cross_rail`): over NVLink to the GPU of the sender's node with the receiver's number, then
/// along the receiver's rail (PXN); or through the fabric. Adaptive routing fills all planes of a NIC evenly; ecmp
/// draws one, deterministic takes the destination's.
template <network Network>
class nodes_of {
 public:
  nodes_of(Network network, node_shape shape) : network_{std::move(network)}, shape_{std::move(shape)} {
    const std::int32_t nics = network_.nics_per_node();
    expects(shape_.gpus >= 1 && !shape_.speeds.empty(), "a node has a GPU and a speed");
    expects(shape_.nodes_per_domain >= 1 && nodes() % shape_.nodes_per_domain == 0,
            "/scale_up/nodes: expected a divisor of the " + std::to_string(nodes()) + " nodes, found " +
                std::to_string(shape_.nodes_per_domain),
            failure::input);
    expects(std::int64_t{nodes()} * shape_.gpus < (1 << 28), "/scale_out: expected fewer than 2^28 GPUs",
            failure::input);
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
    add_latencies();
  }

  const Network& network() const { return network_; }
  const node_shape& shape() const { return shape_; }
  gpu_t gpus() const { return nodes() * shape_.gpus; }
  std::int32_t nodes() const { return network_.nodes(); }
  std::int32_t gpus_per_node() const { return shape_.gpus; }
  std::int32_t gpus_per_domain() const { return shape_.gpus * shape_.nodes_per_domain; }
  std::int32_t pods() const { return network_.pods(); }
  std::int32_t node_of(gpu_t gpu) const { return static_cast<std::int32_t>(gpus_per_node_.quotient(gpu)); }
  std::int32_t pod_of(gpu_t gpu) const { return network_.pod_of(node_of(gpu)); }
  double power_w() const { return shape_.power_w; }
  const node_speed& speed_of(gpu_t gpu) const { return shape_.speeds[static_cast<std::size_t>(type_of(gpu))]; }

  link_t links() const { return fabric_ + network_.links(); }
  double capacity(link_t link) const;
  int kind(link_t link) const {
    return link < fabric_ ? blocks_.find(link).kind : local_kinds_ + network_.kind(link - fabric_);
  }
  std::span<const std::string> kinds() const { return kinds_; }
  bool uses(routing how, link_t link) const {
    return link < fabric_ ? blocks_.uses(how, link) : network_.uses(how, link - fabric_);
  }
  std::string link_name(link_t link) const;

  int distances() const { return static_cast<int>(latencies_.size()); }
  int distance(gpu_t a, gpu_t b) const {
    if (paces() == 1) return base_distance(a, b);
    return (base_distance(a, b) * paces() + pace_of(a)) * paces() + pace_of(b);
  }
  std::string distance_name(int distance) const;
  double distance_latency_s(int distance) const { return latencies_[static_cast<std::size_t>(distance)]; }
  double latency_s(gpu_t a, gpu_t b) const { return distance_latency_s(distance(a, b)); }
  double bisection() const {
    if (network_.levels()) return network_.bisection();
    return gpus() / 2 * shape_.speeds[0].local_bytes_per_s;
  }

  template <class Visit>
  void route(gpu_t a, gpu_t b, routing how, std::uint64_t entropy, Visit&& visit) const {
    if (a == b) return;
    if (domain_.quotient(a) == domain_.quotient(b)) return visit(local_out_ + a), visit(local_in_ + b), void();
    const std::int32_t from_node = node_of(a), to_node = node_of(b);
    const std::int32_t from = a - from_node * shape_.gpus, to = b - to_node * shape_.gpus;
    const std::int32_t to_nic = nic_of_[to];
    std::int32_t from_nic = nic_of_[from];
    if (relays_ && rail_of_[from] != rail_of_[to]) {
      visit(local_out_ + a), visit(local_in_ + a - from + to);
      from_nic = to_nic;
    }
    const link_t out = from_node * nics_ + from_nic, in = to_node * nics_ + to_nic;
    detail::hash_draw draw{entropy};
    const std::uint32_t planes = static_cast<std::uint32_t>(network_.planes());
    const bool spread = how == routing::adaptive || planes == 1;
    const std::uint32_t plane = spread                 ? 0
                                : how == routing::ecmp ? draw.below(planes)
                                                       : network_.plane_to(to_node, to_nic);
    visit(spread ? nic_out_ + out : port_out_ + out * planes + plane);
    network_.route(from_node, from_nic, to_node, to_nic, how, plane, draw, [&](link_t link) { visit(fabric_ + link); });
    visit(spread ? nic_in_ + in : port_in_ + in * planes + plane);
  }

 private:
  using divider = detail::divider;
  int paces() const { return static_cast<int>(paces_.size()); }
  int pace_of(gpu_t gpu) const { return pace_of_type_[static_cast<std::size_t>(type_of(gpu))]; }
  int type_of(gpu_t gpu) const {
    return shape_.type_of_pod.empty() ? 0 : shape_.type_of_pod[static_cast<std::size_t>(pod_of(gpu))];
  }
  /// 0 same GPU, 1 same domain, then the levels of the network, then the levels by way of another rail.
  int base_distance(gpu_t a, gpu_t b) const {
    if (a == b) return 0;
    if (domain_.quotient(a) == domain_.quotient(b)) return 1;
    const std::int32_t from_node = node_of(a), to_node = node_of(b);
    const std::int32_t from = a - from_node * shape_.gpus, to = b - to_node * shape_.gpus;
    const bool crosses = relays_ && rail_of_[from] != rail_of_[to];
    const int level = network_.level(from_node, crosses ? nic_of_[to] : nic_of_[from], to_node, nic_of_[to]);
    return 2 + level + (crosses ? network_.levels() : 0);
  }
  void add_links();
  void add_latencies();

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
  std::vector<node_speed> paces_;  // speeds that differ in latency
  std::vector<int> pace_of_type_;
  std::vector<double> latencies_;  // by distance
};

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
void nodes_of<Network>::add_latencies() {
  const int bases = 2 + network_.levels() * (relays_ && network_.rails() > 1 ? 2 : 1);
  for (const node_speed& speed : shape_.speeds) {
    const auto same = std::find_if(paces_.begin(), paces_.end(), [&](const node_speed& pace) {
      return pace.local_latency_s == speed.local_latency_s && pace.nic_latency_s == speed.nic_latency_s;
    });
    pace_of_type_.push_back(static_cast<int>(same - paces_.begin()));
    if (same == paces_.end()) paces_.push_back(speed);
  }
  for (int base = 0; base < bases; ++base)
    for (const node_speed& a : paces_)
      for (const node_speed& b : paces_) {
        const bool crosses = base >= 2 + network_.levels();
        const int level = base - 2 - (crosses ? network_.levels() : 0);
        const double remote = level < 0 ? 0 : a.nic_latency_s + b.nic_latency_s + network_.level_latency_s(level);
        latencies_.push_back(base == 0   ? 0
                             : base == 1 ? a.local_latency_s
                                         : remote + (crosses ? a.local_latency_s : 0));
      }
}

template <network Network>
double nodes_of<Network>::capacity(link_t link) const {
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
std::string nodes_of<Network>::distance_name(int distance) const {
  const int base = distance / (paces() * paces()), pair = distance % (paces() * paces());
  const bool crosses = base >= 2 + network_.levels();
  std::string name = base == 0   ? "same GPU"
                     : base == 1 ? "same " + shape_.local + " domain"
                                 : network_.level_name(base - 2 - (crosses ? network_.levels() : 0));
  if (crosses) name += ", other rail";
  if (paces() > 1) name += ", node types " + std::to_string(pair / paces()) + ", " + std::to_string(pair % paces());
  return name;
}

static_assert(network<clos> && network<none>);
static_assert(topology<nodes_of<clos>> && topology<nodes_of<none>>);

}  // namespace colossus::topologies
