// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/draw.hpp>
#include <colossus/recorded_schedule.hpp>
#include <colossus/verify.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace colossus {
namespace {

TEST(recorded_schedule, is_what_was_recorded_for_every_algorithm) {
  for_each_type(algorithms::all{}, []<algorithm A>(std::type_identity<A>) {
    const problem p{.ranks = 8, .nodes = 4, .bytes = 1 << 20};
    const auto original = make<A>(p);
    const recording table = record(original);
    const recorded_schedule copy = table.schedule();
    EXPECT_EQ(copy.rounds(), original.rounds());
    EXPECT_TRUE(verify<typename A::collective>(copy))
        << A::name << ": " << verify<typename A::collective>(copy).message();
    std::ostringstream a, b;
    draw(original, a), draw(copy, b);
    EXPECT_EQ(a.str(), b.str());
  });
}

TEST(recording, takes_a_plan_message_by_message) {
  recording plan{{.ranks = 2, .blocks = 3, .root = 1}};
  plan.message(0, 0, 1, {{2, 1}, {0, 1}}, {{2, 1}, {0, 1}}, on_arrival::reduce_before);
  plan.message(1, 0, 1, {1, 1}, {1, 1}, on_arrival::reduce_before);
  EXPECT_TRUE(verify<collectives::reduce>(plan.schedule()));
  plan.message(2, 0, 1, {1, 1}, {1, 1}, on_arrival::reduce_before);
  EXPECT_STREQ(verify<collectives::reduce>(plan.schedule()).why, "reduces a contribution twice");
}

TEST(recording, refuses_what_no_schedule_can_be) {
  recording plan{{.ranks = 2, .blocks = 1}};
  plan.message(0, 0, 1, {0, 1}, {0, 1}, on_arrival::store);
  const auto refusal = [&](auto again) {
    try {
      again();
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), failure::input);
      return std::string{e.what()};
    }
    return std::string{"accepted"};
  };
  EXPECT_EQ(refusal([&] {
              plan.message(0, 0, 1, {0, 1}, {0, 1}, on_arrival::store);
            }),
            "recording: rank 0 sends twice in round 0: put the second message into another round");
  EXPECT_EQ(refusal([&] {
              plan.message(0, 2, 1, {0, 1}, {0, 1}, on_arrival::store);
            }),
            "recording: rank 2 sends in round 0, but there are 2 ranks and rounds count from 0");
  EXPECT_EQ(refusal([&] {
              plan.message(1, 0, 1, {0, 0}, {0, 1}, on_arrival::store);
            }),
            "recording: a run has at least one block");
}

TEST(draw, writes_a_line_for_each_round) {
  std::ostringstream out;
  draw(ring_all_reduce{2}, out);
  EXPECT_EQ(out.str(), "round 0   0>1 b0+   1>0 b1+\nround 1   0>1 b1   1>0 b0\n");
}

}  // namespace
}  // namespace colossus
