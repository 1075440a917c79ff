// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/verify.hpp>

#include <gtest/gtest.h>

#include <set>

namespace colossus {
namespace {

using collectives::all_gather, collectives::all_reduce, collectives::reduce_scatter;

template <class F>
std::string refusal(F make) {
  try {
    make();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), failure::usage);
    return e.what();
  }
  return "accepted";
}

TEST(adaptors, refuse_parts_that_do_not_fit) {
  EXPECT_EQ(refusal([] {
              then{ring_scatter{4}, ring_scatter{5}};
            }),
            "then: both parts must have the same number of ranks");
  EXPECT_EQ(refusal([] {
              then{ring_scatter{4}, reversed{double_tree_up{4, 3}}};
            }),
            "then: both parts must have the same number of blocks");
  EXPECT_EQ(refusal([] {
              within_groups{ring_scatter{3}, ring_scatter{4}, split{8, 2}, 4, 1};
            }),
            "within_groups: the schedules must have as many ranks as the smaller and the larger groups");
  EXPECT_EQ(refusal([] {
              across_groups{ring_all_reduce{3}, split{8, 2}, 4};
            }),
            "across_groups: the schedule must have as many ranks as there are groups");
  EXPECT_EQ(refusal([] { lanes{ring_all_reduce{6}, 2, 0, 4}; }), "lanes: the rotation must divide the ranks");
  EXPECT_EQ(refusal([] {
              lanes{ring_all_reduce{1 << 20}, 1 << 12};
            }),
            "lanes: more blocks than a block number can count");
  EXPECT_EQ(refusal([] {
              lanes{ring_all_reduce{4}, 0};
            }),
            "lanes: at least one lane, stagger and rotation not negative");
  EXPECT_EQ(refusal([] {
              owned_lanes(double_tree_up{4, 8}, 2);
            }),
            "lanes: owned blocks need a schedule with one block a rank, in messages of one block");
  EXPECT_EQ(refusal([] {
              folded{halving_scatter{4}, 5};
            }),
            "folded: at most one guest for each rank of the inner schedule");
  EXPECT_EQ(refusal([] {
              folded_scatter(double_tree_up{4, 8}, 1);
            }),
            "folded: owned blocks need a schedule with one block a rank");
  EXPECT_EQ(refusal([] { rooted{ring_all_reduce{4}, 4}; }), "rooted: the root is one of the ranks");
  EXPECT_EQ(refusal([] { dealt{ring_scatter{4}, 3}; }), "dealt: the rows must divide the blocks");
  EXPECT_EQ(refusal([] { repeated{ring_scatter{4}, 0}; }), "repeated: at least one time");
  EXPECT_EQ(refusal([] { halving_scatter{6}; }),
            "halving: the number of ranks must be a power of two (fold the others)");
}

TEST(split, deals_in_order_in_sizes_that_differ_by_one) {
  for (std::int64_t count = 1; count < 40; ++count)
    for (rank_t parts = 1; parts < 45; ++parts) {
      const split s{count, parts};
      std::int64_t thing = 0;
      for (rank_t part = 0; part < parts; ++part) {
        EXPECT_TRUE(s.size(part) == count / parts || s.size(part) == (count + parts - 1) / parts);
        for (; thing < s.first(part + 1); ++thing) EXPECT_EQ(s.part_of(thing), part);
      }
      EXPECT_EQ(thing, count);
    }
}

/// Two levels around any inner reduce-scatter and any all-reduce across, with any number of pieces.
template <class Inner, class Outer>
void prove_groups(Inner inner, Outer outer) {
  for (rank_t ranks = 1; ranks <= 12; ++ranks)
    for (rank_t parts = 1; parts <= ranks; ++parts)
      for (const block_t shares : {1, 2, 3, 5, 7}) {
        const split groups{ranks, parts};
        const auto across = across_groups{outer(parts), groups, shares};
        const auto inside =
            within_groups{inner(groups.smallest()), inner(groups.largest()), groups, shares, across.inner().blocks()};
        const auto whole = then{then{inside, across}, reversed{inside}};
        const verdict v = verify<all_reduce>(whole);
        EXPECT_TRUE(v) << ranks << " in " << parts << ", " << shares << " shares: " << v.message();
        EXPECT_TRUE(verify_touches(whole)) << verify_touches(whole).message();
      }
}

