// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/symmetry.hpp>

namespace colossus {

/// Time reversal: undoes `S` message by message. A reduce becomes a broadcast, a reduce-scatter an all-gather.
template <schedule S>
class reversed {
 public:
  constexpr explicit reversed(S forward) : forward_{forward} {}

  constexpr rank_t ranks() const { return forward_.ranks(); }
  constexpr block_t blocks() const { return forward_.blocks(); }
  constexpr round_t rounds() const { return forward_.rounds(); }
  constexpr rank_t extra_ranks() const { return colossus::extra_ranks(forward_); }
  constexpr rank_t root() const requires rooted_schedule<S> { return forward_.root(); }
  constexpr round_t pattern(round_t round) const { return mirror(pattern_of(forward_, mirror(round))); }
  constexpr bool alike(round_t round, digit d) const { return colossus::alike(forward_, mirror(round), d); }

  constexpr shift shift_in(round_t round) const {
    const shift there = shift_of(forward_, mirror(round));
    return {there.offset == 0 ? 0 : ranks() - there.offset, there.blocks};
  }

  constexpr step at(rank_t rank, round_t round) const {
    const step s = forward_.at(rank, mirror(round));
    return {.send = s.recv, .recv = s.send, .arrival = on_arrival::store};
  }

  template <class Visit>
  constexpr void senders(round_t round, Visit&& visit) const requires sparse_schedule<S> {
    forward_.senders(mirror(round), [&](rank_t rank) { visit(forward_.at(rank, mirror(round)).send.peer); });
  }
  template <class Visit>
  constexpr void sends(rank_t rank, block_t block, Visit&& visit) const requires tracked_schedule<S> {
    forward_.receives(rank, block, [&](round_t round, rank_t peer) { visit(mirror(round), peer); });
  }
  template <class Visit>
  constexpr void receives(rank_t rank, block_t block, Visit&& visit) const requires tracked_schedule<S> {
    forward_.sends(rank, block, [&](round_t round, rank_t peer) { visit(mirror(round), peer); });
  }
  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    colossus::touches(forward_, rank, block, [&](round_t round) { visit(mirror(round)); });
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    forward_.runs(rank, mirror(round), other(which), visit);
  }
  constexpr block_t position_in(rank_t rank, round_t round, side which, block_t block) const {
    return colossus::position_in(forward_, rank, mirror(round), other(which), block);
  }
  constexpr block_t block_in(rank_t rank, round_t round, side which, block_t position) const {
    return colossus::block_in(forward_, rank, mirror(round), other(which), position);
  }

  constexpr block_t chunks() const requires pipelined_schedule<S> { return forward_.chunks(); }
  constexpr round_t period() const requires pipelined_schedule<S> { return forward_.period(); }
  constexpr reversed with_chunks(block_t chunks) const requires pipelined_schedule<S> {
    return reversed{forward_.with_chunks(chunks)};
  }

  constexpr reversed with_blocks(block_t blocks) const requires scalable_schedule<S> {
    return reversed{forward_.with_blocks(blocks)};
  }

  constexpr const S& forward() const { return forward_; }

 private:
  static constexpr side other(side which) { return which == side::send ? side::recv : side::send; }
  constexpr round_t mirror(round_t round) const { return rounds() - 1 - round; }

  S forward_;
};

}  // namespace colossus
