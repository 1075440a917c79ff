// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>

namespace colossus::collectives {

/// A ring shift: every rank sends its data to the next and ends with that of the one before. Of 2B blocks, [0, B) are
/// the input and [B, 2B) the output. Token s * B + b: block b of rank s.
struct send_recv {
  static constexpr std::string_view name = "send_recv";
  static constexpr bool separate_output = true;  // input and output have blocks of their own
  static constexpr bool one_round = true;        // nobody needs what travels further than one message
  static constexpr bool fits(const extent& e) { return e.blocks % 2 == 0; }
  static constexpr std::int64_t tokens(const extent& e) { return std::int64_t{e.ranks} * half(e); }
  static constexpr token_range starts_with(const extent& e, rank_t rank, block_t block) {
    return block < half(e) ? token_range{std::int64_t{rank} * half(e) + block, 1} : token_range{};
  }
  static constexpr token_range ends_with(const extent& e, rank_t rank, block_t block) {
    const std::int64_t before = rank == 0 ? e.ranks - 1 : rank - 1;
    return block < half(e) ? token_range{} : token_range{before * half(e) + block - half(e), 1};
  }
  static constexpr double bus_factor(rank_t) { return 1.0; }

 private:
  static constexpr block_t half(const extent& e) { return e.blocks / 2; }
};

static_assert(collective<send_recv>);

}  // namespace colossus::collectives
