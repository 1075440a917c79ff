// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/verify/patterns.hpp>
#include <colossus/verify/proof.hpp>

namespace colossus {

/// Proves that `s` keeps the promise of collective `C`, in the compiler or at run time: it is run on sets of contributions.
/// Refuses messages without partner, peers and blocks out of range, contributions that meet twice, memory with nothing in
/// it, an end that is not exactly what is promised, and patterns that leave out a message. Up to 63 ranks the sets are
/// exact; more ranks go to `verify_full`.
template <collective C, schedule S>
constexpr verdict verify(const S& s) {
  const verdict v = s.ranks() <= exact_contributions::most ? detail::proof<C, exact_contributions, S>{s}()
                                                           : detail::proof<C, fingerprints, S>{s}();
  return v ? verify_patterns(s) : v;
}

/// The same for the schedule that algorithm `A` makes for a problem: `static_assert(verify<mine::skip_ring>({.ranks = 8}))`.
template <algorithm A>
constexpr verdict verify(const problem& p) {
  return verify<typename A::collective>(make<A>(p));
}

/// The proof by fingerprints, for any number of ranks: 8 bytes for each block of each rank, time for each message once.
template <collective C, schedule S>
constexpr verdict verify_full(const S& s) {
  static_assert(!is_idempotent<C>(), "fingerprints count contributions: an idempotent collective needs the exact proof");
  return detail::proof<C, fingerprints, S>{s}();
}

}  // namespace colossus
