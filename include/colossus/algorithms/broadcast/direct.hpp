// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce/direct.hpp>
#include <colossus/collectives/broadcast.hpp>
#include <colossus/compose/reversed.hpp>

namespace colossus::algorithms {

/// The root sends to every other rank itself. P-1 rounds.
struct direct_broadcast {
  using collective = collectives::broadcast;
  static constexpr std::string_view name = "direct";

  static constexpr auto schedule(const problem& p) { return reversed{direct_reduce::schedule(p)}; }
};

}  // namespace colossus::algorithms
