// SPDX-License-Identifier: Apache-2.0
#include <colossus/reduce_op.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>

namespace {

using namespace colossus;

static_assert(sum{}(2, 3) == 5 && prod{}(2, 3) == 6 && colossus::min{}(2, 3) == 2 && colossus::max{}(2, 3) == 3);
static_assert(reduces_elements<std::plus<>, float> && !reduces_elements<std::less<>, std::string_view>);

// Signed integers wrap around; in a constant expression anything undefined would stop the compiler.
static_assert(sum{}(INT32_MAX, 1) == INT32_MIN);
static_assert(prod{}(std::int64_t{INT64_MAX}, std::int64_t{2}) == -2);
static_assert(prod{}(std::uint16_t{65535}, std::uint16_t{65535}) == 1, "would overflow int after promotion");
static_assert(sum{}(std::int8_t{127}, std::int8_t{1}) == -128);

template <class T>
void identities_change_nothing() {
  for_each_type(reduce_ops{}, []<class Op>(std::type_identity<Op>) {
    for (const T x :
         {static_cast<T>(0), static_cast<T>(3), std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest()}) {
      EXPECT_EQ(Op{}(Op::template identity<T>(), x), x) << Op::name;
      EXPECT_EQ(Op{}(x, Op::template identity<T>()), x) << Op::name;
    }
  });
}

TEST(reduce_op, identities_change_nothing) {
  identities_change_nothing<std::int8_t>();
  identities_change_nothing<std::uint64_t>();
  identities_change_nothing<float>();
  identities_change_nothing<double>();
}

TEST(reduce_op, by_name) {
  std::string_view found;
  with_reduce_op("max", [&]<class Op>(std::type_identity<Op>) { found = Op::name; });
  EXPECT_EQ(found, "max");
  try {
    with_reduce_op("avg", [](auto) {});
    FAIL() << "avg is not there";
  } catch (const error& unknown) {
    EXPECT_STREQ(unknown.what(), "unknown reduction 'avg': choose one of sum, prod, min, max");
    EXPECT_EQ(unknown.kind(), failure::usage);
  }
}

}  // namespace
