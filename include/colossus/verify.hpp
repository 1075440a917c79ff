// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/verify/patterns.hpp>
#include <colossus/verify/proof.hpp>
#include <colossus/verify/touched.hpp>
#include <colossus/verify/trace.hpp>

namespace colossus {

/// Proves that `s` keeps the promise of collective `C`, in the compiler or at run time: it is run on sets of
/// contributions. Refuses messages without partner, peers and blocks out of range, contributions that meet twice,
/// memory with nothing in it, an end that is not exactly what is promised, and patterns that leave out a message. Up to
/// 63 ranks the sets are exact; more ranks go to `verify_full`.
template <collective C, schedule S>
constexpr verdict verify(const S& s) {
  const verdict v = s.ranks() <= exact_contributions::most ? detail::proof<C, exact_contributions, S>{s}()
                                                           : detail::proof<C, fingerprints, S>{s}();
  return v ? verify_patterns(s) : v;
}

/// The same for the schedule that algorithm `A` makes for a problem: `static_assert(verify<mine::skip_ring>({.ranks =
/// 8}))`.
template <algorithm A>
constexpr verdict verify(const problem& p) {
  return verify<typename A::collective>(make<A>(p));
}

/// The proof by fingerprints, for any number of ranks: 8 bytes for each block of each rank, time for each message once.
template <collective C, schedule S>
constexpr verdict verify_full(const S& s) {
  static_assert(!is_idempotent<C>(),
                "fingerprints count contributions: an idempotent collective needs the exact proof");
  return detail::proof<C, fingerprints, S>{s}();
}

/// How much `verify_sampled` looks at, drawn by `seed`.
struct samples {
  int blocks = 4;     ///< followed through all ranks
  int steps = 2000;   ///< of which `touches` must know
  int patterns = 64;  ///< rounds, each on some `pattern_ranks` ranks
  rank_t pattern_ranks = 1000;
  std::uint64_t seed = 1;
};

/// The proof for many ranks: follows some blocks through all ranks, checks `touches` and patterns at random places.
/// Time and memory of some messages a rank; at 100,352 ranks a fraction of a second.
template <collective C, schedule S>
verdict verify_sampled(const S& s, const samples& n = {}) {
  static_assert(!is_idempotent<C>(),
                "fingerprints count contributions: an idempotent collective needs the exact proof");
  if (!fits<C>(extent{s.ranks(), s.blocks(), root_of(s)})) return {"the number of blocks does not suit the collective"};
  auto draw = [next = n.seed << 40](std::int64_t below) mutable {
    return static_cast<std::int64_t>(weight(next++) % static_cast<std::uint64_t>(below));
  };
  for (int i = 0; i < n.blocks; ++i)
    if (const verdict v = detail::trace<C, S>{s, static_cast<block_t>(draw(s.blocks()))}(); !v) return v;
  for (int i = 0; repeating_schedule<S> && s.rounds() > 0 && i < n.patterns; ++i) {
    const rank_t stride = std::max(1, s.ranks() / n.pattern_ranks);
    if (const verdict v = verify_pattern(s, draw(s.rounds()), static_cast<rank_t>(draw(stride)), stride); !v) return v;
  }
  return verify_touches_sampled(s, n.steps, n.seed);
}
template <algorithm A>
verdict verify_sampled(const problem& p, const samples& n = {}) {
  return verify_sampled<typename A::collective>(make<A>(p), n);
}

}  // namespace colossus
