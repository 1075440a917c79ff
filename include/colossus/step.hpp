// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace colossus {

using rank_t = std::int32_t;
using round_t = std::int64_t;
using block_t = std::int32_t;

/// The peer of a message that does not exist.
inline constexpr rank_t nobody = -1;

/// Consecutive blocks [first, first + count) of a rank's memory.
struct block_range {
  block_t first = 0;
  block_t count = 0;
  constexpr bool operator==(const block_range&) const = default;
};

/// One message: to or from whom, and which blocks.
struct transfer {
  rank_t peer = nobody;
  block_range blocks{};
  constexpr bool operator==(const transfer&) const = default;
  constexpr explicit operator bool() const { return peer != nobody; }
};

/// What a rank does with the blocks that arrive: overwrite, or combine as `arriving op own` or `own op arriving`.
enum class on_arrival : std::uint8_t { store, reduce_before, reduce_after };

constexpr bool reduces(on_arrival arrival) { return arrival != on_arrival::store; }

/// What one rank does in one round: at most one message out and one in, at the same time.
struct step {
  transfer send{};
  transfer recv{};
  on_arrival arrival = on_arrival::store;
  constexpr bool operator==(const step&) const = default;
};

/// The step with `rewrite` applied to each of its messages.
template <class Rewrite>
constexpr step rewritten(step s, Rewrite&& rewrite) {
  if (s.send) s.send = rewrite(s.send);
  if (s.recv) s.recv = rewrite(s.recv);
  return s;
}

/// Which end of a message.
enum class side : std::uint8_t { send, recv };

}  // namespace colossus
