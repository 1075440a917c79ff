// SPDX-License-Identifier: Apache-2.0
// Every algorithm of every list: proved on samples at the size of the machines.
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

/// The machine, a part of it with pods that differ by one node, one with nodes that differ by one GPU, and a larger
/// one.
const problem large[] = {
    {.ranks = 100'352, .nodes = 12'544, .pods = 196, .bytes = 1 << 30},
    {.ranks = 100'000, .nodes = 12'500, .pods = 196, .bytes = 8},
    {.ranks = 99'999, .nodes = 12'500, .pods = 196, .bytes = 64 << 20},
    {.ranks = 262'144, .nodes = 32'768, .pods = 512, .bytes = std::int64_t{16} << 30},
};

TYPED_TEST(schedules, are_proved_on_samples_at_100k_ranks) {
  int proofs = 0;
  for (problem p : large) {
    if (rooted_schedule<schedule_of<TypeParam>>) p.root = p.ranks / 3;
    if (!supports<TypeParam>(p)) continue;
    const verdict v = verify_sampled<TypeParam>(p, {.blocks = 2, .steps = 1000});
    EXPECT_TRUE(v) << bench::to_text(p) << ": " << v.message();
    ++proofs;
  }
  EXPECT_GE(proofs, 1);
}

}  // namespace
}  // namespace colossus
