// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/nccl_flags.hpp>
#include <colossus/version.hpp>

#include <CLI/CLI.hpp>

#include <string>

namespace colossus::bench {
namespace detail {

/// Flags that end the program, unless their value changes nothing.
template <class Flags>
void refuse(CLI::App& app, const Flags& flags) {
  for (const refused_flag& flag : flags)
    app.add_option_function<std::string>(std::string{flag.names},
                                         [flag](const std::string& value) {
                                           if (flag.neutral.empty() || value != flag.neutral)
                                             throw error{std::string{flag.names.substr(0, flag.names.find(','))} + " " +
                                                         value + ": " + std::string{flag.instead}};
                                         })
        ->group("");
}

inline void add_common(CLI::App& app, options& o) {
  app.add_option("COLLECTIVE", o.collective, "what to run; nccl-tests' names will do (default: all_reduce)");
  app.add_option("--algorithm", o.algorithms, "names with commas between them, or all (default)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--list", o.list, "name the algorithms, and end");
  app.add_option("-b,--minbytes", o.first_size, "first size; K, M, G are powers of 1024")->capture_default_str();
  app.add_option("-e,--maxbytes", o.last_size, "last size")->capture_default_str();
  auto* const step = app.add_option("-i,--stepbytes", o.step, "sizes grow by so much")->capture_default_str();
  app.add_option("-f,--stepfactor", o.factor, "sizes grow by this factor")->check(CLI::Range(2, 1024))->excludes(step);
  app.add_option("-d,--datatype", o.types, "element types, or all (default: float)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("-o,--op", o.operations, "reductions, or all (default: sum)")->delimiter(',')->allow_extra_args(false);
  app.add_option("-r,--root", o.root, "root of reduce and broadcast, or all")->capture_default_str();
  app.add_option("--lanes", o.lanes, "parallel copies on slices of the data (default: the algorithm chooses)")
      ->check(CLI::Range(1, 64));
  app.add_option("--chunk-bytes", o.chunk, "size of one piece of a pipeline (default: the algorithm chooses)");
  app.add_option("--csv", o.csv, "write the rows to a new file; - is stdout");
  app.add_flag("--append", o.append, "add to the file of --csv");
  app.add_option("--system", o.system, "a name for this machine, for the column system");
  app.add_option("--tags", o.tags, "notes for the column tags: k=v;k=v");
  app.set_version_flag("--version", std::string{"colossus "} + version);
}

inline void add_measured(CLI::App& app, options& o) {
  app.add_option("-n,--iters", o.iterations, "timed operations")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("-w,--warmup_iters", o.warmup, "operations before them, in every configuration")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option_function<int>(
      "-c,--check", [&o](int n) { o.check = n > 0; }, "0: do not check the data (default: 1)");
  app.add_option("--timing", o.timing,
                 "isolated: barrier, one operation; back_to_back: all operations, over their number")
      ->check(CLI::IsMember({"isolated", "back_to_back"}))
      ->capture_default_str();
  app.add_option_function<int>(
         "-z,--blocking",
         [&o](int z) {
           if (z != 0 && z != 3)
             throw error{"-z " + std::to_string(z) +
                         ": operations block here anyway: use --timing isolated (-z 3) or back_to_back (-z 0)"};
           o.timing = z == 3 ? "isolated" : "back_to_back";
         })
      ->group("");
  app.add_option("-T,--timeout,--deadline", o.deadline_s, "seconds without progress after which a rank gives up")
      ->check(CLI::Range(1e-3, 1e6))
      ->capture_default_str();
}

inline void add_threads(CLI::App& app, options& o) {
  auto* const ranks = app.add_option("--ranks", o.ranks, "threads (default: one a core)")
                          ->check(CLI::Range(1, 4096))
                          ->allow_extra_args(false);
  app.add_option("-t,--nthreads", o.threads, "the same")->check(CLI::Range(1, 4096))->excludes(ranks);
  app.add_option("-g,--ngpus", o.gpus, "the same: ranks are -t times -g")->check(CLI::Range(1, 4096))->excludes(ranks);
}

inline void add_simulate(CLI::App& app, options& o) {
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
  app.add_option("--cost-model", o.cost_models, "max_min, alpha_beta (default: max_min)")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--latency", o.latency, "low, typical or high end of the latencies")
      ->check(CLI::IsMember({"low", "typical", "high"}))
      ->capture_default_str();
  app.add_flag("--approximate", o.approximate,
               "price a sample of the rounds where there are too many different ones (price_kind: sampled)");
}

/// The flags of one program.
inline void add_flags(CLI::App& app, options& o, tool which) {
  add_common(app, o);
  refuse(app, refused_everywhere);
  if (which == tool::simulate) add_simulate(app, o), refuse(app, refused_by_simulate);
  else add_measured(app, o);
  if (which == tool::threads) add_threads(app, o), refuse(app, refused_by_threads);
  if (which == tool::mpi) refuse(app, refused_by_mpi);
  if (which != tool::simulate)
    app.footer(
        "--benchmark_* are Google Benchmark's own flags: --benchmark_filter, --benchmark_out, --benchmark_list_tests, "
        "...");
}

}  // namespace detail
}  // namespace colossus::bench
