// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/price.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace colossus::detail {

/// A disturbance of so many ranks, drawn. Every draw is a hash of what it belongs to, so that it does not depend on the
/// order of events.
class delays {
 public:
  delays(const disturbance& d, rank_t ranks) : noise_s_{d.noise_s}, skew_s_{d.skew_s}, seed_{mix(d.seed)} {
    if (d.delays_none()) return;
    straggles_.assign(static_cast<std::size_t>(ranks), 0);
    for (const rank_t rank : stragglers(d, ranks)) straggles_[static_cast<std::size_t>(rank)] = d.straggler_s;
  }

  /// The ranks that straggle: those that are named, and a share of all, to the next whole number.
  static std::vector<rank_t> stragglers(const disturbance& d, rank_t ranks) {
    std::vector<rank_t> all(static_cast<std::size_t>(ranks));
    std::iota(all.begin(), all.end(), 0);
    const auto drawn = std::min(all.size(), static_cast<std::size_t>(std::llround(d.straggler_share * ranks)));
    for (std::size_t i = 0; i < drawn; ++i) {
      hash_draw draw{mix(mix(d.seed ^ 0x57a661e5u) ^ i)};
      std::swap(all[i], all[i + draw.below(static_cast<std::uint32_t>(all.size() - i))]);
    }
    all.resize(drawn);
    for (const rank_t named : d.stragglers)
      if (named >= 0 && named < ranks) all.push_back(named);
    return all;
  }

  bool none() const { return straggles_.empty() && noise_s_ == 0; }
  bool noisy() const { return noise_s_ > 0; }
  /// Seconds that a rank needs before the message that it sends in a round of a lane.
  double before(rank_t rank, int lane, round_t round) const {
    double wait = straggles_.empty() ? 0 : straggles_[static_cast<std::size_t>(rank)];
    if (noise_s_ > 0) {
      const auto key = static_cast<std::uint64_t>(round) << 28 ^ static_cast<std::uint32_t>(rank);
      wait -= noise_s_ * std::log(unit(mix(seed_ + static_cast<std::uint64_t>(lane)) ^ key));
    }
    return wait;
  }
  /// Seconds after which a rank begins.
  double begin(rank_t rank) const {
    return skew_s_ > 0 ? skew_s_ * unit(seed_ ^ std::uint64_t{0x5ce3} << 32 ^ static_cast<std::uint32_t>(rank)) : 0;
  }

 private:
  /// In (0, 1].
  static double unit(std::uint64_t key) { return static_cast<double>((mix(key) >> 11) + 1) * 0x1p-53; }

  double noise_s_, skew_s_;
  std::uint64_t seed_;
  std::vector<double> straggles_;
};

}  // namespace colossus::detail