TEST(groups, serve_sizes_that_differ_by_one_around_any_schedule) {
  prove_groups([](rank_t p) { return ring_scatter{p}; }, [](rank_t p) { return ring_all_reduce{p}; });
  prove_groups([](rank_t p) { return direct_scatter{p}; }, [](rank_t p) { return double_tree_all_reduce(p, 3); });
  prove_groups([](rank_t p) { return halving_scatter_any(p); },
               [](rank_t p) { return algorithms::halving_doubling::one_lane({.ranks = p}); });
}

TEST(groups, cost_nothing_more_where_they_are_equal) {
  const across_groups across{ring_all_reduce{3}, split{12, 3}, 4};
  EXPECT_EQ(across.rounds(), ring_all_reduce{3}.rounds());
  EXPECT_EQ(across.blocks(), 4 * 3);
  for (rank_t rank = 0; rank < 12; ++rank)
    for (round_t round = 0; round < across.rounds(); ++round) {
      const step inner = ring_all_reduce{3}.at(rank / 4, round), outer = across.at(rank, round);
      EXPECT_EQ(outer.send.peer, inner.send.peer * 4 + rank % 4);
      EXPECT_EQ(outer.send.blocks.first, rank % 4 * 3 + inner.send.blocks.first);
    }
  EXPECT_EQ((within_groups{ring_scatter{4}, 3, 5}.pattern(2)), 0);
}

TEST(groups, of_two_sizes_share_a_pattern_where_their_pieces_are_equal) {
  const within_groups uneven{ring_scatter{2}, ring_scatter{3}, split{5, 2}, 6, 1};  // 3 pieces a rank, or 2
  EXPECT_EQ(uneven.pattern(1), 0);
  EXPECT_TRUE(verify_patterns(uneven));
  const within_groups odd{ring_scatter{2}, ring_scatter{3}, split{5, 2}, 2, 1};  // one of three has no piece
  EXPECT_EQ(odd.pattern(1), 1);
}

TEST(lanes, interleave_their_lanes) {
  const lanes s{double_tree_all_reduce(8, 4), 3, 2, 4};
  for (rank_t rank = 0; rank < 8; ++rank)
    for (round_t round = 0; round < s.rounds(); ++round) {
      const auto lane = static_cast<int>(round % 3);
      const round_t own = round / 3 - lane * 2;
      EXPECT_EQ(s.at(rank, round), own < 0 || own >= s.inner().rounds() ? step{} : s.lane(lane).at(rank, own));
    }
}

TEST(lanes, leave_a_node_by_different_nics) {
  const auto ring = make<algorithms::ring>({.ranks = 24, .nodes = 3});
  ASSERT_EQ(ring.lane_count(), 8);
  std::set<rank_t> out, in;
  for (int lane = 0; lane < 8; ++lane)
    for (rank_t rank = 0; rank < 8; ++rank) {
      const step s = ring.lane(lane).at(rank, 0);
      if (s.send.peer >= 8) out.insert(rank);
      if (s.recv.peer >= 8) in.insert(rank);
    }
  EXPECT_EQ(out.size(), 8u);
  EXPECT_EQ(in.size(), 8u);
}

TEST(lanes, keep_the_root_where_it_is) {
  const auto s = make<algorithms::double_tree_reduce>({.ranks = 24, .nodes = 3, .root = 13, .bytes = 4 << 20});
  EXPECT_EQ(s.root(), 13);
  for (int lane = 0; lane < s.lane_count(); ++lane) {
    EXPECT_EQ(s.lane(lane).role(13), 13);
    for (rank_t rank = 0; rank < 24; ++rank) EXPECT_EQ(s.lane(lane).actor(s.lane(lane).role(rank)), rank);
    for (round_t round = 0; round < s.inner().rounds(); ++round) EXPECT_FALSE(s.lane(lane).at(13, round).send);
  }
}

