// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/digest.hpp>

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace {
using colossus::bench::digest;

/// Samples of one kind: what times and rates look like, and what they do not.
std::vector<std::vector<double>> many_kinds_of_samples() {
  std::mt19937_64 random{5};
  std::vector<std::vector<double>> all;
  for (const std::size_t n : {1, 2, 3, 10, 1001, 20'000}) {
    std::vector<double> even, skewed, two_heaps, alike, wide;
    for (std::size_t i = 0; i < n; ++i) {
      const double u = std::uniform_real_distribution<>{0, 1}(random);
      even.push_back(1e-3 + u);
      skewed.push_back(std::lognormal_distribution<>{3, 1.5}(random));
      two_heaps.push_back((u < 0.1 ? 20 : 40) * (1 + 0.03 * u));
      alike.push_back(46.875);
      wide.push_back(std::pow(10, 17.9 * u - 5.95));
    }
    for (auto* each : {&even, &skewed, &two_heaps, &alike, &wide}) all.push_back(*each);
  }
  return all;
}

digest of(const std::vector<double>& samples) {
  digest d;
  for (const double x : samples) d.add(x);
  return d;
}

TEST(Digest, QuantilesAreWithinTheRelativeErrorOfTheExactOnes) {
  for (auto samples : many_kinds_of_samples()) {
    const digest d = of(samples);
    std::sort(samples.begin(), samples.end());
    EXPECT_EQ(d.size(), std::ssize(samples));
    for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.99, 1.0}) {
      const double exact = samples[static_cast<std::size_t>(q * static_cast<double>(samples.size() - 1))];
      EXPECT_NEAR(d.quantile(q), exact, exact * digest::relative_error * (1 + 1e-9)) << samples.size() << " at " << q;
    }
  }
}

TEST(Digest, TheSumOfCountsIsTheDigestOfAllValues) {
  for (const auto& samples : many_kinds_of_samples()) {
    std::vector<digest> parts(3);
    for (std::size_t i = 0; i < samples.size(); ++i) parts[i % 7 % 3].add(samples[i]);
    digest sum = parts[2];
    (sum += parts[0]) += parts[1];
    EXPECT_EQ(sum, of(samples));
    for (std::size_t i = 0; i < parts[0].counts().size(); ++i)  // as MPI_SUM does
      parts[0].counts()[i] += parts[1].counts()[i] + parts[2].counts()[i];
    EXPECT_EQ(parts[0], sum);
  }
}

TEST(Digest, OrderDoesNotMatter) {
  for (auto samples : many_kinds_of_samples()) {
    const digest before = of(samples);
    std::shuffle(samples.begin(), samples.end(), std::mt19937_64{1});
    EXPECT_EQ(of(samples), before);
  }
}

TEST(Digest, WhatIsOutOfRangeCountsAsItsEnd) {
  EXPECT_EQ(digest{}.quantile(0.5), 0);
  EXPECT_EQ(digest{}.size(), 0);
  const digest low = of({0.0, -3.0, 1e-9, std::nan("")});
  EXPECT_EQ(low.size(), 4);
  EXPECT_EQ(low.quantile(1), digest::smallest);
  const digest high = of({1e300, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(high.size(), 2);
  EXPECT_NEAR(high.quantile(0), digest::largest, digest::largest * 2 * digest::relative_error);
}

}  // namespace
