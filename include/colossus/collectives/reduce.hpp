// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// The root ends with every block reduced over all ranks. Tokens as in all_reduce.
struct reduce {
  static constexpr std::string_view name = "reduce";
  static constexpr std::int64_t tokens(const extent& e) { return std::int64_t{e.blocks} * e.ranks; }
  static constexpr token_range starts_with(const extent& e, rank_t rank, block_t block) {
    return {std::int64_t{block} * e.ranks + rank, 1};
  }
  static constexpr token_range ends_with(const extent& e, rank_t rank, block_t block) {
    return rank == e.root ? token_range{std::int64_t{block} * e.ranks, e.ranks} : token_range{};
  }
  static constexpr double bus_factor(rank_t) { return 1.0; }
};

static_assert(collective<reduce>);

}  // namespace colossus::collectives
