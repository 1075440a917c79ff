// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/split.hpp>

#include <algorithm>
#include <bit>

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
  /// The pods as groups of nodes. Without pods between the nodes and the whole, each node is a pod of its own.
  constexpr split pod_split() const { return {node_count(), pod_count() == 1 ? node_count() : pod_count()}; }

  /// Ranks per node where there are several nodes, all equal, so that lanes can leave them by different NICs; else 0.
  constexpr rank_t rotation() const { return node_count() > 1 && node_split().even() ? ranks / node_count() : 0; }
  /// Lanes: as asked for, else one for each NIC of a node.
  constexpr int lanes_or_nics() const { return lanes > 0 ? lanes : std::max(1, rotation()); }

  /// How a tree is pipelined: so many chunks in each lane, in a few distinct numbers so that sizes share their
  /// schedule: 1, or 2, 8, 32, 128, 512, even so that both trees are used. Tiny data needs one lane.
  struct pipelining {
    int lanes;
    block_t chunks;
  };
  /// Of n chunks each costs its share of the bytes and one latency, and some 2 log2(ranks) of them fill the pipeline:
  /// the least sum is at n = sqrt(bytes * 2 log2(ranks) / (latency * rate)). Latency times a lane's rate is taken as 64
  /// KiB.
  constexpr pipelining pipeline() const {
    constexpr std::int64_t in_flight = 64 << 10, least_lane = 4 << 10;
    const int most = lanes_or_nics();
    if (bytes == 0) return {most, 2};
    const std::int64_t slice = bytes / most;
    if (slice < least_lane) return {lanes > 0 ? lanes : 1, 1};
    const std::int64_t square = slice / in_flight * 2 * std::bit_width(static_cast<std::uint32_t>(ranks - 1));
    const auto wants_more = [&](std::int64_t n) {
      return chunk_bytes > 0 ? slice / chunk_bytes >= 4 * n : square >= 4 * n * n;
    };
    block_t chunks = 2;
    while (chunks < 512 && wants_more(chunks)) chunks *= 4;
    return {most, chunks};
  }
};

}  // namespace colossus
