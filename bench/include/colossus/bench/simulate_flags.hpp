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
  app.add_option("--set", o.settings, "/pointer/into/the/file=V,V: the machine with each of these values")
      ->allow_extra_args(false);
  app.add_option("--fault", o.faults, "what is broken, such as link:leaf:count=1, nic:fraction=0.001")
      ->allow_extra_args(false);
  app.add_option("--cross-rail", o.cross_rail, "between rails: by nvlink (PXN), or through the fabric above them")
      ->check(CLI::IsMember({"nvlink", "fabric"}));
  app.add_option("--groups", o.groups, "groups at once: 8 jobs side by side, or 8:strided dealt in turn");
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
  app.add_option("--stragglers", o.stragglers,
                 "ranks late with every message: 1%:50 draws 1%, by 50 us; 3+17:50 names");
  app.add_option("--noise", o.noise_us, "mean of an exponential delay before every message, us (discrete_event)")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--skew", o.skew_us, "ranks begin evenly within so many us (discrete_event)")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--pair-noise", o.pair_noise, "of --pairs: measure with so much noise, 0.03 for 3% (default: none)")
      ->check(CLI::Range(0.0, 10.0));
  app.add_option("--profile", o.profile, "a file of software overheads (default: none, and prices are bounds)");
  app.add_option("--packets", o.packets, "what a fluid leaves out: fitted, or such as queue_packets=12");
}

/// Flags that ask for more than prices.
inline void add_answers(CLI::App& app, options& o) {
  app.add_option("--job", o.job, "a training job (bench/jobs/*.json): price the messages of its step");
  app.add_flag("--sensitivity", o.sensitivity, "how each time answers to the speed of each class of links");
  app.add_option("--what-if", o.what_if, "with one part out: all, link, switch, array, leaf-switch, node ...")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--what-if-sample", o.what_if_sample, "parts of each class that are tried, evenly")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--trace", o.trace, "write the messages of the first price as Chrome trace events, for Perfetto");
  app.add_flag("--stats", o.stats, "end with what the simulator did: flows, solves, events, time, memory");
}

/// Flags under a headline of their own in the help.
template <class Add>
void under(CLI::App& app, const std::string& headline, Add&& add) {
  const std::size_t before = app.get_options().size();
  add();
  const std::vector<CLI::Option*> all = app.get_options();
  for (std::size_t i = before; i < all.size(); ++i) all[i]->group(headline);
}

inline void add_simulate(CLI::App& app, options& o) {
  under(app, "The machine and its ranks", [&] { add_scene(app, o); });
  under(app, "How it is priced", [&] { add_pricing(app, o); });
  under(app, "More answers", [&] { add_answers(app, o); });
  app.footer(
      "colossus-simulate --topology topologies/colossus-100k.json -b 1M -e 1G -f 32 --routing adaptive,ecmp\n"
      "  --set /scale_out/tiers/0/up=64,32,16   what would 2:1 and 4:1 do to us\n"
      "  --what-if all --sensitivity            what if a part is out; what would be worth more speed\n"
      "  --fault link:leaf:fraction=0.001 --stragglers 1%:50   a bad day\n");
}

}  // namespace colossus::bench::detail
