// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// Every rank ends with the blocks of the root. Token b: the root's block b.
struct broadcast {
  static constexpr std::string_view name = "broadcast";
  static constexpr std::int64_t tokens(const extent& e) { return e.blocks; }
  static constexpr token_range starts_with(const extent& e, rank_t rank, block_t block) {
    return rank == e.root ? token_range{block, 1} : token_range{};
  }
  static constexpr token_range ends_with(const extent&, rank_t, block_t block) { return {block, 1}; }
  static constexpr double bus_factor(rank_t) { return 1.0; }
};

static_assert(collective<broadcast>);

}  // namespace colossus::collectives
