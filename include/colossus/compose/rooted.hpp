// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// `S` with ranks 0 and `root` in each other's places: a reduce to, or a broadcast from, any rank.
template <schedule S>
class rooted {
 public:
  constexpr rooted(S inner, rank_t root) : inner_{inner}, root_{root} {
    expects(root >= 0 && root < inner.ranks(), "rooted: the root is one of the ranks");
  }

  constexpr rank_t ranks() const { return inner_.ranks(); }
  constexpr block_t blocks() const { return inner_.blocks(); }
  constexpr round_t rounds() const { return inner_.rounds(); }
  constexpr rank_t extra_ranks() const { return colossus::extra_ranks(inner_); }
  constexpr rank_t root() const { return root_; }
  constexpr round_t pattern(round_t round) const { return pattern_of(inner_, round); }
  constexpr bool alike(round_t round, digit d) const { return root_ == 0 && colossus::alike(inner_, round, d); }

  constexpr step at(rank_t rank, round_t round) const {
    return rewritten(inner_.at(swapped(rank), round), [&](transfer t) { return transfer{swapped(t.peer), t.blocks}; });
  }

  template <class Visit>
  constexpr void senders(round_t round, Visit&& visit) const requires sparse_schedule<S> {
    inner_.senders(round, [&](rank_t rank) { visit(swapped(rank)); });
  }
  template <class Visit>
  constexpr void sends(rank_t rank, block_t block, Visit&& visit) const requires tracked_schedule<S> {
    inner_.sends(swapped(rank), block, [&](round_t round, rank_t peer) { visit(round, swapped(peer)); });
  }
  template <class Visit>
  constexpr void receives(rank_t rank, block_t block, Visit&& visit) const requires tracked_schedule<S> {
    inner_.receives(swapped(rank), block, [&](round_t round, rank_t peer) { visit(round, swapped(peer)); });
  }
  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    colossus::touches(inner_, swapped(rank), block, visit);
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    inner_.runs(swapped(rank), round, which, visit);
  }

  constexpr block_t chunks() const requires pipelined_schedule<S> { return inner_.chunks(); }
  constexpr round_t period() const requires pipelined_schedule<S> { return inner_.period(); }
  constexpr rooted with_chunks(block_t chunks) const requires pipelined_schedule<S> {
    return rooted{inner_.with_chunks(chunks), root_};
  }

  constexpr const S& inner() const { return inner_; }

 private:
  constexpr rank_t swapped(rank_t rank) const { return rank == 0 ? root_ : rank == root_ ? 0 : rank; }

  S inner_;
  rank_t root_;
};

}  // namespace colossus
