// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace colossus::bench::compare {

/// The chance of each value of Mann and Whitney's U where nothing tells two samples of n and m values apart and none
/// are equal: in how many ways n of n + m ranks have each sum (Mann & Whitney, Ann. Math. Stat. 18, 1947). Exact.
class u_distribution {
 public:
  u_distribution(std::size_t n, std::size_t m) : below_(n * m + 1, 0) {
    std::vector<double> ways(n * m + 1, 0);  // Gauss' binomial coefficient (n + m over n), factor by factor
    ways[0] = 1;
    for (std::size_t i = 1; i <= n; ++i) {
      for (std::size_t u = ways.size(); u-- > m + i;) ways[u] -= ways[u - m - i];
      for (std::size_t u = i; u < ways.size(); ++u) ways[u] += ways[u - i];
    }
    std::partial_sum(ways.begin(), ways.end(), below_.begin());
    for (double& b : below_) b /= below_.back();
  }
  /// The chance of at most `u`.
  double at_most(std::size_t u) const { return below_[std::min(u, below_.size() - 1)]; }

 private:
  std::vector<double> below_;
};

/// The smallest two-sided p that n and m values can give.
inline double least_p(std::size_t n, std::size_t m) {
  const auto a = static_cast<double>(n), b = static_cast<double>(m);
  return std::min(1.0, 2 * std::exp(std::lgamma(a + 1) + std::lgamma(b + 1) - std::lgamma(a + b + 1)));
}

/// The fewest values on each side that can give a two-sided p of at most `p`, which is above 0.
inline std::size_t least_n(double p) {
  std::size_t n = 2;
  while (least_p(n, n) > p) ++n;
  return n;
}

/// The same of n values that are held against a figure which is no sample.
inline double least_p_of_signs(std::size_t n) {
  return std::min(1.0, std::ldexp(2.0, -static_cast<int>(std::min<std::size_t>(n, 1000))));
}
inline std::size_t least_n_of_signs(double p) {
  std::size_t n = 1;
  while (least_p_of_signs(n) > p) ++n;
  return n;
}

/// p of each of several tests such that, all taken together, the chance of one false alarm is the level that they are
/// held against (Holm, Scand. J. Stat. 6, 1979).
inline std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double most = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    most = std::max(most, std::min(1.0, p[order[k]] * static_cast<double>(order.size() - k)));
    adjusted[order[k]] = most;
  }
  return adjusted;
}

/// The values of both samples in order, each with whether it is the base's, and the lengths of the runs of equal ones.
struct pooled {
  std::vector<std::pair<double, bool>> values;
  std::vector<std::size_t> runs;

  pooled(std::span<const double> base, std::span<const double> fresh) {
    for (const double b : base) values.emplace_back(b, true);
    for (const double f : fresh) values.emplace_back(f, false);
    std::sort(values.begin(), values.end());
    for (std::size_t i = 0, end = 0; i < values.size(); i = end) {
      while (end < values.size() && values[end].first == values[i].first) ++end;
      runs.push_back(end - i);
    }
  }
  bool has_equals() const { return runs.size() < values.size(); }
  /// Twice the sum of the base's ranks, where equal values share the mean of theirs.
  std::size_t twice_rank_sum() const {
    std::size_t sum = 0, first = 0;
    for (const std::size_t run : runs) {
      for (std::size_t i = first; i < first + run; ++i) sum += values[i].second ? 2 * first + 1 + run : 0;
      first += run;
    }
    return sum;
  }
};

/// Two-sided p where values are equal: of all ways to choose which are the base's, the share whose sum of ranks is as
/// uneven as the one found. Exact; takes n^2 (n + m)^2 steps.
inline double p_with_equals(const pooled& all, std::size_t n) {
  const std::size_t most = n * (2 * all.values.size() + 1), width = most + 1;
  std::vector<double> ways((n + 1) * width, 0);  // [values chosen][twice the sum of their ranks]
  ways[0] = 1;
  std::size_t first = 0;
  for (const std::size_t run : all.runs) {
    const std::size_t twice = 2 * first + 1 + run;
    for (std::size_t j = 0; j < run; ++j)
      for (std::size_t k = std::min(n, first + j + 1); k > 0; --k) {
        const double* const less = &ways[(k - 1) * width];
        double* const more = &ways[k * width];
        for (std::size_t s = 0; s + twice < width; ++s) more[s + twice] += less[s];
      }
    first += run;
  }
  const double mean = static_cast<double>(n * (all.values.size() + 1));
  const double away = std::abs(static_cast<double>(all.twice_rank_sum()) - mean);
  double as_uneven = 0, every = 0;
  for (std::size_t s = 0; s < width; ++s) {
    const double count = ways[n * width + s];
    every += count;
    if (std::abs(static_cast<double>(s) - mean) >= away) as_uneven += count;
  }
  return as_uneven / every;
}

/// Two-sided p by the normal distribution, for many values, equal ones among them or not.
inline double p_by_normal(const pooled& all, std::size_t n) {
  const auto a = static_cast<double>(n), total = static_cast<double>(all.values.size()), b = total - a;
  double equal = 0;
  for (const std::size_t run : all.runs) {
    const auto t = static_cast<double>(run);
    equal += t * t * t - t;
  }
  const double variance = a * b / 12 * (total + 1 - equal / (total * (total - 1)));
  const double away = std::abs(static_cast<double>(all.twice_rank_sum()) - a * (total + 1)) / 2;
  return variance > 0 ? std::erfc(std::max(0.0, away - 0.5) / std::sqrt(2 * variance)) : 1;
}

}  // namespace colossus::bench::compare
