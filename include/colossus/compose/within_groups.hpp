// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/split.hpp>
#include <colossus/symmetry.hpp>

#include <algorithm>

namespace colossus {

/// Runs a schedule inside every group of consecutive ranks, at the same time. Groups may differ by one member:
/// `smaller` is the schedule of the smaller ones, `larger` of the larger. The data is `shares` pieces of `scale`
/// blocks; in a group whose schedule has n blocks, its block i stands for the pieces [split{shares, n}.first(i),
/// split{shares, n}.first(i + 1)).
template <schedule S>
class within_groups {
 public:
  constexpr within_groups(S smaller, S larger, split groups, block_t shares, block_t scale)
      : small_{smaller}, large_{larger}, groups_{groups}, shares_{shares}, scale_{scale} {
    expects(smaller.ranks() == groups.smallest() && larger.ranks() == groups.largest(),
            "within_groups: the schedules must have as many ranks as the smaller and the larger groups");
    expects(shares >= 1 && scale >= 1 && fits_blocks(std::int64_t{shares} * scale),
            "within_groups: at least one block, and no more than a block number can count");
    expects(colossus::extra_ranks(smaller) == 0 && colossus::extra_ranks(larger) == 0,
            "within_groups: switches belong to the outermost schedule");
  }
  /// `groups` equal groups, each block standing for `scale` of ours.
  constexpr within_groups(S inner, rank_t groups, block_t scale)
      : within_groups{inner, inner, split{std::int64_t{inner.ranks()} * groups, groups}, inner.blocks(), scale} {}

  constexpr rank_t ranks() const { return static_cast<rank_t>(groups_.ranks().count); }
  constexpr block_t blocks() const { return shares_ * scale_; }
  constexpr round_t rounds() const { return std::max(small_.rounds(), large_.rounds()); }

  /// Groups of both sizes must agree on the canonical round, unless one of them has finished.
  constexpr round_t pattern(round_t round) const {
    const round_t smaller = pattern_in(small_, round), larger = groups_.even() ? smaller : pattern_in(large_, round);
    return smaller == finished ? larger : larger == finished || smaller == larger ? smaller : round;
  }
  /// Groups are alike, and so are members where they are for the schedule inside.
  constexpr bool alike(round_t round, digit d) const {
    const rank_t size = groups_.smallest();
    if (!groups_.even()) return false;
    return d.stride % size == 0 || (size % d.end() == 0 && colossus::alike(small_, round, d));
  }
  constexpr bool exchanges() const {
    return groups_.even() && shares_ % small_.blocks() == 0 && colossus::exchanges(small_);
  }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t group = groups_.group_of(rank), leader = groups_.first(group);
    const S& inner = inner_of(group);
    if (round >= inner.rounds()) return {};
    step s = inner.at(rank - leader, round);
    for (const side which : {side::send, side::recv}) {
      transfer& t = which == side::send ? s.send : s.recv;
      if (!t) continue;
      t = {leader + t.peer, widened(inner, rank - leader, round, which, t.blocks)};
      if (t.blocks.count == 0) t = {};
    }
    return s;
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    const rank_t group = groups_.group_of(rank);
    const S& inner = inner_of(group);
    colossus::touches(inner, rank - groups_.first(group), split{shares_, inner.blocks()}.part_of(block / scale_),
                      visit);
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    const rank_t group = groups_.group_of(rank);
    const S& inner = inner_of(group);
    if (round >= inner.rounds()) return;
    inner.runs(rank - groups_.first(group), round, which, [&](block_range run) {
      if (const block_range wide = widened(inner, run); wide.count != 0) visit(wide);
    });
  }

  constexpr within_groups with_blocks(block_t blocks) const {
    expects(blocks % shares_ == 0, "within_groups: the blocks must be a multiple of the pieces");
    return {small_, large_, groups_.ranks(), shares_, blocks / shares_};
  }

  constexpr const S& smaller() const { return small_; }
  constexpr const S& larger() const { return large_; }
  constexpr const split& groups() const { return groups_.ranks(); }
  constexpr block_t scale() const { return scale_; }

 private:
  constexpr const S& inner_of(rank_t group) const {
    return groups_.size(group) == groups_.smallest() ? small_ : large_;
  }

  static constexpr round_t finished = -1;
  constexpr round_t pattern_in(const S& inner, round_t round) const {
    if (round >= inner.rounds()) return finished;
    return shares_ % inner.blocks() == 0 ? pattern_of(inner, round) : round;  // else blocks differ in size
  }

  /// The blocks that a range of the inner schedule's blocks stands for.
  constexpr block_range widened(const S& inner, block_range run) const {
    if (inner.blocks() == shares_) return {run.first * scale_, run.count * scale_};
    const split pieces{shares_, inner.blocks()};
    const auto first = static_cast<block_t>(pieces.first(run.first));
    const auto end = static_cast<block_t>(pieces.first(std::int64_t{run.first} + run.count));
    return {first * scale_, (end - first) * scale_};
  }
  constexpr block_range widened(const S& inner, rank_t member, round_t round, side which, block_range all) const {
    if constexpr (!multi_run_schedule<S>) return widened(inner, all);
    else {
      block_range sum{};  // of a message of several runs, only the number of blocks is said
      inner.runs(member, round, which, [&](block_range run) { sum.count += widened(inner, run).count; });
      return sum;
    }
  }

  S small_, large_;
  grouping groups_;
  block_t shares_, scale_;
};

}  // namespace colossus
