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
    sum_.assign(flows.links() + 1, 0), top_.assign(flows.links() + 1, 0);
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      for (std::size_t hop = 0; hop < flows.hops(); ++hop) {
        const std::uint32_t link = flows.route(flow)[hop];
        sum_[link] += rates[flow];
        top_[link] = std::max(top_[link], rates[flow]);
      }
    for (std::size_t link = 0; link < flows.links(); ++link) {
      const double capacity = flows.capacity(link);
      if (!(sum_[link] <= capacity * (1 + tolerance)))
        fail("link " + std::to_string(flows.described(link)) + " carries " + std::to_string(sum_[link]) +
             " bytes/s of " + std::to_string(capacity));
      const bool full = sum_[link] >= capacity * (1 - tolerance);
      top_[link] = full ? top_[link] * (1 - tolerance) : std::numeric_limits<double>::infinity();
    }
    top_[flows.links()] = std::numeric_limits<double>::infinity();  // no link at all
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      double least = flows.most(flow) * (1 - tolerance);
      for (std::size_t hop = 0; hop < flows.hops(); ++hop) least = std::min(least, top_[flows.route(flow)[hop]]);
      if (!(rates[flow] >= least) || rates[flow] > flows.most(flow) * (1 + tolerance))
        fail("flow " + std::to_string(flow) + " has " + std::to_string(rates[flow]) + " bytes/s, and no bottleneck");
    }
  }

 private:
  static constexpr double tolerance = 1e-9;
  [[noreturn]] static void fail(const std::string& found) {
    throw error{"the simulator's rates are not max-min fair: " + found + "; please report it", failure::broke};
  }

  raw_list<double> sum_, top_;
};

}  // namespace colossus::detail
