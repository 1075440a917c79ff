// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/detail/stream_planner.hpp>

namespace colossus::detail {

/// Two slices where blocks are large enough that reducing one is worth a group of its own, else one. The same on all
/// ranks.
template <schedule S>
int slices_for(const S& s, const memory_map& map, std::int64_t element_size) {
  constexpr std::int64_t worth_it = 512 << 10;
  return map.count * map.areas / s.blocks() * element_size >= worth_it ? 2 : 1;
}

/// What `rank` does on its streams in algorithm `A` for problem `p` with NCCL's `count` argument; elements have so many
/// bytes. `slices`: 0 for the library's choice. Throws `error` (usage) where that cannot be.
template <algorithm A>
stream_program stream_plan(const problem& p, rank_t rank, std::int64_t count, std::int64_t element_size,
                           int slices = 0) {
  const auto s = make<A>(p);
  expects(extra_ranks(s) == 0, "a plan for streams has no switches that reduce: choose another algorithm");
  expects(rank >= 0 && rank < s.ranks(), "a plan is for one of the ranks");
  expects(count >= 0, "a plan has a count of at least zero");
  const memory_map map = memory_of<typename A::collective>(p.ranks, rank, p.root, count);
  if (count == 0) return {};
  const int chosen = slices > 0 ? slices : slices_for(s, map, element_size);
  return stream_planner<schedule_of<A>>{s, rank, map, chosen, element_size}.plan();
}

}  // namespace colossus::detail
