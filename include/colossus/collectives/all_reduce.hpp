// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// Every rank ends with every block reduced over all ranks. Token t: rank t's contribution.
struct all_reduce {
  static constexpr std::string_view name = "all_reduce";
  static constexpr std::int64_t tokens(const extent& e) { return e.ranks; }
  static constexpr token_range starts_with(const extent&, rank_t rank, block_t) { return {rank, 1}; }
  static constexpr token_range ends_with(const extent& e, rank_t, block_t) { return {0, e.ranks}; }
  static constexpr double bus_factor(rank_t ranks) { return 2.0 * (ranks - 1) / ranks; }
};

static_assert(collective<all_reduce>);

}  // namespace colossus::collectives
