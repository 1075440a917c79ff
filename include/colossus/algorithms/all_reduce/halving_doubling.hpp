// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/halving.hpp>
#include <colossus/collectives/all_reduce.hpp>
#include <colossus/compose/reversed.hpp>
#include <colossus/compose/then.hpp>

namespace colossus::algorithms {

/// Rabenseifner 2004: recursive vector halving (reduce-scatter), then the same way back (all-gather); folded for any P.
struct halving_doubling {
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "halving_doubling";
  static constexpr auto one_lane(const problem& p) {
    const rank_t extra = pairing::to_power_of_two(p.ranks).extra;
    const halving_scatter halving{p.ranks - extra};
    return folded{then{halving, reversed{halving}}, extra};
  }
  static constexpr auto scatter(rank_t ranks) { return halving_scatter_any(ranks); }
  static constexpr auto schedule(const problem& p) { return one_lane(p); }
};

}  // namespace colossus::algorithms
