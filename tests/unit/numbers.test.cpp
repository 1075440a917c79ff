// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/numbers.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace colossus::bench {
namespace {

TEST(numbers, are_the_shortest_that_read_back) {
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(to_text(1e300), "1e+300");
  EXPECT_EQ(to_text(std::numeric_limits<double>::infinity()), "");
  EXPECT_EQ(to_text(std::numeric_limits<double>::quiet_NaN()), "");
  EXPECT_EQ(to_number<double>(to_text(1.0 / 3)), 1.0 / 3);
  EXPECT_EQ(to_number<double>("1.5x"), std::nullopt);
  EXPECT_EQ(to_number<int>(""), std::nullopt);
}

TEST(numbers, sizes_are_powers_of_1024) {
  EXPECT_EQ(to_bytes("0"), 0);
  EXPECT_EQ(to_bytes("8"), 8);
  EXPECT_EQ(to_bytes("8B"), 8);
  EXPECT_EQ(to_bytes("1K"), 1024);
  EXPECT_EQ(to_bytes("128M"), 128 << 20);
  EXPECT_EQ(to_bytes("128MB"), 128 << 20);
  EXPECT_EQ(to_bytes("16GiB"), std::int64_t{16} << 30);
  EXPECT_EQ(to_bytes("16g"), std::int64_t{16} << 30);
  EXPECT_EQ(to_bytes("1.5G"), std::int64_t{3} << 29);
  EXPECT_EQ(to_bytes("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
}

TEST(numbers, sizes_that_overflow_or_are_none_are_refused) {
  for (const auto* text : {"", "M", "-8", "1x", "1MM", "1e3", "1..5", "9223372036854775808", "8388608T", "8388608.5T",
                           "99999999999G", " 8"})
    EXPECT_EQ(to_bytes(text), std::nullopt) << text;
}

TEST(numbers, sizes_for_people) {
  EXPECT_EQ(bytes_for_people(8), "8 B");
  EXPECT_EQ(bytes_for_people(1 << 20), "1 MiB");
  EXPECT_EQ(bytes_for_people(std::int64_t{3} << 29), "1.5 GiB");
}

}  // namespace
}  // namespace colossus::bench
