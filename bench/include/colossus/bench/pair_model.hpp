// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/cost_models/max_min.hpp>
#include <colossus/detail/flows.hpp>
#include <colossus/detail/route_draw.hpp>
#include <colossus/price.hpp>
#include <colossus/topology.hpp>

#include <cmath>
#include <vector>

namespace colossus::bench {

/// Two GPUs that send each other `bytes` at the same time.
struct exchange {
  gpu_t a = 0, b = 0;
  std::int64_t bytes = 0;
};

/// The exchanges of one round on a machine, all at once: each message is a flow, or one for each queue pair; flows
/// share the links max-min fairly for as long as the round lasts. An exchange takes as long as its slowest flow.
template <topology Fabric>
class pair_model {
 public:
  pair_model(const Fabric& machine, const routing_options& how)
      : machine_{machine},
        how_{how},
        paths_{how.kind == routing::ecmp ? static_cast<std::size_t>(how.queue_pairs) : 1} {}

  /// Solves a round; under ECMP paths are those of `seed`.
  void solve(std::span<const exchange> round, std::uint64_t seed) {
    const colossus::detail::route_draw draw{seed};
    flows_.clear(machine_.links());
    latency_s_.clear(), bytes_.clear();
    for (const exchange& e : round)
      for (const auto& [from, to] : {std::pair{e.a, e.b}, std::pair{e.b, e.a}})
        for (std::size_t path = 0; path < paths_; ++path) {
          machine_.route(from, to, how_.kind, draw(from, to, static_cast<int>(path)),
                         [&](link_t link) { flows_.add_link(machine_, link); });
          flows_.end_flow();
          latency_s_.push_back(machine_.latency_s(from, to));
          bytes_.push_back(static_cast<double>(e.bytes) / static_cast<double>(paths_));
        }
    const auto rates = solver_.rates(flows_);
    rate_.assign(rates.begin(), rates.end());
  }

  /// Seconds that exchange `i` of the round takes.
  double seconds(std::size_t i) const {
    double longest = 0;
    for (std::size_t flow = i * flows_each(); flow < (i + 1) * flows_each(); ++flow)
      longest = std::max(longest, seconds_at(flow, rate_[flow]));
    return longest;
  }

  /// Flow numbers: those of exchange i are i * flows_each() and so many from there.
  std::size_t flows_each() const { return 2 * paths_; }
  /// Seconds that a flow takes at a rate, bytes/s.
  double seconds_at(std::size_t flow, double rate) const { return latency_s_[flow] + bytes_[flow] / rate; }
  double rate(std::size_t flow) const { return rate_[flow]; }
  const colossus::detail::flows& flows() const { return flows_; }

 private:
  const Fabric& machine_;
  routing_options how_;
  std::size_t paths_;
  colossus::detail::flows flows_;
  cost_models::max_min solver_;
  std::vector<double> rate_, latency_s_, bytes_;
};

}  // namespace colossus::bench
