// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "counters.hpp"
#include "machine.hpp"

#include <colossus/detail/contention.hpp>
#include <colossus/detail/divider.hpp>

#include <numeric>
#include <vector>

namespace colossus::bench {

/// Random permutations of all GPUs, under ecmp: every GPU sends to `peers` others, to each by `queue_pairs` flows.
class permutation {
 public:
  permutation(gpu_t gpus, topologies::cross_rail across, int queue_pairs = 1, int peers = 1)
      : machine_(machine_of(gpus, across)),
        capacities_(detail::capacity_runs(machine_.links(), [&](link_t link) { return machine_.capacity(link); })),
        paths_{static_cast<std::size_t>(queue_pairs) * static_cast<std::size_t>(peers)},
        to_(static_cast<std::size_t>(gpus) * paths_) {
    for (std::size_t peer = 0; peer < static_cast<std::size_t>(peers); ++peer) {
      const std::vector<gpu_t> other = shuffle(gpus, peer);
      for (std::size_t flow = 0; flow < to_.size(); ++flow)
        if (flow % paths_ / static_cast<std::size_t>(queue_pairs) == peer) to_[flow] = other[flow / paths_];
    }
  }

  auto& machine() { return machine_; }
  std::size_t flows() const { return to_.size(); }
  gpu_t from(std::size_t flow) const { return static_cast<gpu_t>(flow / paths_); }
  gpu_t to(std::size_t flow) const { return to_[flow]; }

  /// Whether the flow leaves its GPU, and for one that no flow of the GPU before it goes to.
  bool is_new(std::size_t flow) const {
    const auto first = to_.begin() + static_cast<std::ptrdiff_t>(flow - flow % paths_);
    const auto here = to_.begin() + static_cast<std::ptrdiff_t>(flow);
    return to(flow) != from(flow) && std::find(first, here, to(flow)) == here;
  }

  /// Visits the links of flow `flow`.
  template <class Visit>
  void route(std::size_t flow, Visit&& visit) const {
    machine_.route(from(flow), to(flow), routing::ecmp, detail::mix(flow), visit);
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
  static std::vector<gpu_t> shuffle(gpu_t gpus, std::uint64_t seed) {
    std::vector<gpu_t> order(static_cast<std::size_t>(gpus));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1],
                order[detail::hash_draw{detail::mix(seed << 32 | i)}.below(static_cast<std::uint32_t>(i))]);
    return order;
  }

  topologies::nodes_of<topologies::clos> machine_;
  std::vector<detail::capacity_run> capacities_;
  std::size_t paths_;  // of one GPU
  std::vector<gpu_t> to_;
};

}  // namespace colossus::bench
