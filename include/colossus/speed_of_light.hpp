// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>
#include <colossus/topology.hpp>

#include <algorithm>
#include <bit>
#include <limits>

namespace colossus {

/// Seconds below which no schedule of collective `C` can end on these GPUs: the larger of (rounds that any algorithm needs x
/// cheapest latency) and (bytes over the tightest cut around a GPU, an NVLink domain, a pod). Without in-switch reduction
/// every element of G groups crosses their edges G - 1 times to be reduced and G - 1 times to return, shared evenly at best:
/// bus_factor(G) * bytes for each group (Patarasuk & Yuan 2009).
template <collective C, topology T>
double speed_of_light(const T& machine, std::span<const gpu_t> placement, std::int64_t bytes) {
  const auto ranks = static_cast<rank_t>(placement.size());
  if (ranks < 2) return 0;
  double gpu_out = 0, domain_out = 0, pod_out = 0;
  for (link_t link = 0; link < machine.links(); ++link) {
    if (!machine.uses(routing::adaptive, link)) continue;
    const std::string& kind = machine.kinds()[static_cast<std::size_t>(machine.kind(link))];
    const double capacity = machine.capacity(link);
    if (kind.ends_with(" out")) gpu_out += capacity;
    if (kind == "NIC out" || kind == "port out") domain_out += capacity;
    if (kind == "leaf up") pod_out += capacity;
  }
  const auto groups = [&](auto group_of) {
    std::vector<std::int32_t> all(placement.size());
    std::ranges::transform(placement, all.begin(), group_of);
    std::ranges::sort(all);
    return static_cast<rank_t>(std::ranges::unique(all).begin() - all.begin());
  };
  const std::int32_t domains = machine.gpus() / machine.gpus_per_domain();
  const auto cut = [&](rank_t parts, double out, std::int32_t owners) {
    if (parts < 2 || out <= 0) return 0.0;
    double share = C::bus_factor(parts);
    if constexpr (requires { C::personalised; }) share *= static_cast<double>(ranks) / parts;  // each member sends for itself
    return share * static_cast<double>(bytes) / (out / owners);
  };
  const double bandwidth =
      std::max({cut(ranks, gpu_out, machine.gpus()),
                cut(groups([&](gpu_t g) { return g / machine.gpus_per_domain(); }), domain_out, domains),
                cut(groups([&](gpu_t g) { return machine.pod_of(g); }), pod_out, machine.pods())});
  double cheapest = std::numeric_limits<double>::infinity();
  for (int d = 1; d < machine.distances(); ++d)
    if (const double latency = machine.distance_latency_s(d); latency > 0) cheapest = std::min(cheapest, latency);
  if (machine.gpus_per_domain() == 1 && machine.distances() < 2) cheapest = 0;
  double rounds = std::bit_width(static_cast<std::uint32_t>(ranks - 1));
  if constexpr (requires { C::one_round; }) rounds = 1;
  return std::max(bandwidth, rounds * (cheapest < std::numeric_limits<double>::infinity() ? cheapest : 0));
}

}  // namespace colossus
