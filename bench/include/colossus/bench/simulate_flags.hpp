// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/options.hpp>

#include <CLI/CLI.hpp>

namespace colossus::bench::detail {

/// Flags that say which machine is priced, and which part of it.
inline void add_scene(CLI::App& app, options& o) {
  app.add_option("--topology", o.topologies, "fabrics: JSON files with commas between them")
      ->delimiter(',')
      ->allow_extra_args(false);
  auto* const ranks = app.add_option("--ranks", o.ranks, "GPUs (default: all)")
                          ->delimiter(',')
                          ->allow_extra_args(false)
                          ->check(CLI::PositiveNumber);
  app.add_option("--nodes", o.nodes, "whole nodes instead")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::PositiveNumber)
      ->excludes(ranks);
  app.add_option("--placement", o.placement, "packed, spread, shuffled, or a file of host names")
      ->capture_default_str();
  app.add_option("--set", o.settings, "/pointer/into/the/file=V,V: the machine with each of these values instead")
      ->allow_extra_args(false);
  app.add_option("--fault", o.faults,
                 "something broken, such as link:leaf:count=1, switch:spine:index=3, nic:fraction=0.001:seed=7")
      ->allow_extra_args(false);
  app.add_option("--cross-rail", o.cross_rail, "between rails: by nvlink (PXN), or through the fabric above them")
      ->check(CLI::IsMember({"nvlink", "fabric"}));
  app.add_option("--groups", o.groups,
                 "so many groups of ranks at once: 8 cuts the ranks into jobs side by side, 8:strided deals them in turn");
  app.add_option("--latency", o.latency, "low, typical or high end of the latencies")
      ->check(CLI::IsMember({"low", "typical", "high"}))
      ->capture_default_str();
}

/// Flags that say how it is priced.
inline void add_pricing(CLI::App& app, options& o) {
  app.add_option("--routing", o.routings, "adaptive, ecmp, deterministic (default: adaptive)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--queue-pairs", o.queue_pairs, "flows that ECMP spreads a message over (default: 1)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(1, 1024));
  app.add_option("--seed", o.seed, "of what is drawn")->check(CLI::NonNegativeNumber)->capture_default_str();
  app.add_option("--seeds", o.seeds, "draws S to S+N-1 make one row (default: 16 where a draw matters)")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--cost-model", o.cost_models, "max_min, alpha_beta, discrete_event (default: max_min)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--approximate", o.approximate,
               "price a sample of the rounds where there are too many different ones (price_kind: sampled)");
  app.add_option("--stragglers", o.stragglers,
                 "ranks that are late with every message: 1%:50 draws 1% of them, 3+17:50 names them; microseconds");
  app.add_option("--noise", o.noise_us,
                 "mean of an exponential delay before every message, microseconds (discrete_event)")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--skew", o.skew_us, "ranks begin evenly within so many microseconds (discrete_event)")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--packets", o.packets,
                 "what a fluid leaves out: fitted, or spray_efficiency=0.9,queue_packets=12,... (default: off)");
}

/// Flags that ask for more than prices.
inline void add_answers(CLI::App& app, options& o) {
  app.add_option("--job", o.job, "a training job (bench/jobs/*.json): price the messages of its step");
  app.add_flag("--sensitivity", o.sensitivity,
               "how each time answers to the bandwidth and the latency of each class of links");
  app.add_option("--what-if", o.what_if,
                 "prices without one part, for all of a class: all, link, switch, array, or such as leaf-switch, node")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--what-if-sample", o.what_if_sample, "parts of each class that are tried, evenly")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_flag("--stats", o.stats, "end with what the simulator itself did: flows, solves, events, seconds, memory");
}

inline void add_simulate(CLI::App& app, options& o) { add_scene(app, o), add_pricing(app, o), add_answers(app, o); }

}  // namespace colossus::bench::detail
