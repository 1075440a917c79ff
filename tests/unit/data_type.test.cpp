// SPDX-License-Identifier: Apache-2.0
#include <colossus/data_type.hpp>
#include <colossus/reduce_op.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace {

using namespace colossus;

static_assert(sizeof(float16) == 2 && sizeof(bfloat16) == 2 && std::is_trivially_copyable_v<float16>);
static_assert(float16{1.5f}.bits() == 0x3e00 && bfloat16{1.5f}.bits() == 0x3fc0);
static_assert(float16{65504.0f}.bits() == 0x7bff && float16{65520.0f}.bits() == 0x7c00,
              "rounds up to infinity from half way");
static_assert(float16{0x1p-24f}.bits() == 1 && float16{0x1p-25f}.bits() == 0 && float16{0x1.8p-25f}.bits() == 1,
              "subnormals; ties to even");
static_assert(sum{}(float16{2048.0f}, float16{1.0f}) == float16{2048.0f} &&
              sum{}(float16{2048.0f}, float16{3.0f}) == float16{2052.0f});
static_assert(prod{}(bfloat16{3.0f}, bfloat16{-2.0f}) == bfloat16{-6.0f});

/// The nearest number with `digits` stored digits and normal exponents from `lowest`, ties to even, by another way.
double nearest(double value, int digits, int lowest) {
  int exponent = 0;
  std::frexp(value, &exponent);
  const int last = std::max(exponent - 1, lowest) - digits;
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(value, -last)), last);
  const double largest = std::ldexp(2 - std::ldexp(1.0, -digits), 1 - lowest);
  return std::abs(rounded) > largest ? std::copysign(INFINITY, rounded) : rounded;
}

template <class Small>
void rounds_to_nearest_even(int digits, int lowest) {
  std::mt19937 random{1};
  for (int i = 0; i < 1'000'000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(static_cast<double>(float{Small{value}}), nearest(static_cast<double>(value), digits, lowest))
        << std::hexfloat << value;
  }
}

template <class Small>
void survives_the_way_through_float() {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const Small value = Small::from_bits(static_cast<std::uint16_t>(bits));
    if (std::isnan(float{value})) ASSERT_TRUE(std::isnan(float{Small{float{value}}}));
    else ASSERT_EQ(Small{float{value}}.bits(), bits);
  }
}

/// Half way between neighbours, subnormal ones too.
template <class Small>
void breaks_ties_to_even(int digits, int lowest) {
  for (std::uint32_t bits = 0; std::isfinite(float{Small::from_bits(static_cast<std::uint16_t>(bits + 1))}); ++bits) {
    const float low{Small::from_bits(static_cast<std::uint16_t>(bits))},
        high{Small::from_bits(static_cast<std::uint16_t>(bits + 1))};
    const float middle = low + (high - low) / 2;
    ASSERT_EQ(static_cast<double>(float{Small{middle}}), nearest(static_cast<double>(middle), digits, lowest)) << bits;
  }
}

TEST(data_type, half_rounds_to_nearest_even) {
  rounds_to_nearest_even<float16>(10, -14);
  breaks_ties_to_even<float16>(10, -14);
  survives_the_way_through_float<float16>();
}

TEST(data_type, bfloat16_rounds_to_nearest_even) {
  rounds_to_nearest_even<bfloat16>(7, -126);
  breaks_ties_to_even<bfloat16>(7, -126);
  survives_the_way_through_float<bfloat16>();
}

TEST(data_type, limits_of_the_small_types) {
  EXPECT_EQ(float{std::numeric_limits<float16>::max()}, 65504.0f);
  EXPECT_EQ(float{std::numeric_limits<float16>::epsilon()}, 0x1p-10f);
  EXPECT_EQ(float{std::numeric_limits<float16>::min()}, 0x1p-14f);
  EXPECT_EQ(float{std::numeric_limits<bfloat16>::epsilon()}, 0x1p-7f);
  EXPECT_TRUE(std::isinf(float{std::numeric_limits<bfloat16>::infinity()}));
  EXPECT_TRUE(std::isnan(float{std::numeric_limits<float16>::quiet_NaN()}));
}

std::string type_called(std::string_view name) {
  std::string found;
  with_data_type(name, [&]<class T>(std::type_identity<T>) {
    found = std::string{data_type<T>::name} + " " + std::to_string(sizeof(T));
  });
  return found;
}

TEST(data_type, names_and_aliases_are_nccl_tests_own) {
  EXPECT_EQ(type_called("float"), "float 4");
  EXPECT_EQ(type_called("float32"), "float 4");
  EXPECT_EQ(type_called("half"), "half 2");
  EXPECT_EQ(type_called("bfloat16"), "bfloat16 2");
  EXPECT_EQ(type_called("uint64"), "uint64 8");
  EXPECT_EQ(type_called("int"), "int32 4");
}

TEST(data_type, unknown_ones_are_refused_with_the_list) {
  try {
    type_called("f8e4m3");
    FAIL() << "f8e4m3 is not there";
  } catch (const error& unknown) {
    EXPECT_STREQ(unknown.what(),
                 "unknown data type 'f8e4m3': choose one of int8, uint8, int32, uint32, int64, uint64, half, float, "
                 "double, bfloat16");
  }
}

}  // namespace
