// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <concepts>
#include <string_view>

namespace colossus {

/// Tokens [first, first + count): whose contributions a block holds. 64 bits, since all_to_all has P * P of them.
struct token_range {
  std::int64_t first = 0;
  std::int64_t count = 0;
  constexpr bool operator==(const token_range&) const = default;
};

/// The size of a schedule: what a contract needs to know of it.
struct extent {
  rank_t ranks = 1;
  block_t blocks = 1;
  rank_t root = 0;
};

/// A contract: which contributions each block of each rank holds before and after. An empty range before means memory
/// with nothing in it; an empty range after means that nothing is promised. busbw = bus_factor(ranks) * bytes / time,
/// as nccl-tests defines it.
template <class C>
concept collective = requires(const extent& e, rank_t rank, block_t block) {
  { C::name } -> std::convertible_to<std::string_view>;
  { C::tokens(e) } -> std::same_as<std::int64_t>;
  { C::starts_with(e, rank, block) } -> std::same_as<token_range>;
  { C::ends_with(e, rank, block) } -> std::same_as<token_range>;
  { C::bus_factor(rank) } -> std::same_as<double>;
};

/// Whether memory of this many blocks can hold the collective's data: true unless the contract says otherwise.
template <collective C>
constexpr bool fits(const extent& e) {
  if constexpr (requires { C::fits(e); }) return C::fits(e);
  else return true;
}

/// A contribution may meet itself: max and min do not mind. False unless the contract says so.
template <collective C>
constexpr bool is_idempotent() {
  if constexpr (requires { C::idempotent; }) return C::idempotent;
  else return false;
}

}  // namespace colossus
