// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// Rank r starts with its own blocks, of P * k the k from r * k, and every rank ends with all. Token b: what block b
/// holds.
struct all_gather {
  static constexpr std::string_view name = "all_gather";
  static constexpr bool fits(const extent& e) { return e.blocks % e.ranks == 0; }
  static constexpr std::int64_t tokens(const extent& e) { return e.blocks; }
  static constexpr token_range starts_with(const extent& e, rank_t rank, block_t block) {
    return owner(e, block) == rank ? token_range{block, 1} : token_range{};
  }
  static constexpr token_range ends_with(const extent&, rank_t, block_t block) { return {block, 1}; }
  static constexpr double bus_factor(rank_t ranks) { return (ranks - 1.0) / ranks; }

 private:
  static constexpr rank_t owner(const extent& e, block_t block) { return block / (e.blocks / e.ranks); }
};

static_assert(collective<all_gather>);

}  // namespace colossus::collectives
