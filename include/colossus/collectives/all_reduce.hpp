// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// Every rank ends with every block reduced over all ranks. Token b * P + t: rank t's contribution to block b.
struct all_reduce {
  static constexpr std::string_view name = "all_reduce";
  static constexpr std::int64_t tokens(const extent& e) { return std::int64_t{e.blocks} * e.ranks; }
  static constexpr token_range starts_with(const extent& e, rank_t rank, block_t block) {
    return {std::int64_t{block} * e.ranks + rank, 1};
  }
  static constexpr token_range ends_with(const extent& e, rank_t, block_t block) {
    return {std::int64_t{block} * e.ranks, e.ranks};
  }
  static constexpr double bus_factor(rank_t ranks) { return 2.0 * (ranks - 1) / ranks; }
};

static_assert(collective<all_reduce>);

}  // namespace colossus::collectives
