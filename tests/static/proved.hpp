// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/type_list.hpp>
#include <colossus/verify.hpp>

namespace colossus {

/// Not constexpr: the compiler stops here, and shows the algorithm, the problem and the verdict.
template <algorithm A>
void is_wrong(const problem&, const verdict&);

template <algorithm A>
constexpr void require(const problem& p, const verdict& v) {
  if (!v) is_wrong<A>(p, v);
}

/// Proves `A` for all P up to 8: one node, several equal and unequal ones, pods, lanes, a long pipeline, another root.
template <algorithm A>
constexpr bool proved() {
  constexpr bool rooted = rooted_schedule<schedule_of<A>>;
  for (rank_t ranks = 1; ranks <= 8; ++ranks)
    for (const problem& p : {
             problem{.ranks = ranks},
             problem{.ranks = ranks, .nodes = 2, .root = rooted ? ranks - 1 : 0, .bytes = 8},
             problem{.ranks = ranks, .nodes = 3, .root = rooted ? ranks / 2 : 0, .lanes = 2},
             problem{.ranks = ranks, .nodes = 4, .pods = 2, .bytes = 20 << 10, .chunk_bytes = 1 << 10},
         })
      if (supports<A>(p)) require<A>(p, verify<A>(p));
  for (const rank_t ranks : {1, 4, 5})  // touches everything that it should
    if (const problem p{.ranks = ranks, .nodes = 2, .lanes = 2}; supports<A>(p))
      require<A>(p, verify_touches(make<A>(p)));
  return true;
}

/// Proves every `parts`-th algorithm of a list from number `part`: compilers need much memory for many.
template <class List, int part = 0, int parts = 1>
constexpr bool all_proved() {
  return [&]<class... As>(type_list<As...>) {
    int number = 0;
    return ((number++ % parts != part || proved<As>()) && ...);
  }(List{});
}

}  // namespace colossus
