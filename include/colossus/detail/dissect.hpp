// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/repeated.hpp>
#include <colossus/detail/outline.hpp>
#include <colossus/detail/study.hpp>

namespace colossus::detail {

/// A schedule to be priced at a size.
template <schedule S>
struct request {
  S schedule;
  std::int64_t bytes = 0;
};

/// How a schedule repeats its core: `lanes` copies of `times` repetitions, whose pipelines (if any) run `generations`
/// times.
struct slicing {
  int lanes = 1, times = 1;
  round_t stagger = 0, generations = 1;
  rank_t rotation = 0, root = crew::no_root;
  block_t blocks = 1;  // of the whole

  bool in_step() const { return stagger == 0; }
  int lanes_in_step() const { return in_step() ? lanes : 1; }
  /// What a study looks at together.
  crew in(placements groups) const { return {groups, lanes_in_step(), rotation, root}; }
};

/// A schedule taken apart.
template <schedule Core>
struct dissected {
  Core core;
  slicing slices{};
};

template <schedule S>
auto dissect_core(const S& s) {
  if constexpr (pipelined_schedule<S>) {
    const auto period = static_cast<block_t>(std::min<round_t>(s.period(), s.chunks()));
    return dissected<S>{s.with_chunks(period), {.generations = (s.chunks() + period - 1) / period}};
  } else return dissected<S>{s};
}
template <schedule S>
auto dissect_times(const S& s) {
  if constexpr (requires { s.times(); }) {
    auto parts = dissect_core(s.inner());
    parts.slices.times = s.times();
    return parts;
  } else return dissect_core(s);
}
template <schedule S>
auto dissect(const S& s) {
  if constexpr (laned_schedule<S>) {
    auto parts = dissect_times(s.inner());
    slicing& slices = parts.slices;
    slices.lanes = s.lane_count();
    slices.stagger = slices.lanes == 1 ? 0 : s.stagger();
    slices.rotation = slices.lanes == 1 ? 0 : s.rotation();
    if constexpr (rooted_schedule<S>) slices.root = s.root();
    slices.blocks = s.blocks();
    return parts;
  } else {
    auto parts = dissect_times(s);
    parts.slices.blocks = s.blocks();
    return parts;
  }
}

/// True where two schedules of one type do the same. Schedules of one algorithm differ in their size only; a sample of
/// steps guards against those that differ otherwise.
template <schedule S>
bool same(const S& a, const S& b) {
  if (a.ranks() != b.ranks() || a.blocks() != b.blocks() || a.rounds() != b.rounds()) return false;
  for (std::uint64_t i = 0; a.rounds() > 0 && i < 64; ++i) {
    const auto rank = static_cast<rank_t>(mix(i) % static_cast<std::uint64_t>(a.ranks()));
    const auto round = static_cast<round_t>(mix(~i) % static_cast<std::uint64_t>(a.rounds()));
    if (a.at(rank, round) != b.at(rank, round)) return false;
  }
  return true;
}

/// True where one study serves both: the same core, and as many lanes that share links in step.
template <class Core>
bool alike(const dissected<Core>& a, const dissected<Core>& b) {
  return same(a.core, b.core) && a.slices.lanes_in_step() == b.slices.lanes_in_step() &&
         a.slices.rotation == b.slices.rotation;
}

}  // namespace colossus::detail
