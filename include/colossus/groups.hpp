// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/placement.hpp>

namespace colossus {

// Groups that do the same collective at once on one machine: a placement each, disjoint.

/// `count` jobs side by side: ranks in order, cut into equal runs.
inline std::vector<std::vector<gpu_t>> consecutive_groups(std::span<const gpu_t> placement, rank_t count) {
  expects(count >= 1 && placement.size() % static_cast<std::size_t>(count) == 0, "groups are equal in size");
  const std::size_t size = placement.size() / static_cast<std::size_t>(count);
  std::vector<std::vector<gpu_t>> groups;
  for (std::size_t first = 0; first < placement.size(); first += size) {
    const auto members = placement.subspan(first, size);
    groups.emplace_back(members.begin(), members.end());
  }
  return groups;
}

/// The data-parallel groups of a job: group i has ranks i, i + count, i + 2 count, ...
inline std::vector<std::vector<gpu_t>> strided_groups(std::span<const gpu_t> placement, rank_t count) {
  expects(count >= 1 && placement.size() % static_cast<std::size_t>(count) == 0, "groups are equal in size");
  std::vector<std::vector<gpu_t>> groups(static_cast<std::size_t>(count));
  for (std::size_t rank = 0; rank < placement.size(); ++rank)
    groups[rank % static_cast<std::size_t>(count)].push_back(placement[rank]);
  return groups;
}

/// What algorithms are told of equal groups: nodes and pods as `part` finds them in each; unless all agree, every rank
/// for itself.
template <topology T>
problem part_of_groups(const T& fabric, std::span<const std::vector<gpu_t>> groups) {
  expects(!groups.empty(), "there is a group");
  const problem shape = part(fabric, groups.front());
  for (const auto& group : groups)
    if (part(fabric, group) != shape) return {.ranks = shape.ranks, .nodes = shape.ranks};
  return shape;
}

}  // namespace colossus
