// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/all_reduce/ring.hpp>

namespace colossus::bench {

/// A ring that serves even numbers of ranks.
class even_ring : public ring_all_reduce {
 public:
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "even";
  static constexpr bool supports(const problem& p) { return p.ranks % 2 == 0; }
  constexpr explicit even_ring(const problem& p) : ring_all_reduce{p.ranks} {}
};

}  // namespace colossus::bench
