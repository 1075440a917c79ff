// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/chance.hpp>

#include <cmath>
#include <limits>
#include <map>

namespace colossus::bench::compare {

/// How two samples of times differ: how likely ranks so uneven are by chance, and the ratio of new to base with its
/// interval (Hodges & Lehmann, Ann. Math. Stat. 34, 1963, of logarithms): nothing is said of how times are distributed.
struct rank_test {
  double p = 1;                                                    ///< two-sided
  double ratio = 1;                                                ///< the median over all pairs
  double low = 0, high = std::numeric_limits<double>::infinity();  ///< 0 and infinity: too few values for an interval

  /// The same with base and new exchanged.
  rank_test turned() const {
    return {p, 1 / ratio, std::isinf(high) ? 0 : 1 / high, low > 0 ? 1 / low : std::numeric_limits<double>::infinity()};
  }
};

/// Holds values against a figure that is no sample: how likely it is that so many of them lie on one side of it by
/// chance (the sign test), and their median over it, with its interval (of order statistics). Exact.
inline rank_test sign_test(double figure, std::span<const double> values, double level = 0.95) {
  std::vector<double> ratios;
  std::size_t above = 0, below = 0;
  for (const double v : values) ratios.push_back(v / figure), above += v > figure, below += v < figure;
  std::sort(ratios.begin(), ratios.end());
  const auto chance_of_at_most = [](std::size_t k, std::size_t n) {  // heads of n coins
    double term = std::ldexp(1.0, -static_cast<int>(std::min<std::size_t>(n, 1000))), sum = term;
    for (std::size_t i = 0; i < k; ++i) sum += term *= static_cast<double>(n - i) / static_cast<double>(i + 1);
    return sum;
  };
  const std::size_t n = ratios.size(), half = n / 2;
  rank_test found;
  found.p = std::min(1.0, 2 * chance_of_at_most(std::min(above, below), above + below));
  found.ratio = n % 2 ? ratios[half] : std::sqrt(ratios[half - 1]) * std::sqrt(ratios[half]);
  std::size_t out = 0;  // values to leave out on each side
  while (out < half && chance_of_at_most(out, n) <= (1 - level) / 2) ++out;
  if (out > 0) found.low = ratios[out - 1], found.high = ratios[n - out];
  return found;
}

namespace detail {

/// The ratio that `rank` of all pairs, counted from 1, do not exceed. Both samples are in order.
inline double ratio_of_rank(std::span<const double> base, std::span<const double> fresh, double rank) {
  const auto reached = [&](double ratio) {
    std::size_t pairs = 0, f = 0;
    for (const double b : base) {
      while (f < fresh.size() && fresh[f] <= ratio * b) ++f;
      pairs += f;
    }
    return static_cast<double>(pairs) >= rank;
  };
  double low = std::log(fresh.front() / base.back()) - 1e-9, high = std::log(fresh.back() / base.front()) + 1e-9;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (reached(std::exp(middle)) ? high : low) = middle;
  }
  return std::exp(high);
}

/// How many standard deviations away from the mean a normal value is with a chance of `p` at most, on one side.
inline double deviations(double p) {
  double low = 0, high = 40;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::sqrt(2.0)) / 2 > p ? low : high) = middle;
  }
  return high;
}

}  // namespace detail

/// Compares samples of positive times. Knows the distributions for the numbers of values that it has met.
class rank_tests {
 public:
  static constexpr std::size_t most_exact = 60;         ///< values on each side, or as many pairs of them
  static constexpr std::size_t most_exact_equals = 25;  ///< the same where some are equal, which takes longer

  /// `level` is that of the interval. Both samples have a value at least.
  rank_test operator()(std::span<const double> base, std::span<const double> fresh, double level = 0.95) {
    const pooled all{base, fresh};
    const std::size_t n = base.size(), m = fresh.size(), most = std::max(n, m);
    if (n * m > most_exact * most_exact) return by_normal(all, base, fresh, level);
    const u_distribution& u = of(n, m);
    rank_test found = exact_ratio(u, base, fresh, level);
    if (!all.has_equals()) {
      const std::size_t above = all.twice_rank_sum() / 2 - n * (n + 1) / 2;  // pairs whose base is the longer
      found.p = std::min(1.0, 2 * u.at_most(std::min(above, n * m - above)));
    } else {
      found.p = most > most_exact_equals ? p_by_normal(all, n) : p_with_equals(all, n);
    }
    return found;
  }

 private:
  const u_distribution& of(std::size_t n, std::size_t m) {
    return known_.try_emplace({std::min(n, m), std::max(n, m)}, std::min(n, m), std::max(n, m)).first->second;
  }

  rank_test exact_ratio(const u_distribution& u, std::span<const double> base, std::span<const double> fresh,
                        double level) {
    ratios_.clear();
    for (const double b : base)
      for (const double f : fresh) ratios_.push_back(f / b);
    std::sort(ratios_.begin(), ratios_.end());
    const std::size_t half = ratios_.size() / 2;
    rank_test found;
    found.ratio = ratios_.size() % 2 ? ratios_[half] : std::sqrt(ratios_[half - 1]) * std::sqrt(ratios_[half]);
    std::size_t out = 0;  // pairs to leave out on each side
    while (out < half && u.at_most(out) <= (1 - level) / 2) ++out;
    if (out > 0) found.low = ratios_[out - 1], found.high = ratios_[ratios_.size() - out];
    return found;
  }

  static rank_test by_normal(const pooled& all, std::span<const double> base, std::span<const double> fresh,
                             double level) {
    std::vector<double> b(base.begin(), base.end()), f(fresh.begin(), fresh.end());
    std::sort(b.begin(), b.end()), std::sort(f.begin(), f.end());
    const auto n = static_cast<double>(b.size()), m = static_cast<double>(f.size());
    const double out =
        std::floor(n * m / 2 - detail::deviations((1 - level) / 2) * std::sqrt(n * m * (n + m + 1) / 12));
    rank_test found;
    found.p = p_by_normal(all, base.size());
    found.ratio = detail::ratio_of_rank(b, f, std::ceil(n * m / 2));
    if (out < 1) return found;
    found.low = detail::ratio_of_rank(b, f, out), found.high = detail::ratio_of_rank(b, f, n * m - out + 1);
    return found;
  }

  std::map<std::pair<std::size_t, std::size_t>, u_distribution> known_;
  std::vector<double> ratios_;
};

}  // namespace colossus::bench::compare
