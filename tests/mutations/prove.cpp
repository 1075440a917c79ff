// SPDX-License-Identifier: Apache-2.0
// What the tests do for each algorithm, for the one that is given as -DALGORITHM=...: in the compiler, or at run time.
#include <colossus/algorithms.hpp>
#include <colossus/bench/prove.hpp>

#include <iostream>

#include "static/proved.hpp"

namespace colossus::algorithms {
using subject = ALGORITHM;
}
using subject = colossus::algorithms::subject;

#if defined(STATIC)
static_assert(colossus::proved<subject>());
#else
int main() {
  using namespace colossus;
  std::string first;
  bench::prove_all<subject>(1, 64, [&](const problem& p, const verdict& v) {
    if (first.empty()) first = bench::to_text(p) + ": " + v.message();
  });
  for (const rank_t nodes : {12'544, 12'543}) {
    const problem p{.ranks = 100'352, .nodes = nodes, .pods = 196, .bytes = 1 << 30};
    if (!first.empty() || !supports<subject>(p)) continue;
    if (const verdict v = verify_sampled<subject>(p); !v) first = bench::to_text(p) + ": " + v.message();
  }
  std::cout << first << '\n';
  return first.empty() ? 0 : 1;
}
#endif
