// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>
#include <colossus/topology.hpp>

#include <algorithm>
#include <bit>
#include <limits>
#include <vector>

namespace colossus {

/// Seconds below which no schedule of collective `C` can end on these GPUs: the larger of (rounds that any algorithm
/// needs x cheapest latency) and (bytes over the tightest cut around a GPU, an NVLink domain, a pod). Without in-switch
/// reduction every element of G groups crosses their edges G - 1 times to be reduced and G - 1 times to return, shared
/// evenly at best: bus_factor(G) * bytes for each group (Patarasuk & Yuan 2009).
template <collective C>
class light_cone {
 public:
  template <topology T>
  light_cone(const T& machine, std::span<const gpu_t> placement) {
    const auto ranks = static_cast<rank_t>(placement.size());
    if (ranks < 2) return;
    const std::int32_t domain = machine.gpus_per_domain();
    const rank_t domains = groups(placement, [&](gpu_t g) { return g / domain; });
    double gpu_out = 0, domain_out = 0, pod_out = 0;
    for (link_t link = 0; link < machine.links(); ++link) {
      if (!machine.uses(routing::adaptive, link)) continue;
      const std::string& kind = machine.kinds()[static_cast<std::size_t>(machine.kind(link))];
      const double capacity = machine.capacity(link);
      const bool leaves = kind == "NIC out";  // the domain: of no use to ranks that share one
      if (kind == "torus link" || (kind.ends_with(" out") && (!leaves || domains > 1))) gpu_out += capacity;
      if (leaves) domain_out += capacity;
      if (kind == "leaf up") pod_out += capacity;
    }
    cut(ranks, ranks, gpu_out / machine.gpus());
    cut(ranks, domains, domain_out / (machine.gpus() / domain));
    cut(ranks, groups(placement, [&](gpu_t g) { return machine.pod_of(g); }), pod_out / machine.pods());
    double cheapest = std::numeric_limits<double>::infinity();
    for (int d = 1; d < machine.distances(); ++d)
      if (const double latency = machine.distance_latency_s(d); latency > 0) cheapest = std::min(cheapest, latency);
    int rounds = std::bit_width(static_cast<std::uint32_t>(ranks - 1));
    if constexpr (requires { C::one_round; }) rounds = 1;
    if (cheapest < std::numeric_limits<double>::infinity()) latency_ = rounds * cheapest;
  }

  double operator()(std::int64_t bytes) const { return std::max(latency_, per_byte_ * static_cast<double>(bytes)); }

 private:
  template <class GroupOf>
  static rank_t groups(std::span<const gpu_t> placement, GroupOf group_of) {
    std::vector<std::int32_t> all(placement.size());
    std::ranges::transform(placement, all.begin(), group_of);
    std::ranges::sort(all);
    return static_cast<rank_t>(std::unique(all.begin(), all.end()) - all.begin());
  }

  /// `ranks` in `parts` groups, each of which sends `out` bytes/s at best.
  void cut(rank_t ranks, rank_t parts, double out) {
    if (parts < 2 || out <= 0) return;
    double share = C::bus_factor(parts);
    if constexpr (requires { C::personalised; })
      share *= static_cast<double>(ranks) / parts;  // each member sends for itself
    per_byte_ = std::max(per_byte_, share / out);
  }

  double latency_ = 0, per_byte_ = 0;
};

}  // namespace colossus
