// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/all_reduce.hpp>

#include <numeric>

namespace mine {

using colossus::block_t, colossus::problem, colossus::rank_t, colossus::round_t;

/// An all-reduce of somebody else's project: a ring that goes on by `skip` ranks instead of one. Any skip that has no
/// divisor in common with the number of ranks visits them all.
///
///   P = 5, skip = 3:  0 -> 3 -> 1 -> 4 -> 2 -> 0       place  0 1 2 3 4
///                                                      rank   0 3 1 4 2
class skip_ring {
 public:
  using collective = colossus::collectives::all_reduce;
  static constexpr std::string_view name = "skip_ring";

  constexpr explicit skip_ring(const problem& p) : ranks_{p.ranks} {
    for (skip_ = ranks_ / 2 + 1; std::gcd(skip_, ranks_) != 1;) ++skip_;
    while (round_t{skip_} * back_ % ranks_ != 1 % ranks_) ++back_;
  }

  constexpr rank_t ranks() const { return ranks_; }
  constexpr block_t blocks() const { return ranks_; }
  constexpr round_t rounds() const { return 2 * (round_t{ranks_} - 1); }
  constexpr round_t pattern(round_t) const { return 0; }

  /// The rank at place p sends block p - round to the rank at place p + 1.
  constexpr colossus::step at(rank_t rank, round_t round) const {
    const round_t sent = place_of(rank) - round;
    return {.send = {.peer = wrap(round_t{rank} + skip_), .blocks = {wrap(sent), 1}},
            .recv = {.peer = wrap(round_t{rank} - skip_), .blocks = {wrap(sent - 1), 1}},
            .arrival = round < ranks_ - 1 ? colossus::on_arrival::reduce_before : colossus::on_arrival::store};
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    for (round_t sent = wrap(place_of(rank) - block); sent <= rounds(); sent += ranks_)  // it came one round before
      for (const round_t round : {sent - 1, sent})
        if (round >= 0 && round < rounds()) visit(round);
  }

 private:
  constexpr round_t place_of(rank_t rank) const { return round_t{rank} * back_ % ranks_; }
  constexpr rank_t wrap(round_t i) const { return static_cast<rank_t>((i % ranks_ + ranks_) % ranks_); }

  rank_t ranks_;
  rank_t skip_ = 1;  ///< from one rank to the next
  rank_t back_ = 1;  ///< its inverse: from a rank to its place
};

static_assert(colossus::algorithm<skip_ring>);

}  // namespace mine
