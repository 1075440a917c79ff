// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate/signatures.hpp>

#include <cmath>

namespace colossus::bench::locate::detail {

/// The value in the middle of a copy; 0 of none.
inline double middle(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto at = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// The spread that outliers do not touch: of a normal distribution its standard deviation.
inline double robust_spread(std::vector<double> values, double centre) {
  for (double& v : values) v = std::abs(v - centre);
  return 1.4826 * middle(std::move(values));
}

/// No clock is better than that, and no model.
inline constexpr double least_noise = 0.005;
/// Fewer values say nothing of their spread.
inline constexpr std::size_t few = 8;

/// Takes what all pairs of a sort have in common out of x: what the model does not know of software and links is no
/// fault. Returns the noise of each sort.
inline std::vector<double> centre(const expectation& expected, std::vector<double>& x) {
  const auto sorts = static_cast<std::size_t>(std::ranges::max(expected.sort)) + 1;
  std::vector<std::vector<double>> of_sort(sorts), drawn(sorts);
  const auto draws = static_cast<std::size_t>(expected.draws);
  for (std::size_t i = 0; i < x.size(); ++i) {
    of_sort[expected.sort[i]].push_back(x[i]);
    for (std::size_t d = 0; d < draws && !expected.deviations.empty(); ++d)
      drawn[expected.sort[i]].push_back(expected.deviations[i * draws + d]);
  }
  std::vector<double> noise(sorts, -1), shift(sorts);
  std::vector<double> rest;
  for (std::size_t s = 0; s < sorts; ++s) shift[s] = middle(of_sort[s]) - middle(drawn[s]);
  for (std::size_t i = 0; i < x.size(); ++i) rest.push_back(x[i] -= shift[expected.sort[i]]);
  const double overall = robust_spread(std::move(rest), 0);
  for (std::size_t s = 0; s < sorts; ++s)
    noise[s] = std::max(least_noise, of_sort[s].size() < few ? overall : robust_spread(of_sort[s], middle(of_sort[s])));
  return noise;
}

}  // namespace colossus::bench::locate::detail
