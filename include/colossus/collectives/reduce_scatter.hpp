// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// Rank r ends with its blocks reduced over all ranks: of P * k blocks, the k from r * k. Tokens as in all_reduce.
struct reduce_scatter {
  static constexpr std::string_view name = "reduce_scatter";
  static constexpr bool fits(const extent& e) { return e.blocks % e.ranks == 0; }
  static constexpr std::int64_t tokens(const extent& e) { return std::int64_t{e.blocks} * e.ranks; }
  static constexpr token_range starts_with(const extent& e, rank_t rank, block_t block) {
    return {std::int64_t{block} * e.ranks + rank, 1};
  }
  static constexpr token_range ends_with(const extent& e, rank_t rank, block_t block) {
    return owner(e, block) == rank ? token_range{std::int64_t{block} * e.ranks, e.ranks} : token_range{};
  }
  static constexpr double bus_factor(rank_t ranks) { return (ranks - 1.0) / ranks; }

 private:
  static constexpr rank_t owner(const extent& e, block_t block) { return block / (e.blocks / e.ranks); }
};

static_assert(collective<reduce_scatter>);

}  // namespace colossus::collectives
