// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/all_reduce/double_tree.hpp>
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/compose/across_groups.hpp>
#include <colossus/compose/repeated.hpp>
#include <colossus/compose/within_groups.hpp>
#include <colossus/detail/name.hpp>

#include <bit>

namespace colossus {

/// One level of a hierarchical all-reduce: reduce-scatter inside each group, `across` between the groups, all-gather
/// back. `scatter(m)` is a reduce-scatter on m ranks. Every member of a smaller group owns a piece of the data.
template <schedule S, class Scatter>
constexpr auto around(S across, split groups, Scatter scatter) {
  const auto pieces = static_cast<block_t>(groups.smallest());
  const within_groups inside{scatter(groups.smallest()), scatter(groups.largest()), groups, pieces, across.blocks()};
  return then{then{inside, across_groups{across, groups, pieces}}, reversed{inside}};
}

}  // namespace colossus

namespace colossus::algorithms {

/// All-reduce by levels: reduce-scatter in the node, then in the pod (array) among its nodes, all-reduce over the pods,
/// and the all-gathers back. `Inner` serves node and pod, `Outer` the pods. Nodes and pods may differ by one in size;
/// levels with one member vanish, and so does the pod where its messages would be short. The default outer is the
/// double tree: for the same bytes over 196 pods its way is some 30 rounds long, a ring's 390, and a ring's messages
/// are 196 times smaller.
///
///   node 0 | node 1         scatter  ->          across, a piece each ||         <- gather
///   0 1 2  | 3 4 5          0 1 2 in a ring      0 with 3, 1 with 4, 2 with 5
template <class Inner = ring, class Outer = double_tree>
struct hierarchical {
  using collective = collectives::all_reduce;
  struct base {
    static constexpr std::string_view name = "hierarchical";
  };
  static constexpr std::string_view name = std::is_same_v<Inner, ring> && std::is_same_v<Outer, double_tree>
                                               ? base::name
                                               : detail::two_level_name<base, Inner, Outer>::name;

  static constexpr auto one_lane(const problem& p) {
    const split nodes = p.node_split(), pods = pods_of(p);
    const auto scatter = [](rank_t ranks) { return Inner::scatter(ranks); };
    problem outermost{.ranks = pods.parts, .chunk_bytes = p.chunk_bytes};
    outermost.bytes = part(p.bytes, std::int64_t{nodes.smallest()} * pods.smallest());
    return around(around(Outer::one_lane(outermost), pods, scatter), nodes, scatter);
  }

  /// Large data goes in slices: lanes, each a level behind the one before, and chunks in each lane. Then all levels
  /// work.
  static constexpr auto schedule(const problem& p) {
    const split nodes = p.node_split();
    const auto [lanes_wanted, chunks] = slices(p);
    problem slice = p;
    slice.bytes = part(p.bytes, lanes_wanted * chunks);
    const auto one = one_lane(slice);
    const round_t first_level = Inner::scatter(nodes.largest()).rounds();
    return lanes{repeated{one, chunks}, lanes_wanted, first_level > 0 ? first_level : 1};
  }

 private:
  /// The nodes of each pod; one node a pod where the data is little for an inner algorithm of many rounds: `Outer`
  /// then goes over all nodes, in fewer latencies than a ring of 64 nodes and back.
  static constexpr split pods_of(const problem& p) {
    constexpr std::int64_t least = 16 << 10;
    const split nodes = p.node_split(), pods = p.pod_split();
    const bool many_rounds =
        Inner::scatter(pods.largest()).rounds() > 2 * std::bit_width(static_cast<std::uint32_t>(pods.largest()));
    const bool little = p.bytes > 0 && p.bytes < least * nodes.largest() * pods.largest();
    return many_rounds && little ? split{nodes.parts, nodes.parts} : pods;
  }

  /// One of `parts` parts: at least a byte, for none means "not said".
  static constexpr std::int64_t part(std::int64_t bytes, std::int64_t parts) {
    return bytes == 0 ? 0 : std::max<std::int64_t>(1, bytes / parts);
  }

  struct slicing {
    int parallel, chunks;
  };
  /// As many slices, up to 8 lanes of 8 chunks, as leave every message of each level `chunk_bytes` (64 KiB): shorter
  /// ones would wait for latency longer than their slices save.
  static constexpr slicing slices(const problem& p) {
    const split nodes = p.node_split(), pods = pods_of(p);
    const std::int64_t blocks = Outer::one_lane(problem{.ranks = pods.parts, .bytes = 1}).blocks();
    const std::int64_t least =
        (p.chunk_bytes > 0 ? p.chunk_bytes : 64 << 10) * nodes.largest() * pods.largest() * blocks;
    const bool levels = (nodes.largest() > 1) + (pods.largest() > 1) + (pods.parts > 1) > 1;
    slicing s{p.lanes > 0 ? p.lanes : 1, 1};
    while (levels && p.lanes == 0 && s.parallel < 8 && p.bytes / least >= 2 * s.parallel) s.parallel *= 2;
    while (levels && s.chunks < 8 && p.bytes / least >= 2 * s.parallel * s.chunks) s.chunks *= 2;
    return s;
  }
};

}  // namespace colossus::algorithms
