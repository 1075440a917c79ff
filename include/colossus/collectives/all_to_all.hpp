// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// Every rank has a block for each: blocks [0, P) are the input by destination, [P, 2P) the output by source.
/// Token s * P + d: what s sends to d.
struct all_to_all {
  static constexpr std::string_view name = "all_to_all";
  static constexpr bool separate_output = true;  // input and output have blocks of their own
  static constexpr bool personalised = true;     // what a rank sends is for one other alone
  static constexpr bool fits(const extent& e) { return e.blocks == 2 * e.ranks; }
  static constexpr std::int64_t tokens(const extent& e) { return std::int64_t{e.ranks} * e.ranks; }
  static constexpr token_range starts_with(const extent& e, rank_t rank, block_t block) {
    return block < e.ranks ? token_range{std::int64_t{rank} * e.ranks + block, 1} : token_range{};
  }
  static constexpr token_range ends_with(const extent& e, rank_t rank, block_t block) {
    return block < e.ranks ? token_range{} : token_range{std::int64_t{block - e.ranks} * e.ranks + rank, 1};
  }
  static constexpr double bus_factor(rank_t ranks) { return (ranks - 1.0) / ranks; }
};

static_assert(collective<all_to_all>);

}  // namespace colossus::collectives
