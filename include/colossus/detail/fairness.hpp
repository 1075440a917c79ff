// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/contention.hpp>
#include <colossus/error.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string>

namespace colossus::detail {

/// Whether an allocation is max-min fair: no link carries more than it can, and every flow has all that it wants, or a
/// full link on which nobody has more (Bertsekas & Gallager, 6.5.2). Knows nothing of how it was found. First `add` for
/// every flow, then `close` for every link, then `expect` for every flow; to 1e-9. Throws `error` (broke).
class fairness {
 public:
  /// Forgets what it was told, keeps the memory.
  void clear(std::size_t links) { sums_.assign(links, {0, 0}); }

  /// So many flows over `route` have `rate` bytes/s each.
  template <class Route>
  void add(const Route& route, double rate, std::uint32_t members = 1) {
    const double all = rate * members;
    for (const std::uint32_t link : route) sums_[link] = {sums_[link].all + all, std::max(sums_[link].most, rate)};
  }
  void close(std::size_t link, double capacity) {
    const double all = sums_[link].all;
    if (!(all <= capacity * (1 + tolerance)))
      fail("link " + std::to_string(link) + " carries " + std::to_string(all) + " bytes/s of " +
           std::to_string(capacity));
    if (all < capacity * (1 - tolerance)) sums_[link].most = std::numeric_limits<double>::infinity();  // holds nobody
  }
  template <class Route>
  void expect(std::size_t flow, const Route& route, double wanted, double rate) const {
    double least = wanted;
    for (const std::uint32_t link : route) least = std::min(least, sums_[link].most);
    if (!(rate >= least * (1 - tolerance)) || rate > wanted * (1 + tolerance))
      fail("flow " + std::to_string(flow) + " has " + std::to_string(rate) + " bytes/s, and no bottleneck");
  }

 private:
  static constexpr double tolerance = 1e-9;
  [[noreturn]] static void fail(const std::string& found) {
    throw error{"the simulator's rates are not max-min fair: " + found + "; please report it", failure::broke};
  }

  struct sums {
    double all, most;  // bytes/s; of a link that is not full, `most` becomes infinite
  };
  raw_list<sums> sums_;
};

/// The same for a whole solve: `rates` in bytes/s, by flow.
inline void check_fairness(const contention& flows, std::span<const double> rates, fairness& test) {
  flows.with_hops([&](auto hops) {
    constexpr std::size_t extent = hops() ? hops() : std::dynamic_extent;
    const auto route = [&](std::size_t flow) {
      return std::span<const std::uint32_t, extent>{flows.route(flow), flows.hops()};
    };
    test.clear(flows.links());
    for (std::size_t flow = 0; flow < flows.size(); ++flow) test.add(route(flow), rates[flow], flows.members(flow));
    for (std::size_t link = 1; link < flows.links(); ++link) test.close(link, flows.capacity(link));
    test.close(0, std::numeric_limits<double>::infinity());  // what fills up routes holds nobody
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      test.expect(flow, route(flow), flows.most(flow), rates[flow]);
  });
}

}  // namespace colossus::detail
