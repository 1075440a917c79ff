// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/type_list.hpp>
#include <colossus/verify.hpp>

#include <ostream>
#include <string>
#include <vector>

namespace colossus::bench {

/// Problems for `ranks` ranks that an algorithm may treat differently: nodes and pods of all kinds, equal and not,
/// roots, lanes, and sizes from "not said" over tiny to many chunks. All combinations for few ranks, three for many.
template <algorithm A>
std::vector<problem> shapes(rank_t ranks, rank_t few = 12) {
  std::vector<problem> all;
  const bool rooted = rooted_schedule<schedule_of<A>>;
  const auto add = [&](rank_t nodes, rank_t pods, rank_t root, int lanes, std::int64_t bytes) {
    const problem p{ranks, nodes, pods, root, bytes, lanes, 1 << 10};
    const bool sane = nodes <= ranks && pods <= std::max<rank_t>(nodes, 1) && root < ranks;
    if (sane && supports<A>(p)) all.push_back(p);
  };
  const std::int64_t long_pipeline = 40 << 10, sliced = std::int64_t{ranks} << 12;
  if (ranks > few) {
    add(0, 0, 0, 0, ranks % 2 * 8);
    add((ranks + 7) / 8, 0, rooted ? ranks / 2 : 0, 0, ranks % 16 == 0 ? sliced : 0);
    add(ranks / 4, ranks / 10, rooted ? ranks - 1 : 0, 0, 8);
    return all;
  }
  for (const rank_t nodes : {0, 2, 3, 4, ranks})
    for (const rank_t pods : {0, 2, 3})
      for (const rank_t root : {0, 1, ranks - 1})
        for (const int lanes : {0, 2})
          for (const std::int64_t bytes : {std::int64_t{0}, std::int64_t{8}, long_pipeline, sliced})
            if (root == 0 || rooted) add(nodes, pods, root, lanes, bytes);
  return all;
}

/// Proves one problem: the promise, the patterns, and `touches` (everywhere where that is little, else at random
/// places).
template <algorithm A>
verdict prove(const problem& p) {
  const auto s = make<A>(p);
  const verdict v = verify<typename A::collective>(s);
  if (!v) return v;
  const double size = static_cast<double>(s.rounds()) * s.blocks() * s.ranks();
  return size < 1e6 ? verify_touches(s) : verify_touches_sampled(s, 300, 1);
}

/// Proves all numbers of ranks from `least` to `most` in all their shapes. Calls `refused(problem, verdict)` for each
/// failure; returns how many problems there were.
template <algorithm A, class Refused>
int prove_all(rank_t least, rank_t most, Refused&& refused) {
  int problems = 0;
  for (rank_t ranks = least; ranks <= most; ++ranks)
    for (const problem& p : shapes<A>(ranks)) {
      ++problems;
      if (const verdict v = prove<A>(p); !v) refused(p, v);
    }
  return problems;
}

inline std::string to_text(const problem& p) {
  return std::to_string(p.ranks) + " ranks, " + std::to_string(p.nodes) + " nodes, " + std::to_string(p.pods) +
         " pods, root " + std::to_string(p.root) + ", " + std::to_string(p.bytes) + " bytes, " +
         std::to_string(p.lanes) + " lanes";
}

/// Proves every algorithm of a list up to `most` ranks and prints a line for each. Exit status: 0, or 1 where one is
/// wrong.
template <class List>
int prove_main(std::ostream& out, rank_t most = 64) {
  bool good = true;
  for_each_type(List{}, [&]<class A>(std::type_identity<A>) {
    out << A::collective::name << ' ' << A::name << ": ";
    int wrong = 0;
    const int problems = prove_all<A>(1, most, [&](const problem& p, const verdict& v) {
      if (wrong++ == 0) out << "WRONG with " << to_text(p) << ": " << v.message() << '\n';
    });
    if (wrong == 0) out << "proved for all P up to " << most << " (" << problems << " problems)\n";
    good &= wrong == 0;
  });
  return good ? 0 : static_cast<int>(failure::check);
}

}  // namespace colossus::bench
