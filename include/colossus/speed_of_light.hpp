// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>
#include <colossus/detail/exits.hpp>

#include <bit>
#include <limits>

namespace colossus {

/// Seconds below which no schedule of collective `C` can end on these GPUs: the larger of (rounds that any algorithm
/// needs x cheapest latency) and (bytes over the tightest cut around a GPU, an NVLink domain, a pod). Without in-switch
/// reduction every element of G groups crosses their edges G - 1 times to be reduced and G - 1 times to return, shared
/// evenly at best: bus_factor(G) * bytes for each group (Patarasuk & Yuan 2009). What is broken counts as whole.
template <collective C>
class light_cone {
 public:
  template <topology T>
  light_cone(const T& machine, std::span<const gpu_t> placement) {
    const auto ranks = static_cast<rank_t>(placement.size());
    if (ranks < 2) return;
    const detail::exits out = detail::exits_of(machine, placement);
    cut(ranks, ranks, out.of_gpu);
    cut(ranks, out.domains, out.of_domain);
    cut(ranks, out.pods, out.of_pod);
    double cheapest = std::numeric_limits<double>::infinity();
    for (int d = 1; d < machine.distances(); ++d)
      if (const double latency = machine.distance_latency_s(d); latency > 0) cheapest = std::min(cheapest, latency);
    int rounds = std::bit_width(static_cast<std::uint32_t>(ranks - 1));
    if constexpr (requires { C::one_round; }) rounds = 1;
    if (cheapest < std::numeric_limits<double>::infinity()) latency_ = rounds * cheapest;
  }

  double operator()(std::int64_t bytes) const { return std::max(latency_, per_byte_ * static_cast<double>(bytes)); }

 private:
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
