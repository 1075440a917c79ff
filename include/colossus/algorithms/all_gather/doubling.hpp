// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/halving.hpp>
#include <colossus/collectives/all_gather.hpp>
#include <colossus/compose/reversed.hpp>

namespace colossus::algorithms {

/// Recursive halving backwards: what a rank holds doubles in every round; folded for any P.
struct doubling_all_gather {
  using collective = collectives::all_gather;
  static constexpr std::string_view name = "doubling";

  static constexpr auto schedule(const problem& p) { return reversed{halving_reduce_scatter::schedule(p)}; }
};

}  // namespace colossus::algorithms
