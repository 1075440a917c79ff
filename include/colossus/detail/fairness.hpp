// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/contention.hpp>
#include <colossus/error.hpp>

#include <span>
#include <string>

namespace colossus::detail {

/// Whether an allocation is max-min fair: no link carries more than it can, and every flow has all that it may have
/// alone, or a full link on which nobody has more (Bertsekas & Gallager, 6.5.2). Knows nothing of how it was found.
class fairness {
 public:
  /// `rates` in bytes/s, by flow. Throws `error` (broke) where they are not max-min fair, to 1e-9.
  void check(const contention& flows, std::span<const double> rates) {
    flows.with_hops([&](auto hops) { check<hops()>(flows, rates); });
  }

 private:
  static constexpr double tolerance = 1e-9;
  [[noreturn]] static void fail(const std::string& found) {
    throw error{"the simulator's rates are not max-min fair: " + found + "; please report it", failure::broke};
  }

  template <std::size_t Hops>
  void check(const contention& flows, std::span<const double> rates) {
    const std::size_t hops = Hops ? Hops : flows.hops();
    sums_.assign(flows.links(), {0, 0});
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      const std::uint32_t* const route = flows.route(flow);
      for (std::size_t hop = 0; hop < hops; ++hop) {
        sums& link = sums_[route[hop]];
        link = {link.all + rates[flow], std::max(link.most, rates[flow])};
      }
    }
    sums_[0].most = infinity;
    for (std::size_t link = 1; link < flows.links(); ++link) {
      const double capacity = flows.capacity(link), all = sums_[link].all;
      if (!(all <= capacity * (1 + tolerance)))
        fail("link " + std::to_string(flows.described(link)) + " carries " + std::to_string(all) + " bytes/s of " +
             std::to_string(capacity));
      if (all < capacity * (1 - tolerance)) sums_[link].most = infinity;  // no bottleneck
    }
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      const std::uint32_t* const route = flows.route(flow);
      double least = flows.most(flow);
      const bool fits = rates[flow] <= least * (1 + tolerance);
      for (std::size_t hop = 0; hop < hops; ++hop) least = std::min(least, sums_[route[hop]].most);
      if (!fits || !(rates[flow] >= least * (1 - tolerance)))
        fail("flow " + std::to_string(flow) + " has " + std::to_string(rates[flow]) + " bytes/s, and no bottleneck");
    }
  }

  struct sums {
    double all, most;
  };
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  raw_list<sums> sums_;
};

}  // namespace colossus::detail
