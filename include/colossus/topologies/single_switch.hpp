// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/topology.hpp>

#include <array>

namespace colossus::topologies {

/// GPUs on one non-blocking switch, one port each: the machine on which closed forms hold.
class single_switch {
 public:
  single_switch(gpu_t gpus, double bytes_per_s, double latency_s)
      : gpus_{gpus}, bytes_per_s_{bytes_per_s}, latency_s_{latency_s} {
    expects(gpus >= 1 && bytes_per_s > 0 && latency_s >= 0, "a switch has GPUs, a rate above 0 and a latency");
  }

  gpu_t gpus() const { return gpus_; }
  std::int32_t nodes() const { return gpus_; }
  std::int32_t gpus_per_node() const { return 1; }
  std::int32_t gpus_per_domain() const { return 1; }
  std::int32_t pods() const { return 1; }
  std::int32_t node_of(gpu_t gpu) const { return gpu; }
  std::int32_t pod_of(gpu_t) const { return 0; }

  link_t links() const { return 2 * static_cast<link_t>(gpus_); }
  double capacity(link_t) const { return bytes_per_s_; }
  int kind(link_t link) const { return link < links() / 2 ? 0 : 1; }
  std::span<const std::string> kinds() const {
    static const std::array<std::string, 2> names{"port out", "port in"};
    return names;
  }
  bool uses(routing, link_t) const { return true; }
  std::string link_name(link_t link) const {
    return kinds()[static_cast<std::size_t>(kind(link))] + " " + std::to_string(link % static_cast<link_t>(gpus_));
  }

  int distances() const { return 2; }
  int distance(gpu_t a, gpu_t b) const { return a == b ? 0 : 1; }
  std::string distance_name(int distance) const { return distance == 0 ? "same GPU" : "one switch"; }
  double distance_latency_s(int distance) const { return distance == 0 ? 0 : latency_s_; }
  double latency_s(gpu_t a, gpu_t b) const { return distance_latency_s(distance(a, b)); }
  double bisection() const { return gpus_ / 2 * bytes_per_s_; }

  template <class Visit>
  void route(gpu_t a, gpu_t b, routing, std::uint64_t, Visit&& visit) const {
    if (a == b) return;
    visit(static_cast<link_t>(a));
    visit(static_cast<link_t>(gpus_ + b));
  }

 private:
  gpu_t gpus_;
  double bytes_per_s_;
  double latency_s_;
};
static_assert(topology<single_switch>);

}  // namespace colossus::topologies
