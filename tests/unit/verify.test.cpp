// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/verify.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

using collectives::all_reduce;

/// `S` with one step changed.
template <schedule S, class Change>
struct changed : S {
  rank_t where;
  round_t when;
  Change change;
  constexpr changed(S s, rank_t rank, round_t round, Change c) : S{s}, where{rank}, when{round}, change{c} {}
  constexpr step at(rank_t rank, round_t round) const {
    step s = S::at(rank, round);
    if (rank == where && round == when) change(s);
    return s;
  }
};

TEST(verdict, says_what_is_wrong_and_where) {
  EXPECT_EQ(verdict{}.message(), "proved");
  EXPECT_TRUE(verdict{});
  const verdict v = verify<all_reduce>(changed{ring_all_reduce{4}, 2, 1, [](step& s) { s.send.peer = 0; }});
  EXPECT_FALSE(v);
  EXPECT_EQ(v.message(), "rank 2, round 1: nobody receives this message");
  const verdict b =
      verify<all_reduce>(changed{ring_all_reduce{4}, 2, 1, [](step& s) { s.arrival = on_arrival::store; }});
  EXPECT_EQ(b.why, std::string_view{"ends with the wrong contributions"});
  EXPECT_EQ(b.round, -1);
  EXPECT_GE(b.block, 0);
}

TEST(verify, finds_every_single_wrong_arrival_exactly_and_by_fingerprints) {
  const ring_all_reduce ring{5};
  for (rank_t rank = 0; rank < 5; ++rank)
    for (round_t round = 0; round < ring.rounds(); ++round) {
      const changed wrong{ring, rank, round, [](step& s) {
                            s.arrival = reduces(s.arrival) ? on_arrival::store : on_arrival::reduce_before;
                          }};
      EXPECT_FALSE((verify<all_reduce>(wrong))) << rank << ' ' << round;
      EXPECT_FALSE((verify_full<all_reduce>(wrong))) << rank << ' ' << round;
    }
  EXPECT_TRUE((verify_full<all_reduce>(ring)));
}

TEST(verify, goes_to_fingerprints_above_63_ranks) {
  EXPECT_TRUE((verify<all_reduce>(ring_all_reduce{63})));
  EXPECT_TRUE((verify<all_reduce>(ring_all_reduce{64})));
  EXPECT_FALSE(
      (verify<all_reduce>(changed{ring_all_reduce{64}, 7, 99, [](step& s) { s.arrival = on_arrival::reduce_after; }})));
}

TEST(contributions, far_apart_do_not_belong_together) {
  exact_contributions sets;
  exact_contributions::cell own = sets.of({10, 1});
  EXPECT_EQ(exact_contributions::combine(own, sets.of({72, 1}), false), nullptr);
  EXPECT_EQ(own.lowest, 10);
  EXPECT_EQ(own.bits, 1u | 1ull << 62);
  EXPECT_STREQ(exact_contributions::combine(own, sets.of({9, 1}), false),
               "reduces contributions that do not belong together");
}

/// Right below 65,536 rounds and wrong above: what only a proof at scale can see.
struct narrow_ring : ring_all_reduce {
  using ring_all_reduce::ring_all_reduce;
  constexpr step at(rank_t rank, round_t round) const {
    step s = ring_all_reduce::at(rank, round);
    if (static_cast<std::uint16_t>(round) == 0 && round > 0) s.arrival = on_arrival::store;
    return s;
  }
};

TEST(verify_sampled, sees_what_is_wrong_only_at_scale) {
  EXPECT_TRUE((verify_sampled<all_reduce>(narrow_ring{1000})));
  const verdict v = verify_sampled<all_reduce>(narrow_ring{100'352});
  EXPECT_EQ(v.message().substr(0, 5), "rank ");
  EXPECT_STREQ(v.why, "ends with the wrong contributions");
}

TEST(verify_sampled, names_the_message_without_partner) {
  const auto slip = [](step& s) { s.send.peer ^= 1; };
  const double_tree_up tree{100'352, 2};
  for (round_t round = 0; round < tree.rounds(); ++round)
    if (tree.at(77'777, round).send) {
      const changed wrong{tree, 77'777, round, slip};
      const verdict v = verify_sampled<collectives::reduce>(wrong, {.blocks = 10});
      EXPECT_FALSE(v);
      EXPECT_EQ(v.round, round);
      EXPECT_NE(v.message().find("s this message"), std::string::npos) << v.message();
    }
}

struct forgetful : ring_all_reduce {
  using ring_all_reduce::ring_all_reduce;
  template <class Visit>
  void touches(rank_t rank, block_t block, Visit&& visit) const {
    ring_all_reduce::touches(rank, block, [&](round_t round) {
      if (round != 3) visit(round);
    });
  }
};
struct beyond : ring_all_reduce {
  using ring_all_reduce::ring_all_reduce;
  template <class Visit>
  void touches(rank_t, block_t, Visit&& visit) const {
    visit(rounds());
  }
};

TEST(verify_touches, finds_what_is_left_out_or_beyond) {
  const verdict v = verify_touches(forgetful{4});
  EXPECT_STREQ(v.why, "touches leaves out this round");
  EXPECT_EQ(v.round, 3);
  EXPECT_FALSE(verify_touches_sampled(forgetful{4}, 100, 1));
  EXPECT_STREQ(verify_touches(beyond{4}).why, "touches visits a round that does not exist");
}

TEST(verify_pattern, is_checked_on_samples) {
  struct wrong : double_tree_up {
    using double_tree_up::double_tree_up;
    round_t pattern(round_t round) const { return 40 + round % 3; }
  };
  EXPECT_TRUE((verify_sampled<collectives::reduce>(double_tree_up{100'352, 128})));
  EXPECT_FALSE((verify_sampled<collectives::reduce>(wrong{100'352, 128})));
}

TEST(make, refuses_what_an_algorithm_does_not_serve) {
  EXPECT_THROW(make<algorithms::pairwise_all_to_all>({.ranks = 6}), error);
  EXPECT_THROW(make<algorithms::hierarchical_reduce_scatter>({.ranks = 7, .nodes = 2}), error);
  EXPECT_THROW(make<algorithms::ring>({.ranks = 0}), error);
  EXPECT_THROW(make<algorithms::binomial_reduce>({.ranks = 4, .root = 4}), error);
}

}  // namespace
}  // namespace colossus
