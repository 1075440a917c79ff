// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/moving_place.hpp>

#include <gtest/gtest.h>

#include <set>

namespace colossus::bench {
namespace {

constexpr std::int64_t cache = 1 << 20, largest = 3 << 20;

TEST(moving_place, is_another_one_each_time_aligned_and_within_the_memory) {
  const std::int64_t room = moving_place::bytes_for(largest, cache);
  for (const std::int64_t bytes : {std::int64_t{0}, std::int64_t{8}, std::int64_t{1000}, cache, largest}) {
    moving_place at;
    for (int i = 0; i < 10'000; ++i) {
      const std::int64_t before = at.offset();
      at.move_on(bytes, room);
      ASSERT_NE(at.offset(), before) << bytes;
      ASSERT_EQ(at.offset() % moving_place::alignment, 0);
      ASSERT_LE(at.offset() + bytes, room);
    }
  }
}

TEST(moving_place, comes_back_after_more_than_the_cache) {
  for (const std::int64_t bytes : {std::int64_t{1024}, std::int64_t{100'000}}) {
    const std::int64_t room = moving_place::bytes_for(bytes, cache);
    moving_place at;
    std::set<std::int64_t> seen;
    while (at.move_on(bytes, room), seen.insert(at.offset()).second) {}
    EXPECT_GT(static_cast<std::int64_t>(seen.size()) * bytes, cache) << bytes;
  }
}

TEST(moving_place, stays_where_there_is_no_other) {
  moving_place at;
  at.move_on(100, 400);
  EXPECT_EQ(at.offset(), 0);
}

}  // namespace
}  // namespace colossus::bench
