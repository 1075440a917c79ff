// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/packets.hpp>
#include <colossus/problem.hpp>
#include <colossus/topology.hpp>

#include <string>
#include <vector>

namespace colossus {

/// How messages find their way, and how many draws of their paths are priced.
struct routing_options {
  routing kind = routing::adaptive;
  int queue_pairs = 1;     ///< paths of one connection, under ecmp
  std::uint64_t seed = 1;  ///< of the first draw
  int seeds = 1;           ///< draws: seeds seed .. seed + seeds - 1
};

enum class model : std::uint8_t { alpha_beta, max_min, discrete_event };

/// What real machines add to the steps of ranks. Drawn from `seed`, the same on every computer.
struct disturbance {
  double straggler_share = 0;        ///< of the ranks, drawn
  std::vector<rank_t> stragglers{};  ///< ranks that straggle besides those drawn
  double straggler_s = 0;            ///< seconds that a straggler needs more before each message that it sends
  double noise_s = 0;                ///< mean of an exponential delay before each message (discrete_event only)
  double skew_s = 0;                 ///< ranks begin evenly within so many seconds (discrete_event only)
  std::uint64_t seed = 1;

  bool none() const { return delays_none() && noise_s == 0 && skew_s == 0; }
  bool delays_none() const { return straggler_s == 0 || (straggler_share == 0 && stragglers.empty()); }
};

struct simulate_options {
  routing_options routing{};
  model cost_model = model::max_min;
  disturbance disturbed{};
  packet_effects packets{};
};

/// What `simulate` predicts. Without a profile of software overheads a price is a bound.
struct price {
  double seconds = 0;           ///< median over the draws
  std::vector<double> draws{};  ///< seconds, one for each draw
  double doubt = 0;             ///< seconds, plus or minus, that a sampled price may be off (twice its standard error)
  std::string_view kind = "exact";    ///< exact; lockstep (docs/folding-gap.md: how far off); sampled; events
  std::string limit{}, limit_link{};  ///< "latency", or the kind and name of the busiest link
  double wire_factor = 0;             ///< bytes that the busiest rank sends, over bytes
  double speed_of_light = 0;          ///< seconds
  std::vector<double> utilisation{};  ///< by kind of link: mean share of the time that links with any traffic are busy
  int lanes = 1;                      ///< that the algorithm chose
  std::int64_t chunk_bytes = 0;       ///< bytes of one block
};

}  // namespace colossus
