// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/cost_model.hpp>

#include <algorithm>
#include <limits>

namespace colossus::cost_models {

/// Hockney's model: latency + bytes / bandwidth, as if every message were alone. Its rate is that of its narrowest
/// link.
class alpha_beta {
 public:
  static constexpr std::string_view name = "alpha_beta";
  static constexpr bool alone = true;  ///< messages do not share links

  std::span<const double> rates(const detail::flows& flows) {
    rate_.assign(flows.size(), std::numeric_limits<double>::infinity());
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      for (const std::uint32_t link : flows.links_of(flow)) rate_[flow] = std::min(rate_[flow], flows.capacity(link));
    return rate_;
  }

 private:
  std::vector<double> rate_;
};

static_assert(cost_model<alpha_beta>);

}  // namespace colossus::cost_models
