// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// `S` with its blocks, a matrix of `rows` rows, transposed: block (i, j) becomes block (j, i). A reduce-scatter within
/// groups of `rows` ranks and then across them leaves (position, group) at rank (group, position); dealt, every rank
/// ends with the block of its own number.
template <schedule S>
class dealt {
 public:
  constexpr dealt(S inner, block_t rows) : inner_{inner}, rows_{rows}, columns_{inner.blocks() / rows} {
    expects(rows >= 1 && rows * columns_ == inner.blocks(), "dealt: the rows must divide the blocks");
  }

  constexpr rank_t ranks() const { return inner_.ranks(); }
  constexpr block_t blocks() const { return inner_.blocks(); }
  constexpr round_t rounds() const { return inner_.rounds(); }
  constexpr rank_t extra_ranks() const { return colossus::extra_ranks(inner_); }
  constexpr rank_t root() const requires rooted_schedule<S> { return inner_.root(); }
  constexpr round_t pattern(round_t round) const { return pattern_of(inner_, round); }
  constexpr bool alike(round_t round, digit d) const { return colossus::alike(inner_, round, d); }
  constexpr step at(rank_t rank, round_t round) const { return inner_.at(rank, round); }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    colossus::touches(inner_, rank, gathered(block), visit);
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const {
    for_each_block(inner_, rank, round, which, [&](block_t block) { visit(block_range{spread(block), 1}); });
  }
  constexpr block_t position_in(rank_t rank, round_t round, side which, block_t block) const {
    return colossus::position_in(inner_, rank, round, which, gathered(block));
  }
  constexpr block_t block_in(rank_t rank, round_t round, side which, block_t position) const {
    const block_t block = colossus::block_in(inner_, rank, round, which, position);
    return block < 0 ? block : spread(block);
  }

  constexpr const S& inner() const { return inner_; }

 private:
  constexpr block_t spread(block_t inner) const { return inner % columns_ * rows_ + inner / columns_; }
  constexpr block_t gathered(block_t block) const { return block % rows_ * columns_ + block / rows_; }

  S inner_;
  block_t rows_, columns_;
};

}  // namespace colossus
