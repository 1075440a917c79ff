// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/split.hpp>

#include <algorithm>

namespace colossus {

/// What is asked of an algorithm: who takes part, where they sit, and how much there is to move. Zero means "not said":
/// an algorithm then chooses for itself.
struct problem {
  rank_t ranks = 1;
  rank_t nodes = 0;              ///< nodes (NVLink domains, hosts): consecutive ranks, dealt evenly
  rank_t pods = 0;               ///< pods (arrays of nodes below one set of leaves): consecutive nodes, dealt evenly
  rank_t root = 0;               ///< of reduce and broadcast
  std::int64_t bytes = 0;        ///< size as nccl-tests counts it
  int lanes = 0;                 ///< parallel copies on slices of the data
  std::int64_t chunk_bytes = 0;  ///< size of one piece of a pipeline
  constexpr bool operator==(const problem&) const = default;

  /// The nodes, at least one, at most one a rank; without a word on nodes, all ranks sit in one.
  constexpr rank_t node_count() const { return std::clamp<rank_t>(nodes, 1, ranks); }
  constexpr rank_t pod_count() const { return std::clamp<rank_t>(pods, 1, node_count()); }
  constexpr split node_split() const { return {ranks, node_count()}; }
};

}  // namespace colossus
