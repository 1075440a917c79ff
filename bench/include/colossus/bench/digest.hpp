// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>

namespace colossus::bench {

/// How many values there were of each size, to `relative_error`: quantiles of any number of them in 33 KiB. Digests are
/// added by adding their counts, so that a sum over processes (`MPI_SUM` of `counts()`) is the digest of all values.
///
/// A counter holds what lies between two powers of (1 + e) / (1 - e), after DDSketch (Masson, Rim and Lee, VLDB 2019).
/// Values from `smallest` to `largest` are told apart; those below, zero among them, and above count as these.
class digest {
 public:
  static constexpr double relative_error = 0.005;
  static constexpr double smallest = 1e-6, largest = 1e12;

  void add(double value) { ++counts_[place_of(value)]; }
  digest& operator+=(const digest& other) {
    std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(), std::plus<>{});
    return *this;
  }

  std::int64_t size() const { return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0}); }
  /// What an all-reduce adds.
  std::span<std::int64_t> counts() { return counts_; }

  /// The value with the share `q` of all others below it (of n sorted ones, that at floor(q (n - 1))), within
  /// `relative_error` of it. 0 where there is none.
  double quantile(double q) const {
    const std::int64_t all = size();
    std::int64_t before = static_cast<std::int64_t>(q * static_cast<double>(all - 1));
    for (std::size_t place = 0; place < counts_.size(); ++place)
      if ((before -= counts_[place]) < 0) return value_at(place);
    return 0;
  }

  bool operator==(const digest&) const = default;

 private:
  static constexpr std::size_t places = 4148;  ///< of which the last begins above `largest`

  static double log_of_base() {
    static const double value = std::log((1 + relative_error) / (1 - relative_error));
    return value;
  }
  static std::size_t place_of(double value) {
    if (!(value > smallest)) return 0;
    return static_cast<std::size_t>(std::ceil(std::log(std::min(value, largest) / smallest) / log_of_base()));
  }
  /// As far, relatively, from the low end of what the counter holds as from its high end.
  static double value_at(std::size_t place) {
    return place == 0 ? smallest
                      : smallest * std::exp(static_cast<double>(place) * log_of_base()) * (1 - relative_error);
  }

  std::array<std::int64_t, places> counts_{};
};

}  // namespace colossus::bench