TEST(folded, serves_every_number_of_guests) {
  for (const rank_t power : {1, 2, 4, 8})
    for (rank_t extra = 0; extra <= power; ++extra) {
      const auto scatter = folded_scatter(halving_scatter{power}, extra);
      EXPECT_TRUE(verify<reduce_scatter>(scatter)) << power << '+' << extra;
      EXPECT_TRUE(verify<all_gather>(reversed{scatter})) << power << '+' << extra;
      EXPECT_TRUE(verify<all_reduce>(folded{ring_all_reduce{power}, extra})) << power << '+' << extra;
      EXPECT_TRUE(verify_touches(scatter));
    }
}

/// A ring of 16 nodes and back waits for 30 latencies, where little data is better off with a tree of all nodes.
TEST(hierarchical, skips_the_level_of_pods_where_data_is_little) {
  const auto rounds = [](problem p, std::int64_t bytes) {
    p.bytes = bytes;
    const auto s = make<algorithms::hierarchical<>>(p);
    EXPECT_TRUE(verify<all_reduce>(s)) << p.ranks << " on " << p.nodes << " in " << p.pods << ", " << bytes << " B";
    return s.rounds();
  };
  constexpr std::int64_t little = 8;
  for (const problem& p :
       {problem{.ranks = 128, .nodes = 64, .pods = 4}, problem{.ranks = 100, .nodes = 50, .pods = 3}}) {
    const split nodes = p.node_split(), pods = p.pod_split();
    const std::int64_t enough = (std::int64_t{16} << 10) * nodes.largest() * pods.largest();
    const problem flat{.ranks = p.ranks, .nodes = p.nodes};
    EXPECT_EQ(rounds(p, little), rounds(flat, little));
    EXPECT_EQ(rounds(p, enough - 1), rounds(flat, enough - 1));
    EXPECT_NE(rounds(p, enough), rounds(flat, enough));
    EXPECT_LT(rounds(p, little), rounds(p, enough));
  }
  const problem few{.ranks = 64, .nodes = 32, .pods = 8};  // a ring of 4 nodes is no longer than a tree
  EXPECT_NE(rounds(few, little), rounds({.ranks = 64, .nodes = 32}, little));
}

TEST(dealt, says_positions_by_formula_as_by_looking) {
  const auto s = reversed{make<algorithms::hierarchical_reduce_scatter>({.ranks = 24, .nodes = 12, .pods = 3})};
  for (rank_t rank = 0; rank < 24; ++rank)
    for (round_t round = 0; round < s.rounds(); ++round)
      for (const side which : {side::send, side::recv}) {
        block_t position = 0;
        std::set<block_t> inside;
        for_each_block(s, rank, round, which, [&](block_t block) {
          EXPECT_EQ(block_in(s, rank, round, which, position), block);
          EXPECT_EQ(position_in(s, rank, round, which, block), position++);
          inside.insert(block);
        });
        for (block_t block = 0; block < 24; ++block)
          EXPECT_EQ(position_in(s, rank, round, which, block) >= 0, inside.count(block) == 1);
      }
}

TEST(switches, pass_through_the_adaptors) {
  struct star {  // rank 0 to a switch, and back
    constexpr rank_t ranks() const { return 2; }
    constexpr rank_t extra_ranks() const { return 1; }
    constexpr block_t blocks() const { return 1; }
    constexpr round_t rounds() const { return 2; }
    constexpr step at(rank_t rank, round_t round) const {
      if (rank == 1) return {};
      const transfer all{rank == 0 ? 2 : 0, {0, 1}};
      return (rank == 0) == (round == 0) ? step{.send = all} : step{.recv = all};
    }
  };
  EXPECT_EQ(extra_ranks(then{reversed{star{}}, star{}}), 1);
  const lanes s{repeated{star{}, 2}, 2, 1, 2};
  EXPECT_EQ(extra_ranks(s), 1);
  EXPECT_EQ(s.lane(1).at(1, 0).send.peer, 2);  // rotated by one, the switch stays
  EXPECT_THROW((within_groups{star{}, 2, 1}), error);
  EXPECT_THROW((then{star{}, reversed{double_tree_up{2, 1}}}), error);
}

}  // namespace
}  // namespace colossus
