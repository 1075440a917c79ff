// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/ring.hpp>
#include <colossus/collectives/all_gather.hpp>
#include <colossus/compose/reversed.hpp>

namespace colossus::algorithms {

/// The ring reduce-scatter backwards: every block goes once round the ring. P-1 rounds.
struct ring_all_gather {
  using collective = collectives::all_gather;
  static constexpr std::string_view name = "ring";

  static constexpr auto schedule(const problem& p) {
    return owned_lanes(reversed{ring_scatter{p.ranks}}, p.lanes_or_nics(), 0, p.rotation());
  }
};

}  // namespace colossus::algorithms
