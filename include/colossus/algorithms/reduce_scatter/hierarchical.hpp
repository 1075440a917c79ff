// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/ring.hpp>
#include <colossus/compose/across_groups.hpp>
#include <colossus/compose/dealt.hpp>
#include <colossus/compose/then.hpp>
#include <colossus/compose/within_groups.hpp>

namespace colossus {

/// One level of a hierarchical reduce-scatter on equal groups: inside each group, then `across`. The blocks are dealt
/// so that every rank ends with the one of its own number.
template <schedule S, schedule T>
constexpr auto scatter_around(S across, T inside) {
  const rank_t size = inside.ranks();
  return dealt{then{within_groups{inside, across.ranks(), across.blocks()}, across_groups{across, size}}, size};
}

}  // namespace colossus

namespace colossus::algorithms {

/// Reduce-scatter in the node, then in the pod, then over the pods, each by a ring; nodes and pods of equal size.
struct hierarchical_reduce_scatter {
  using collective = collectives::reduce_scatter;
  static constexpr std::string_view name = "hierarchical";
  static constexpr bool supports(const problem& p) { return p.node_split().even() && p.pod_split().even(); }
  static constexpr auto schedule(const problem& p) {
    const split nodes = p.node_split(), pods = p.pod_split();
    return scatter_around(scatter_around(ring_scatter{pods.parts}, ring_scatter{pods.smallest()}),
                          ring_scatter{nodes.smallest()});
  }
};

}  // namespace colossus::algorithms
