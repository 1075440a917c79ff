// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce/binomial.hpp>
#include <colossus/collectives/broadcast.hpp>
#include <colossus/compose/reversed.hpp>

namespace colossus::algorithms {

/// The binomial reduce backwards: the ranks that hold the data double in every round.
struct binomial_broadcast {
  using collective = collectives::broadcast;
  static constexpr std::string_view name = "binomial";

  static constexpr auto schedule(const problem& p) { return reversed{binomial_reduce::schedule(p)}; }
};

}  // namespace colossus::algorithms
