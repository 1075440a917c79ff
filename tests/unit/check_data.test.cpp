// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/check_data.hpp>

#include <gtest/gtest.h>

namespace {

using namespace colossus;
using namespace colossus::bench;

constexpr rank_t ranks = 3;
constexpr std::int64_t count = 40;

template <class T, class Op = sum>
struct collective_data {
  explicit collective_data(std::string_view name, rank_t root = 0)
      : layout{layout_of(name)}, known{layout, ranks, count, root} {
    for (rank_t rank = 0; rank < ranks; ++rank) {
      inputs.emplace_back(static_cast<std::size_t>(layout.in_elements(count, ranks)));
      known.fill(rank, inputs.back());
    }
  }
  T in(rank_t rank, std::int64_t index) const {
    return inputs[static_cast<std::size_t>(rank)][static_cast<std::size_t>(index)];
  }
  T reduced(std::int64_t index) const { return Op{}(Op{}(in(0, index), in(1, index)), in(2, index)); }

  /// What `rank` should end with, by the definition of the collective.
  template <class F>
  std::vector<T> out(F&& element) const {
    std::vector<T> all;
    for (std::int64_t i = 0; i < layout.out_elements(count, ranks); ++i) all.push_back(element(i));
    return all;
  }

  const data_layout& layout;
  known_data<T, Op> known;
  std::vector<std::vector<T>> inputs;
};

/// The right data passes, and any wrong element is found, counted and named.
template <class Data, class T>
void expect_only(const Data& data, rank_t rank, std::vector<T> right) {
  EXPECT_TRUE(data.known.check(rank, right)) << data.known.check(rank, right).first;
  right[7] = static_cast<T>(right[7] + static_cast<T>(1));
  std::swap(right[2], right[3]);
  const data_verdict wrong = data.known.check(rank, right);
  EXPECT_EQ(wrong.wrong, 3);
  EXPECT_NE(wrong.first.find("element 2 of rank " + std::to_string(rank) + " is "), std::string::npos) << wrong.first;
}

template <class T>
void expect_every_collective() {
  for (rank_t r = 0; r < ranks; ++r) {
    const collective_data<T> all_reduce{"all_reduce"}, reduce_scatter{"reduce_scatter"}, all_gather{"all_gather"};
    expect_only(all_reduce, r, all_reduce.out([&](std::int64_t i) { return all_reduce.reduced(i); }));
    expect_only(reduce_scatter, r,
                reduce_scatter.out([&](std::int64_t i) { return reduce_scatter.reduced(r * count + i); }));
    expect_only(all_gather, r, all_gather.out([&](std::int64_t i) {
      return all_gather.in(static_cast<rank_t>(i / count), i % count);
    }));
    const collective_data<T> broadcast{"broadcast", 2}, shift{"send_recv"}, exchange{"all_to_all"};
    expect_only(broadcast, r, broadcast.out([&](std::int64_t i) { return broadcast.in(2, i); }));
    expect_only(shift, r, shift.out([&](std::int64_t i) { return shift.in((r + 2) % 3, i); }));
    expect_only(exchange, r, exchange.out([&](std::int64_t i) {
      return exchange.in(static_cast<rank_t>(i / count), r * count + i % count);
    }));
  }
}

TEST(check_data, of_every_collective_in_integers) { expect_every_collective<std::int32_t>(); }
TEST(check_data, of_every_collective_in_floats) { expect_every_collective<float>(); }

TEST(check_data, reduce_promises_the_root_alone) {
  const collective_data<int> data{"reduce", 1};
  const auto right = data.out([&](std::int64_t i) { return data.reduced(i); });
  expect_only(data, 1, right);
  EXPECT_TRUE(data.known.check(0, std::vector<int>(right.size(), -1)));
}

TEST(check_data, floats_may_differ_by_the_bound_of_any_order_and_no_more) {
  const collective_data<float> data{"all_reduce"};
  auto out = data.out([&](std::int64_t i) { return data.reduced(i); });
  const float sizes = std::abs(data.in(0, 5)) + std::abs(data.in(1, 5)) + std::abs(data.in(2, 5));
  const float bound = 2 * std::numeric_limits<float>::epsilon() * sizes;
  out[5] = data.reduced(5) + 0.5f * bound;
  EXPECT_TRUE(data.known.check(0, out));
  out[5] = data.reduced(5) + 2 * bound;
  EXPECT_EQ(data.known.check(0, out).wrong, 1);
  out[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(data.known.check(0, out).wrong, 1);
}

TEST(check_data, minima_are_exact_and_products_keep_their_bits) {
  const collective_data<float, colossus::min> least{"all_reduce"};
  auto out = least.out([&](std::int64_t i) { return least.reduced(i); });
  EXPECT_TRUE(least.known.check(0, out));
  out[0] = std::nextafter(out[0], 2.0f);
  EXPECT_EQ(least.known.check(0, out).wrong, 1);
  const collective_data<std::int8_t, prod> product{"all_reduce"};
  for (std::int64_t i = 0; i < count; ++i) EXPECT_EQ(product.reduced(i) & 1, 1);
}

TEST(check_data, an_input_that_changed_is_found) {
  collective_data<int> data{"all_reduce"};
  EXPECT_TRUE(data.known.check_input(1, data.inputs[1]));
  data.inputs[1][9] ^= 1;
  EXPECT_EQ(data.known.check_input(1, data.inputs[1]).wrong, 1);
}

TEST(check_data, repeats_after_a_prime_and_not_before) {
  int equal = 0;
  for (std::int64_t i = 1; i < data_period; ++i)
    equal += known_value<std::int64_t, sum>(0, i) == known_value<std::int64_t, sum>(0, 0);
  EXPECT_EQ(equal, 0);
  EXPECT_EQ((known_value<int, sum>(3, 5)), (known_value<int, sum>(3, 5 + data_period)));
  EXPECT_NE((known_value<int, sum>(3, 5)), (known_value<int, sum>(4, 5)));
}

}  // namespace
