// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/calls.hpp>
#include <colossus/transports/threads.hpp>

#include <gtest/gtest.h>

#include <array>

namespace {

using namespace colossus;
using namespace std::chrono_literals;
using transports::on_every_rank;
using transports::threads;

/// What a call throws.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const std::exception& thrown) {
    return thrown.what();
  }
  return "nothing was thrown";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

void reduce_on(threads& comm, std::size_t count = 100) {
  std::vector<float> data(count, 1.0f);
  all_reduce<algorithms::ring>(comm, data, data);
}

TEST(threads, a_wait_ends_at_the_deadline_and_names_rank_peer_round_and_lane) {
  threads::world world{4, {.deadline = 100ms}};
  const std::string what = error_of([&] {
    on_every_rank(world, [](threads& comm) {
      reduce_on(comm);
      if (comm.rank() != 2) reduce_on(comm);  // rank 2 has left
    });
  });
  EXPECT_TRUE(contains(what, " waited 100 ms for rank ")) << what;
  EXPECT_TRUE(contains(what, "in round ") && contains(what, " of 6, lane 0")) << what;
  EXPECT_NE(world.culprit(), 2);
  EXPECT_NE(world.culprit(), nobody);
}

TEST(threads, the_neighbours_of_a_rank_that_left_name_it) {
  threads::world world{3, {.deadline = 100ms}};
  std::string what;
  std::thread alone{[&] {
    threads comm{world, 1};
    what = error_of([&] { reduce_on(comm); });
  }};
  alone.join();
  EXPECT_TRUE(contains(what, "rank 1 waited 100 ms for rank 0 to send and rank 2 to receive in round 0 of 4, lane 0"))
      << what;
  EXPECT_EQ(world.culprit(), 1) << "the others hear of it even where the error is caught";
}

TEST(threads, others_stop_when_a_rank_throws_and_name_it) {
  threads::world world{4};
  std::string others;
  const std::string what = error_of([&] {
    on_every_rank(world, [&](threads& comm) {
      if (comm.rank() == 2) throw std::runtime_error{"out of luck"};
      const std::string seen = error_of([&] { reduce_on(comm); });
      if (comm.rank() == 3) others = seen;
    });
  });
  EXPECT_EQ(what, "out of luck");
  EXPECT_TRUE(contains(others, "rank 3 stops because rank 2 failed: ")) << others;
  EXPECT_EQ(world.culprit(), 2);
}

TEST(threads, a_wait_under_way_ends_when_another_rank_fails) {
  threads::world world{2};
  threads comm{world, 0};
  std::array<std::byte, 8> out{}, in{};
  auto pending = comm.start(0, 1, out, 1, in);
  EXPECT_FALSE(comm.test(pending));
  world.fail(1, "too late");
  EXPECT_EQ(error_of([&] { comm.test(pending); }), "rank 0 stops because rank 1 failed: too late");
  comm.cancel(pending);
}

TEST(threads, what_is_revoked_is_not_received) {
  threads::world world{2};
  threads first{world, 0}, second{world, 1};
  std::array<std::byte, 8> out{}, in{};
  auto sent = first.start(0, 1, out, nobody, {});
  auto awaited = second.start(0, nobody, {}, 0, in);
  first.cancel(sent);
  EXPECT_FALSE(second.test(awaited));
}

TEST(threads, a_broken_world_stays_broken) {
  threads::world world{2};
  world.fail(1, "first");
  world.fail(0, "second");
  threads comm{world, 0};
  EXPECT_EQ(error_of([&] { reduce_on(comm); }), "rank 0 stops because rank 1 failed: first");
}

TEST(threads, different_counts_are_an_error_and_no_wrong_data) {
  threads::world world{4};
  const std::string what = error_of([&] {
    on_every_rank(world, [](threads& comm) { reduce_on(comm, static_cast<std::size_t>(100 * (comm.rank() + 1))); });
  });
  EXPECT_TRUE(contains(what, "all ranks must call the same collective")) << what;
}

TEST(threads, an_operation_that_throws_ends_the_call_everywhere) {
  threads::world world{3};
  const auto fails = [](float, float) -> float { throw std::runtime_error{"no such sum"}; };
  const std::string what = error_of([&] {
    on_every_rank(world, [&](threads& comm) {
      std::vector<float> data(9);
      all_reduce(comm, data, data, fails);
    });
  });
  EXPECT_EQ(what, "no such sum");
}

TEST(threads, ranks_are_checked) {
  EXPECT_THROW((threads::world{0}), error);
  threads::world world{2};
  EXPECT_THROW((threads{world, 2}), error);
  EXPECT_THROW((threads{world, -1}), error);
}

TEST(threads, a_smaller_number_of_spins_with_more_ranks_than_cores) {
  const auto cores = static_cast<rank_t>(std::thread::hardware_concurrency());
  threads::world few{1}, many{cores + 1};
  EXPECT_GT((threads{few, 0}.waits().spins), (threads{many, 0}.waits().spins));
}

}  // namespace
