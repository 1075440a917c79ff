// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace colossus::bench {

/// The value below which the share `q` of the sorted samples lies, interpolated between neighbours (R's type 7).
/// Of 20 samples p99 lies between the two largest: it says no more than they do.
inline double percentile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

/// The mean and the standard deviation (n - 1 degrees of freedom; 0 of one sample).
struct moments {
  double mean = 0, stdev = 0;
};

inline moments moments_of(const std::vector<double>& samples) {
  const auto n = static_cast<double>(samples.size());
  const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / n;
  double squares = 0;
  for (const double x : samples) squares += (x - mean) * (x - mean);
  return {mean, samples.size() > 1 ? std::sqrt(squares / (n - 1)) : 0.0};
}

/// Fills the columns time_us_min to time_us_stdev from one sample per iteration or draw, in microseconds.
inline void set_statistics(row& of, std::vector<double> samples) {
  if (samples.empty()) return;
  std::sort(samples.begin(), samples.end());
  const auto [mean, stdev] = moments_of(samples);
  of.time_us_min = samples.front();
  of.time_us_p50 = percentile(samples, 0.50);
  of.time_us_mean = mean;
  of.time_us_p95 = percentile(samples, 0.95);
  of.time_us_p99 = percentile(samples, 0.99);
  of.time_us_max = samples.back();
  if (samples.size() > 1) of.time_us_stdev = stdev;
}

/// Sets time_us, and the bandwidths that follow from it: GB are 1e9 bytes, 1 B/us is 1e-3 GB/s. One rank moves nothing
/// over a bus: its busbw is 0.
inline void set_time(row& of, double time_us, std::string_view stat, double bus_factor) {
  of.time_us = time_us;
  of.time_stat = stat;
  if (time_us <= 0) return;
  of.algbw_GBps = static_cast<double>(*of.bytes) / time_us * 1e-3;
  of.busbw_GBps = of.ranks == 1 ? 0.0 : *of.algbw_GBps * bus_factor;
}

}  // namespace colossus::bench
