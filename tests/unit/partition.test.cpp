// SPDX-License-Identifier: Apache-2.0
#include <colossus/partition.hpp>

#include <gtest/gtest.h>

namespace {

using namespace colossus;

/// The sizes of all blocks, which must lie one behind the other and fill the memory.
std::vector<std::int64_t> sizes(const partition& parts) {
  std::vector<std::int64_t> all;
  std::int64_t end = 0;
  for (block_t block = 0; block < parts.blocks(); ++block) {
    const element_range range = parts.elements({block, 1});
    EXPECT_EQ(range.first, end);
    end = range.first + range.count;
    all.push_back(range.count);
  }
  EXPECT_EQ(end, parts.total());
  return all;
}

using list = std::vector<std::int64_t>;

TEST(partition, deals_as_evenly_as_can_be) {
  EXPECT_EQ(sizes({12, 4}), (list{3, 3, 3, 3}));
  EXPECT_EQ(sizes({14, 4}), (list{4, 4, 3, 3}));
  EXPECT_EQ(sizes({2, 4}), (list{1, 1, 0, 0}));
  EXPECT_EQ(sizes({0, 4}), (list{0, 0, 0, 0}));
}

TEST(partition, groups_are_dealt_alike) {
  EXPECT_EQ(sizes({5, 6, 3}), (list{3, 2, 3, 2, 3, 2}));
  EXPECT_EQ(sizes({1, 6, 3}), (list{1, 0, 1, 0, 1, 0}));
  EXPECT_EQ(sizes({7, 3, 3}), (list{7, 7, 7}));
}

TEST(partition, consecutive_blocks_are_one_range) {
  constexpr partition parts{14, 4};
  static_assert(parts.elements({1, 2}) == element_range{4, 7});
  static_assert(parts.elements({0, 4}) == element_range{0, 14});
  static_assert(parts.elements({4, 0}) == element_range{14, 0});
  static_assert(partition{5, 6, 3}.elements({1, 2}) == element_range{3, 5}, "across the border of two groups");
}

TEST(partition, counts_beyond_32_bits) {
  constexpr partition parts{(std::int64_t{1} << 40) + 1, 200'704};
  static_assert(parts.elements({200'703, 1}).first + parts.elements({200'703, 1}).count == parts.count());
  static_assert(partition{std::int64_t{1} << 33, 16, 16}.elements({15, 1}).first == 15 * (std::int64_t{1} << 33));
}

TEST(partition, refuses_what_does_not_divide) {
  EXPECT_THROW((partition{-1, 4}), error);
  EXPECT_THROW((partition{8, 0}), error);
  EXPECT_THROW((partition{8, 4, 3}), error);
}

}  // namespace
