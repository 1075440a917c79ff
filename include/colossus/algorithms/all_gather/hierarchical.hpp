// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/hierarchical.hpp>
#include <colossus/collectives/all_gather.hpp>
#include <colossus/compose/reversed.hpp>

namespace colossus::algorithms {

/// The hierarchical reduce-scatter backwards: over the pods, then in the pod, then in the node.
struct hierarchical_all_gather {
  using collective = collectives::all_gather;
  static constexpr std::string_view name = "hierarchical";
  static constexpr bool supports(const problem& p) { return hierarchical_reduce_scatter::supports(p); }
  static constexpr auto schedule(const problem& p) { return reversed{hierarchical_reduce_scatter::schedule(p)}; }
};

}  // namespace colossus::algorithms
