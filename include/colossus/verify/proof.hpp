// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>
#include <colossus/detail/buffer.hpp>
#include <colossus/schedule.hpp>
#include <colossus/verify/contributions.hpp>
#include <colossus/verify/verdict.hpp>

namespace colossus::detail {

/// Runs a schedule on sets of contributions instead of data, round by round.
template <collective C, class Contributions, schedule S>
class proof {
 public:
  constexpr explicit proof(const S& s)
      : s_{s},
        extent_{s.ranks(), s.blocks(), root_of(s)},
        all_{s.ranks() + extra_ranks(s)},
        steps_{static_cast<std::size_t>(all_)},
        held_{static_cast<std::size_t>(all_) * static_cast<std::size_t>(s.blocks())},
        moving_{held_.size()} {}

  constexpr verdict operator()() {
    if (!fits<C>(extent_)) return {"the number of blocks does not suit the collective"};
    start();
    for (round_t round = 0; round < s_.rounds(); ++round)
      if (const verdict v = play(round); !v) return v;
    return finish();
  }

 private:
  using cell = typename Contributions::cell;

  constexpr cell& held(rank_t rank, block_t block) {
    return held_[static_cast<std::size_t>(rank) * static_cast<std::size_t>(extent_.blocks) +
                 static_cast<std::size_t>(block)];
  }

  constexpr void start() {
    for (rank_t rank = 0; rank < all_; ++rank)
      for (block_t block = 0; block < extent_.blocks; ++block) {
        const token_range tokens = rank < extent_.ranks ? C::starts_with(extent_, rank, block) : token_range{};
        held(rank, block) = tokens.count > 0 ? contributions_.of(tokens) : contributions_.garbage(rank, block);
      }
  }

  constexpr verdict play(round_t round) {
    for (rank_t rank = 0; rank < all_; ++rank) step_of(rank) = s_.at(rank, round);
    for (rank_t rank = 0; rank < all_; ++rank)
      if (const verdict v = check(rank, round); !v) return v;
    std::size_t moved = 0;  // messages of one round leave before any arrives
    for (rank_t rank = 0; rank < all_; ++rank)
      if (const rank_t from = step_of(rank).recv.peer; from != nobody)
        each_block(from, round, side::send, [&](block_t block) { moving_[moved++] = held(from, block); });
    moved = 0;
    for (rank_t rank = 0; rank < all_; ++rank)
      if (const verdict v = receive(rank, round, moved); !v) return v;
    return {};
  }

  /// Peers and blocks are in range, and both ends of each message agree.
  constexpr verdict check(rank_t rank, round_t round) {
    const step& now = step_of(rank);
    for (const side which : {side::send, side::recv}) {
      const transfer& t = which == side::send ? now.send : now.recv;
      if (!t) continue;
      if (t.peer < 0 || t.peer >= all_) return {"the peer is not one of the ranks", rank, round};
      const transfer& other = which == side::send ? step_of(t.peer).recv : step_of(t.peer).send;
      if (other.peer != rank)
        return {which == side::send ? "nobody receives this message" : "nobody sends this message", rank, round};
      if (other.blocks.count != t.blocks.count) return {"the two ends differ in the number of blocks", rank, round};
      if (const verdict v = check_runs(t, rank, round, which); !v) return v;
    }
    return {};
  }
  constexpr verdict check_runs(const transfer& t, rank_t rank, round_t round, side which) {
    verdict v;
    block_t count = 0;
    for_each_run(s_, step_of(rank), rank, round, which, [&](block_range run) {
      if (run.first < 0 || run.count < 1 || run.first > extent_.blocks - run.count)
        v = {"the blocks of a message are out of range, or none", rank, round, run.first};
      else count += run.count;
    });
    if (v && (count != t.blocks.count || count > extent_.blocks))
      v = {"the runs of a message and its step differ in the number of blocks", rank, round};
    return v;
  }

  constexpr verdict receive(rank_t rank, round_t round, std::size_t& moved) {
    verdict v;
    const on_arrival arrival = step_of(rank).arrival;
    each_block(rank, round, side::recv, [&](block_t block) {
      const cell arriving = moving_[moved++];
      if (!reduces(arrival)) held(rank, block) = arriving;
      else if (const char* why = Contributions::combine(held(rank, block), arriving, is_idempotent<C>()); why && v)
        v = {why, rank, round, block};
    });
    return v;
  }

  constexpr verdict finish() {
    for (block_t block = 0; block < extent_.blocks; ++block)
      for (rank_t rank = 0; rank < extent_.ranks; ++rank) {
        const token_range promised = C::ends_with(extent_, rank, block);
        if (promised.count == 0) continue;
        if (promised.count > Contributions::most)
          return {"too many ranks for the exact proof: use verify_full", rank, -1, block};
        if (!(held(rank, block) == contributions_.of(promised)))
          return {"ends with the wrong contributions", rank, -1, block};
      }
    return {};
  }

  template <class Visit>
  constexpr void each_block(rank_t rank, round_t round, side which, Visit visit) {
    for_each_run(s_, step_of(rank), rank, round, which, [&](block_range run) {
      for (block_t i = 0; i < run.count; ++i) visit(run.first + i);
    });
  }
  constexpr step& step_of(rank_t rank) { return steps_[static_cast<std::size_t>(rank)]; }

  const S& s_;
  extent extent_;
  rank_t all_;  // with the switches
  Contributions contributions_{};
  buffer<step> steps_;
  buffer<cell> held_, moving_;
};

}  // namespace colossus::detail
