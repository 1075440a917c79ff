// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "counters.hpp"
#include "machine.hpp"

#include <colossus/detail/contention.hpp>
#include <colossus/detail/divider.hpp>

#include <numeric>
#include <vector>

namespace colossus::bench {

/// A random permutation of all GPUs: one flow (or `queue_pairs`) from each to another, under ecmp.
class permutation {
 public:
  permutation(gpu_t gpus, topologies::cross_rail across, int queue_pairs = 1)
      : machine_(machine_of(gpus, across)),
        capacities_(detail::capacity_runs(machine_.links(), [&](link_t link) { return machine_.capacity(link); })),
        queue_pairs_{queue_pairs},
        to_(static_cast<std::size_t>(gpus)) {
    std::iota(to_.begin(), to_.end(), 0);
    for (std::size_t i = to_.size(); i > 1; --i)
      std::swap(to_[i - 1], to_[detail::hash_draw{detail::mix(i)}.below(static_cast<std::uint32_t>(i))]);
  }

  auto& machine() { return machine_; }
  std::size_t flows() const { return to_.size() * static_cast<std::size_t>(queue_pairs_); }

  /// Visits the links of flow `flow`.
  template <class Visit>
  void route(std::size_t flow, Visit&& visit) const {
    const std::size_t from = flow / static_cast<std::size_t>(queue_pairs_);
    machine_.route(static_cast<gpu_t>(from), to_[from], routing::ecmp, detail::mix(flow), visit);
  }
  /// All routes, and which links they share.
  void describe(detail::contention& flows) const {
    flows.clear(machine_.links(), this->flows(), 8);
    for (std::size_t flow = 0; flow < this->flows(); ++flow) {
      route(flow, [&](link_t link) { flows.add_link(link); });
      flows.end_flow();
    }
    flows.close(capacities_);
  }
  /// Bytes by flow, evenly from half a gigabyte to one and a half.
  std::vector<double> random_sizes() const {
    std::vector<double> bytes(flows());
    for (std::size_t flow = 0; flow < bytes.size(); ++flow)
      bytes[flow] = 0.5e9 + 1e9 * static_cast<double>(detail::mix(~flow) >> 11) * 0x1p-53;
    return bytes;
  }

 private:
  topologies::nodes_of<topologies::clos> machine_;
  std::vector<detail::capacity_run> capacities_;
  int queue_pairs_;
  std::vector<gpu_t> to_;
};

}  // namespace colossus::bench
