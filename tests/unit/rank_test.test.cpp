// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/compare/rank_test.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <random>

namespace colossus::bench::compare {
namespace {

/// p by its definition: every choice of n of all values as the base's.
double p_by_enumeration(const std::vector<double>& base, const std::vector<double>& fresh) {
  std::vector<double> all = base;
  all.insert(all.end(), fresh.begin(), fresh.end());
  const auto unevenness = [&](std::uint32_t chosen) {
    int u = 0;  // twice U, less twice its mean
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::size_t j = 0; j < all.size(); ++j)
        if ((chosen >> i & 1) && !(chosen >> j & 1)) u += (all[i] > all[j]) - (all[i] < all[j]);
    return std::abs(u);
  };
  const int found = unevenness((1u << base.size()) - 1);
  double as_uneven = 0, every = 0;
  for (std::uint32_t chosen = 0; chosen < 1u << all.size(); ++chosen) {
    if (static_cast<std::size_t>(std::popcount(chosen)) != base.size()) continue;
    ++every;
    as_uneven += unevenness(chosen) >= found;
  }
  return as_uneven / every;
}

std::vector<double> drawn(std::mt19937& random, std::size_t n, int values) {
  std::vector<double> sample(n);
  for (double& x : sample)
    x = values > 0 ? 1 + static_cast<double>(random() % static_cast<unsigned>(values))
                   : std::exp(std::normal_distribution<double>{0, 0.1}(random));
  return sample;
}

TEST(rank_test, p_is_that_of_all_choices_with_and_without_equal_values) {
  std::mt19937 random{1};
  rank_tests test;
  for (std::size_t n = 1; n <= 5; ++n)
    for (std::size_t m = 1; m <= 5; ++m)
      for (const int values : {0, 1, 3, 8}) {
        const auto base = drawn(random, n, values), fresh = drawn(random, m, values);
        EXPECT_NEAR(test(base, fresh).p, p_by_enumeration(base, fresh), 1e-12) << n << " " << m << " " << values;
      }
}

TEST(rank_test, p_of_equals_and_p_of_the_distribution_agree_where_none_are_equal) {
  std::mt19937 random{2};
  for (int i = 0; i < 20; ++i) {
    const auto base = drawn(random, 6 + i % 7, 0), fresh = drawn(random, 9, 0);
    EXPECT_NEAR(rank_tests{}(base, fresh).p, p_with_equals(pooled{base, fresh}, base.size()), 1e-12);
  }
}

TEST(rank_test, the_distribution_of_sixty_is_whole_and_even) {
  const u_distribution u{60, 60};
  EXPECT_NEAR(u.at_most(0) * 2, least_p(60, 60), 1e-10 * least_p(60, 60));
  for (std::size_t k = 0; k < 3600; k += 37) EXPECT_NEAR(u.at_most(k) + u.at_most(3599 - k), 1, 1e-9) << k;
}

TEST(rank_test, the_least_p_is_that_of_the_textbook) {
  EXPECT_NEAR(least_p(3, 3), 0.1, 1e-12);
  EXPECT_NEAR(least_p(4, 4), 0.0286, 1e-4);
  EXPECT_NEAR(least_p(8, 8), 1.554e-4, 1e-7);
  EXPECT_EQ(least_n(0.05), 4u);
  EXPECT_EQ(least_n(0.05 / 321), 8u);
}

TEST(rank_test, holm_multiplies_by_the_number_of_tests_that_are_left_and_never_turns_back) {
  EXPECT_EQ(holm(std::vector{0.25, 0.01, 0.04, 0.5}), (std::vector{0.5, 0.04, 0.12, 0.5}));
  EXPECT_EQ(holm(std::vector{0.9, 0.9}), (std::vector{1.0, 1.0}));
  EXPECT_TRUE(holm({}).empty());
}

TEST(rank_test, the_interval_leaves_out_as_many_pairs_as_the_distribution_allows) {
  const std::vector<double> base{10, 11, 13, 16, 20}, fresh{12, 15, 18, 22, 27};
  const rank_test found = rank_tests{}(base, fresh);
  std::vector<double> ratios;
  for (const double b : base)
    for (const double f : fresh) ratios.push_back(f / b);
  std::sort(ratios.begin(), ratios.end());
  EXPECT_EQ(found.ratio, ratios[12]);
  EXPECT_EQ(found.low, ratios[2]);  // P(U <= 2) = 4 of 252 ways, P(U <= 3) = 7 of them: above 2.5%
  EXPECT_EQ(found.high, ratios[22]);
}

TEST(rank_test, the_interval_holds_the_truth_as_often_as_it_says) {
  std::mt19937 random{3};
  rank_tests test;
  for (const std::size_t n : {4u, 7u, 10u}) {
    int within = 0;
    for (int i = 0; i < 2000; ++i) {
      const auto base = drawn(random, n, 0);
      auto fresh = drawn(random, n, 0);
      for (double& f : fresh) f *= 1.3;
      const rank_test found = test(base, fresh);
      within += found.low <= 1.3 && 1.3 <= found.high;
    }
    EXPECT_GE(within, 2000 * 0.94) << n;
    EXPECT_LE(within, 2000 * 0.99) << n;
  }
}

TEST(rank_test, few_values_have_no_interval) {
  const rank_test found = rank_tests{}(std::vector{1.0, 1.1, 1.2}, std::vector{2.0, 2.1, 2.2});
  EXPECT_EQ(found.low, 0);
  EXPECT_TRUE(std::isinf(found.high));
  EXPECT_NEAR(found.p, 0.1, 1e-12);
}

TEST(rank_test, many_values_are_judged_alike_by_the_normal_distribution) {
  std::mt19937 random{4};
  for (const int values : {0, 40}) {
    const auto base = drawn(random, 60, values);
    auto fresh = drawn(random, 60, values);
    for (double& f : fresh) f *= 1.04;
    const rank_test exact = rank_tests{}(base, fresh);
    auto more_base = base, more_fresh = fresh;
    more_base.push_back(more_base[0]), more_fresh.push_back(more_fresh[0]);
    const rank_test many = rank_tests{}(more_base, more_fresh);
    EXPECT_NEAR(many.p, exact.p, 0.15 * exact.p + 0.01) << values;
    EXPECT_NEAR(many.ratio, exact.ratio, 0.05);
    EXPECT_NEAR(many.low, exact.low, 0.05);
    EXPECT_NEAR(many.high, exact.high, 0.05);
  }
}

TEST(rank_test, many_values_on_one_side_take_no_power_from_few_on_the_other) {
  for (const std::size_t n : {60, 61, 700}) {
    std::vector<double> lower, higher;
    for (std::size_t i = 0; i < 5; ++i) lower.push_back(1 + 1e-3 * static_cast<double>(i));
    for (std::size_t i = 0; i < n; ++i) higher.push_back(2 + 1e-3 * static_cast<double>(i));
    EXPECT_NEAR(rank_tests{}(lower, higher).p, least_p(5, n), 1e-9 * least_p(5, n)) << n;
  }
}

TEST(rank_test, nothing_changes_but_the_sign_where_the_sides_are_exchanged) {
  std::mt19937 random{5};
  for (const std::size_t n : {8u, 70u}) {
    const auto base = drawn(random, n, 0), fresh = drawn(random, n + 3, 0);
    const rank_test one = rank_tests{}(base, fresh), other = rank_tests{}(fresh, base);
    EXPECT_NEAR(one.p, other.p, 1e-12);
    EXPECT_NEAR(one.ratio * other.ratio, 1, 1e-3);
    EXPECT_NEAR(one.low * other.high, 1, 1e-9);
  }
}

}  // namespace
}  // namespace colossus::bench::compare
