// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/ownership.hpp>
#include <colossus/error.hpp>
#include <colossus/schedule.hpp>

namespace colossus {

/// One lane of `lanes`: `S` on its own slice of the blocks, with the ranks of every node of `rotation` ranks rotated by
/// the lane's number, so that each lane leaves a node by another NIC. A root stays where it is.
template <schedule S, ownership Blocks = ownership::shared>
class lane_of {
  static constexpr bool owned = Blocks == ownership::owned;

 public:
  constexpr lane_of(S inner, int lane, int count, rank_t rotation)
      : inner_{inner}, lane_{lane}, count_{count}, rotation_{rotation}, shift_{rotation == 0 ? 0 : lane % rotation} {}

  constexpr rank_t ranks() const { return inner_.ranks(); }
  constexpr block_t blocks() const { return inner_.blocks() * count_; }  // of all lanes: this one uses its own
  constexpr round_t rounds() const { return inner_.rounds(); }
  constexpr rank_t extra_ranks() const { return colossus::extra_ranks(inner_); }
  constexpr rank_t root() const requires rooted_schedule<S> { return inner_.root(); }
  constexpr round_t pattern(round_t round) const { return pattern_of(inner_, round); }

  constexpr step at(rank_t rank, round_t round) const {
    return rewritten(inner_.at(role(rank), round), [&](transfer t) {
      return transfer{actor(t.peer), {placed(t.blocks.first), t.blocks.count}};
    });
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    if (!owned && block / inner_.blocks() == lane_)
      colossus::touches(inner_, role(rank), block % inner_.blocks(), visit);
    if (owned && block % count_ == lane_) colossus::touches(inner_, role(rank), role(block / count_), visit);
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    inner_.runs(role(rank), round, which, [&](block_range run) { visit(block_range{placed(run.first), run.count}); });
  }

  constexpr block_t chunks() const requires pipelined_schedule<S> { return inner_.chunks(); }
  constexpr round_t period() const requires pipelined_schedule<S> { return inner_.period(); }

  constexpr const S& inner() const { return inner_; }
  /// The rank of the inner schedule that `rank` acts as in this lane, and the rank that acts as one of the inner
  /// schedule.
  constexpr rank_t role(rank_t rank) const { return turned(settled(rank), shift_ == 0 ? 0 : rotation_ - shift_); }
  constexpr rank_t actor(rank_t role) const { return settled(turned(role, shift_)); }

 private:
  /// Where a block of the inner schedule lies in memory: in the lane's slice, or in its part of the owner's blocks.
  constexpr block_t placed(block_t block) const {
    return owned ? actor(block) * count_ + lane_ : block + lane_ * inner_.blocks();
  }
  constexpr rank_t turned(rank_t rank, rank_t by) const {
    if (by == 0 || rank >= ranks()) return rank;  // switches stay
    return rank % rotation_ + by < rotation_ ? rank + by : rank + by - rotation_;
  }
  /// Swaps the root with the rank that would take its part, so that it is the root of every lane.
  constexpr rank_t settled(rank_t rank) const {
    if constexpr (rooted_schedule<S>) {
      const rank_t root = inner_.root(), stand_in = turned(root, shift_);
      return rank == root ? stand_in : rank == stand_in ? root : rank;
    } else return rank;
  }

