// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/direct.hpp>
#include <colossus/collectives/all_reduce.hpp>
#include <colossus/compose/reversed.hpp>
#include <colossus/compose/then.hpp>

namespace colossus::algorithms {

/// Direct reduce-scatter, then direct all-gather: two hops for every byte, P-1 messages each.
struct direct {
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "direct";
  static constexpr auto one_lane(const problem& p) {
    return then{direct_scatter{p.ranks}, reversed{direct_scatter{p.ranks}}};
  }
  static constexpr auto scatter(rank_t ranks) { return direct_scatter{ranks}; }
  static constexpr auto schedule(const problem& p) { return one_lane(p); }
};

}  // namespace colossus::algorithms
