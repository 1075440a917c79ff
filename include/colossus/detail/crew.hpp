// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>
#include <colossus/topology.hpp>

#include <vector>

namespace colossus::detail {

/// The GPU of each rank in each of the groups that work at once.
using placements = std::span<const std::span<const gpu_t>>;

/// Where ranks sit, and the copies of the schedule that they run side by side, in step: every group its own, in lanes.
struct crew {
  placements groups;  // disjoint, equal in size
  int lanes = 1;
  rank_t rotation = 0;    // ranks of a node among which lane l is turned by l
  rank_t root = no_root;  // that keeps its part in all lanes, however they are turned (lane_of::settled)

  static constexpr rank_t no_root = -1;

  rank_t ranks() const { return static_cast<rank_t>(groups.front().size()); }
  int copies() const { return static_cast<int>(groups.size()) * lanes; }  // copy: group * lanes + lane

  /// The rank that has the part of `rank` in a copy.
  rank_t actor(rank_t rank, int copy) const {
    if (rotation <= 1) return rank;
    const rank_t there = turned(rank, copy);
    if (root == no_root) return there;
    const rank_t stand_in = turned(root, copy);
    return there == root ? stand_in : there == stand_in ? root : there;
  }
  /// The GPU of each rank of a copy.
  std::vector<gpu_t> gpus_of(int copy) const {
    const auto placement = groups[static_cast<std::size_t>(copy / lanes)];
    std::vector<gpu_t> gpus(placement.begin(), placement.end());
    if (rotation > 1)
      for (rank_t rank = 0; rank < ranks(); ++rank)
        gpus[static_cast<std::size_t>(rank)] = placement[static_cast<std::size_t>(actor(rank, copy))];
    return gpus;
  }

 private:
  rank_t turned(rank_t rank, int copy) const {
    const rank_t local = rank % rotation;
    return rank - local + (local + copy % lanes) % rotation;
  }
};

}  // namespace colossus::detail
