// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/split.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// Runs `S` between groups of consecutive ranks that may differ by one member. The data is `shares` pieces of the inner
/// schedule's blocks, dealt in order to the members of each group; piece x crosses the groups among its owners, one in
/// each. An owner of several pieces has consecutive ones, at most `turns` of them, and serves piece x in turn x %
/// turns: no rank has two messages in one round, whatever the sizes. Equal groups with a piece for each member need one
/// turn.
template <schedule S>
class across_groups {
 public:
  constexpr across_groups(S inner, split groups, block_t shares)
      : inner_{inner}, groups_{groups}, shares_{shares}, turns_{(shares + groups.smallest() - 1) / groups.smallest()} {
    expects(inner.ranks() == groups.parts, "across_groups: the schedule must have as many ranks as there are groups");
    expects(shares >= 1 && fits_blocks(std::int64_t{shares} * inner.blocks()),
            "across_groups: at least one block, and no more than a block number can count");
    expects(colossus::extra_ranks(inner) == 0, "across_groups: switches belong to the outermost schedule");
  }
  /// Equal groups of `size` members with a piece for each.
  constexpr across_groups(S inner, rank_t size)
      : across_groups{inner, split{std::int64_t{inner.ranks()} * size, inner.ranks()}, size} {}

  constexpr rank_t ranks() const { return static_cast<rank_t>(groups_.ranks().count); }
  constexpr block_t blocks() const { return shares_ * inner_.blocks(); }
  constexpr round_t rounds() const { return inner_.rounds() * turns_; }
  constexpr round_t pattern(round_t round) const {
    if (turns_ == 1) return pattern_of(inner_, round);
    return pattern_of(inner_, round / turns_) * turns_ + round % turns_;
  }
  /// Members with a piece each are alike, and so are groups where they are for the schedule across.
  constexpr bool alike(round_t round, digit d) const {
    const rank_t size = groups_.smallest();
    if (!one_each()) return false;
    if (size % d.end() == 0) return true;
    if (d.stride % size == 0) return colossus::alike(inner_, round, {d.stride / size, d.radix});
    return size % d.stride == 0 && d.end() % size == 0 && colossus::alike(inner_, round, {1, d.end() / size});
  }

  constexpr step at(rank_t rank, round_t round) const {
    const rank_t group = groups_.group_of(rank);
    const block_t piece = served(rank, group, round);
    if (piece == none) return {};
    const block_t offset = piece * inner_.blocks();
    return rewritten(inner_.at(group, turns_ == 1 ? round : round / turns_), [&](transfer t) {
      return transfer{owner(t.peer, piece), {offset + t.blocks.first, t.blocks.count}};
    });
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    const rank_t group = groups_.group_of(rank);
    const block_t piece = block / inner_.blocks();
    if (owner(group, piece) != rank) return;
    colossus::touches(inner_, group, block % inner_.blocks(),
                      [&](round_t round) { visit(round * turns_ + piece % turns_); });
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    const rank_t group = groups_.group_of(rank);
    const block_t piece = served(rank, group, round);
    if (piece == none) return;
    inner_.runs(group, round / turns_, which, [&](block_range run) {
      visit(block_range{piece * inner_.blocks() + run.first, run.count});
    });
  }
  constexpr block_t position_in(rank_t rank, round_t round, side which, block_t block) const {
    const rank_t group = groups_.group_of(rank);
    if (served(rank, group, round) != block / inner_.blocks()) return -1;
    return colossus::position_in(inner_, group, round / turns_, which, block % inner_.blocks());
  }
  constexpr block_t block_in(rank_t rank, round_t round, side which, block_t position) const {
    const rank_t group = groups_.group_of(rank);
    const block_t piece = served(rank, group, round);
    const block_t block = piece == none ? -1 : colossus::block_in(inner_, group, round / turns_, which, position);
    return block < 0 ? block : piece * inner_.blocks() + block;
  }

  constexpr block_t chunks() const requires pipelined_schedule<S> { return inner_.chunks(); }
  constexpr round_t period() const requires pipelined_schedule<S> { return inner_.period() * turns_; }
  constexpr across_groups with_chunks(block_t chunks) const requires pipelined_schedule<S> {
    return {inner_.with_chunks(chunks), groups_.ranks(), shares_};
  }

  constexpr const S& inner() const { return inner_; }
  constexpr const split& groups() const { return groups_.ranks(); }
  constexpr block_t shares() const { return shares_; }

 private:
  static constexpr block_t none = -1;
  constexpr bool one_each() const { return groups_.even() && shares_ == groups_.smallest(); }

  /// The piece that `rank` works on in `round`: the one of its own whose turn it is.
  constexpr block_t served(rank_t rank, rank_t group, round_t round) const {
    const rank_t member = rank - groups_.first(group);
    if (one_each()) return member;
    const split owners{shares_, groups_.size(group)};
    const auto first = static_cast<block_t>(owners.first(member)), end = static_cast<block_t>(owners.first(member + 1));
    const block_t wait = (static_cast<block_t>(round % turns_) - first % turns_ + turns_) % turns_;
    return first + wait < end ? first + wait : none;
  }
  constexpr rank_t owner(rank_t group, block_t piece) const {
    if (one_each()) return groups_.first(group) + piece;
    return groups_.first(group) + split{shares_, groups_.size(group)}.part_of(piece);
  }

  S inner_;
  grouping groups_;
  block_t shares_;
  block_t turns_;
};

}  // namespace colossus
