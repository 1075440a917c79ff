// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives/reduce.hpp>
#include <colossus/compose/lanes.hpp>
#include <colossus/compose/rooted.hpp>

#include <algorithm>
#include <bit>

namespace colossus {

/// Two-tree reduce to rank 0 (Sanders, Speck, Traeff 2009): even blocks climb one binary tree over ranks 1..P-1, odd
/// blocks its mirror image. A rank is inner in at most one of them, so both trees fill every round.
///
///   n = P - 1 = 6, even blocks   4        odd blocks   3          An edge into position p carries block b in the
///                              2   6                  5   1        same round of the (reversed) broadcast:
///                             1 3 5                    6 4 2             round = b + start(p)
class double_tree_up {
 public:
  constexpr double_tree_up(rank_t ranks, block_t chunks) : nodes_{ranks - 1}, chunks_{chunks} {
    expects(ranks >= 1 && chunks >= 1, "double tree: at least one rank and one chunk");
  }

  constexpr rank_t ranks() const { return nodes_ + 1; }
  constexpr block_t blocks() const { return chunks_; }
  constexpr round_t rounds() const { return nodes_ == 0 ? 0 : chunks_ + fill(); }

  /// In the steady state every edge of a tree is busy, the even tree's in one round and the odd one's in the next.
  constexpr round_t pattern(round_t round) const {
    return chunks_ < fill() + 2 ? round : fill() + round % 2;  // a short pipeline is never full
  }

  constexpr step at(rank_t rank, round_t round) const {
    const round_t down = rounds() - 1 - round;  // written as a broadcast, read backwards
    step s{.arrival = on_arrival::reduce_before};
    for (const int tree : {0, 1}) {
      const rank_t position = rank == 0 ? 0 : place(rank, tree);
      if (rank > 0 && carries(position, tree, down)) s.send = hop(parent(position), position, tree, down);
      for (const rank_t child : {left(position), right(position)})
        if (child > 0 && carries(child, tree, down)) s.recv = hop(child, child, tree, down);
    }
    return s;
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    const rank_t position = rank == 0 ? 0 : place(rank, block % 2);
    for (const rank_t p : {position, left(position), right(position)})
      if (p > 0) visit(rounds() - 1 - block - start(p));
  }

  template <class Visit>
  constexpr void sends(rank_t rank, block_t block, Visit&& visit) const {
    if (rank == 0) return;
    const rank_t position = place(rank, block % 2), up = parent(position);
    visit(rounds() - 1 - block - start(position), up == 0 ? 0 : place(up, block % 2));
  }
  template <class Visit>
  constexpr void receives(rank_t rank, block_t block, Visit&& visit) const {
    const rank_t position = rank == 0 ? 0 : place(rank, block % 2);
    for (const rank_t child : {left(position), right(position)})
      if (child > 0) visit(rounds() - 1 - block - start(child), place(child, block % 2));
  }

  constexpr block_t chunks() const { return chunks_; }
  constexpr round_t period() const { return 2; }
  constexpr double_tree_up with_chunks(block_t chunks) const { return {ranks(), chunks}; }

 private:
  constexpr rank_t top() const { return static_cast<rank_t>(std::bit_floor(static_cast<std::uint32_t>(nodes_))); }
  constexpr round_t fill() const { return 2 * std::countr_zero(static_cast<std::uint32_t>(top())); }

  /// In-order position of a rank in a tree, and back: the second tree is the mirror of the first (an odd last one
  /// stays).
  constexpr rank_t place(rank_t r, int tree) const { return tree == 0 || r > even() ? r : even() + 1 - r; }
  constexpr rank_t even() const { return nodes_ & ~1; }

  constexpr rank_t parent(rank_t p) const {  // 0 is the root rank, above the top of both trees
    const rank_t bit = p & -p;
    if (p == top()) return 0;
    return (p & 2 * bit) != 0 || p + bit > nodes_ ? p - bit : p + bit;
  }
  constexpr rank_t left(rank_t p) const { return p == 0 ? (nodes_ ? top() : 0) : p & 1 ? 0 : p - (p & -p) / 2; }
  constexpr rank_t right(rank_t p) const {
    if (p == 0 || p & 1 || p == nodes_) return 0;
    const auto room = std::bit_floor(static_cast<std::uint32_t>(nodes_ - p));
    return p + std::min<rank_t>((p & -p) / 2, static_cast<rank_t>(room));
  }

  /// Rounds from the root until the first block enters `position`: each hop takes one, or two where it has the colour
  /// of the hop above (colour = parity). A leaf has the colour of its mirror image, which is inner; an odd last leaf
  /// the colour that its sibling leaves free.
  constexpr round_t start(rank_t position) const {
    if (position % 2 == 0) return start_of_inner(position);
    const rank_t up = parent(position);
    if (up == 0) return 0;
    const round_t above = start_of_inner(up);
    if (position > even()) return 2 * above + 3 - start(left(even()));
    return above + 1 + (start_of_inner(even() + 1 - position) % 2 == above % 2);
  }
  /// The same for an even position, from its bits: a set bit above the lowest is a turn right, a clear one below the
  /// highest bit in which it differs from the last position is a turn left. One kind of turn takes two rounds.
  constexpr round_t start_of_inner(rank_t position) const {
    const auto bits = static_cast<std::uint32_t>(position), lowest = bits & -bits;
    const std::uint32_t below = (1u << std::bit_width(bits ^ static_cast<std::uint32_t>(nodes_))) - 1;
    const int rights = ones(bits) - 1;
    const int lefts = ones(~bits & below & ~(2 * lowest - 1));
    return rights + lefts + (nodes_ / 2 % 2 == 1 ? lefts : rights);
  }
  /// std::popcount is a function call on a plain x86-64.
  static constexpr int ones(std::uint32_t bits) {
    bits -= bits >> 1 & 0x55555555u;
    bits = (bits & 0x33333333u) + (bits >> 2 & 0x33333333u);
    return static_cast<int>(((bits + (bits >> 4)) & 0x0f0f0f0fu) * 0x01010101u >> 24);
  }
  constexpr bool carries(rank_t position, int tree, round_t down) const {
    const round_t block = down - start(position);
    return block >= 0 && block < chunks_ && block % 2 == tree;
  }
  constexpr transfer hop(rank_t to, rank_t edge, int tree, round_t down) const {
    return {to == 0 ? 0 : place(to, tree), {static_cast<block_t>(down - start(edge)), 1}};
  }

  rank_t nodes_;
  block_t chunks_;
};

static_assert(repeating_schedule<double_tree_up> && pipelined_schedule<double_tree_up>);

}  // namespace colossus

namespace colossus::algorithms {

struct double_tree_reduce {
  using collective = collectives::reduce;
  static constexpr std::string_view name = "double_tree";
  static constexpr auto schedule(const problem& p) {
    const auto [lanes_wanted, chunks] = p.pipeline();
    return lanes{rooted{double_tree_up{p.ranks, chunks}, p.root}, lanes_wanted, 0, p.rotation()};
  }
};

}  // namespace colossus::algorithms
