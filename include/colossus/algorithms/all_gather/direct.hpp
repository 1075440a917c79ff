// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce_scatter/direct.hpp>
#include <colossus/collectives/all_gather.hpp>
#include <colossus/compose/reversed.hpp>

namespace colossus::algorithms {

/// Everyone sends its block to every other itself. P-1 rounds.
struct direct_all_gather {
  using collective = collectives::all_gather;
  static constexpr std::string_view name = "direct";

  static constexpr auto schedule(const problem& p) { return reversed{direct_reduce_scatter::schedule(p)}; }
};

}  // namespace colossus::algorithms
