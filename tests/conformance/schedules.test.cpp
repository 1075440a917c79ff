// SPDX-License-Identifier: Apache-2.0
// Every algorithm of every list: proved for all P up to 256, in all shapes for few.
#include <colossus/algorithms.hpp>
#include <colossus/bench/prove.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

template <algorithm A>
class schedules : public testing::Test {};

template <class List>
struct as_types;
template <class... As>
struct as_types<type_list<As...>> {
  using type = testing::Types<As...>;
};

struct full_name {
  template <algorithm A>
  static std::string GetName(int) {
    return std::string{A::collective::name} + " " + std::string{A::name};
  }
};
TYPED_TEST_SUITE(schedules, as_types<algorithms::all>::type, full_name);

TYPED_TEST(schedules, are_proved_for_all_ranks_up_to_256) {
  const int problems = bench::prove_all<TypeParam>(
      1, 256, [](const problem& p, const verdict& v) { ADD_FAILURE() << bench::to_text(p) << ": " << v.message(); });
  EXPECT_GE(problems, 9);  // at least all powers of two
}

}  // namespace
}  // namespace colossus