  S inner_;
  int lane_, count_;
  rank_t rotation_, shift_;
};

/// `count` copies of `S`, each on its own slice of the blocks, that progress independently: lane l starts on a rank
/// once the rank's lane l - 1 has done `stagger` rounds, so that the lanes of a hierarchy are in different levels and
/// overlap. As a schedule it is one legal interleaving: round i is round i / count - lane * stagger of lane i % count.
/// Lanes share no block, so a proof of this interleaving is a proof of all. `rotation`: ranks per node, see `lane_of`;
/// 0 for none. With owned blocks, a slice is a part of each rank's own block; messages must then be single blocks, as
/// those of a ring.
template <schedule S, ownership Blocks = ownership::shared>
class lanes {
 public:
  constexpr lanes(S inner, int count, round_t stagger = 0, rank_t rotation = 0)
      : inner_{inner}, count_{count}, stagger_{stagger}, rotation_{rotation} {
    expects(count >= 1 && stagger >= 0 && rotation >= 0, "lanes: at least one lane, stagger and rotation not negative");
    expects(rotation == 0 || inner.ranks() % rotation == 0, "lanes: the rotation must divide the ranks");
    expects(Blocks == ownership::shared || (inner.blocks() == inner.ranks() && !multi_run_schedule<S>),
            "lanes: owned blocks need a schedule with one block a rank, in messages of one block");
    expects(fits_blocks(std::int64_t{inner.blocks()} * count), "lanes: more blocks than a block number can count");
  }

  constexpr rank_t ranks() const { return inner_.ranks(); }
  constexpr block_t blocks() const { return inner_.blocks() * count_; }
  constexpr round_t rounds() const { return count_ * (inner_.rounds() + (count_ - 1) * stagger_); }
  constexpr rank_t extra_ranks() const { return colossus::extra_ranks(inner_); }
  constexpr rank_t root() const requires rooted_schedule<S> { return inner_.root(); }

  /// Lanes that are not rotated move the same messages; a round before a lane's start, or after its end, moves none.
  constexpr round_t pattern(round_t round) const {
    if (inner_.rounds() == 0) return 0;
    const int index = static_cast<int>(round % count_);
    const round_t own = own_round(round, index);
    if (own < 0 || own >= inner_.rounds()) return pattern_of(inner_, 0) * count_;
    const int canonical = rotation_ == 0 ? 0 : index % rotation_;
    return (pattern_of(inner_, own) + canonical * stagger_) * count_ + canonical;
  }

  constexpr step at(rank_t rank, round_t round) const {
    const int index = static_cast<int>(round % count_);
    const round_t own = own_round(round, index);
    return own < 0 || own >= inner_.rounds() ? step{} : lane(index).at(rank, own);
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    const int index = Blocks == ownership::owned ? block % count_ : block / inner_.blocks();
    lane(index).touches(rank, block, [&](round_t own) { visit((own + index * stagger_) * count_ + index); });
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    const int index = static_cast<int>(round % count_);
    const round_t own = own_round(round, index);
    if (own >= 0 && own < inner_.rounds()) lane(index).runs(rank, own, which, visit);
  }

  constexpr block_t chunks() const requires pipelined_schedule<S> { return inner_.chunks(); }
  constexpr round_t period() const requires pipelined_schedule<S> { return inner_.period() * count_; }
  constexpr lanes with_chunks(block_t chunks) const requires pipelined_schedule<S> {
    return {inner_.with_chunks(chunks), count_, stagger_, rotation_};
  }

  constexpr const S& inner() const { return inner_; }
  constexpr int lane_count() const { return count_; }
  constexpr round_t stagger() const { return stagger_; }
  constexpr rank_t rotation() const { return rotation_; }
  constexpr lane_of<S, Blocks> lane(int index) const { return {inner_, index, count_, rotation_}; }

 private:
  constexpr round_t own_round(round_t round, int index) const { return round / count_ - index * stagger_; }

  S inner_;
  int count_;
  round_t stagger_;
  rank_t rotation_;
};

template <schedule S>
lanes(S, int, round_t = 0, rank_t = 0) -> lanes<S>;

/// `lanes` with owned blocks: of a reduce-scatter or an all-gather.
template <schedule S>
constexpr auto owned_lanes(S inner, int count, round_t stagger = 0, rank_t rotation = 0) {
  return lanes<S, ownership::owned>{inner, count, stagger, rotation};
}

/// A schedule made of lanes that `run` and `simulate` let progress on their own.
template <class S>
concept laned_schedule = schedule<S> && requires(const S s, int index) {
  { s.lane_count() } -> std::same_as<int>;
  { s.stagger() } -> std::same_as<round_t>;
  { s.lane(index) } -> schedule;
};

}  // namespace colossus
