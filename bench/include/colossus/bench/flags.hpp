// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/nccl_flags.hpp>
#include <colossus/bench/simulate_flags.hpp>
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
  app.add_flag("--resume", o.resume, "go on with the file of --csv: what it has is not done again");
  app.add_flag("--anonymise", o.anonymise, "host names become h000, ... in the files of --csv; serial numbers go");
  app.add_flag(
      "--pairs{all}", o.pairs,
      "send_recv between every two ranks, in rounds without conflicts, to --csv's NAME.pairs.csv; --pairs=quick: "
      "each rank in one pair");
  app.add_option("--system", o.system, "a name for this machine, for the column system");
  app.add_option("--tags", o.tags, "notes for the column tags: k=v;k=v");
  app.set_version_flag("--version", std::string{"colossus "} + version);
}

inline void add_measured(CLI::App& app, options& o, bool gpu) {
  app.add_option("-n,--iters", o.iterations, "timed operations")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("-w,--warmup_iters", o.warmup, "operations before them, in every configuration")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option_function<int>(
      "-c,--check", [&o](int n) { o.check = n > 0; }, "0: do not check the data (default: 1)");
  auto* const timing =
      app.add_option("--timing", o.timing,
                     gpu ? "isolated: one operation behind a gate; back_to_back: all operations, over their number, as "
                           "nccl-tests does; graph: the same, captured and replayed"
                         : "isolated: barrier, one operation; back_to_back: all operations, over their number")
          ->capture_default_str();
  if (gpu) timing->check(CLI::IsMember({"isolated", "back_to_back", "graph"}));
  else timing->check(CLI::IsMember({"isolated", "back_to_back"}));
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
  auto* const launches =
      app.add_option("--launches", o.launches, "start the program so often, each launch a sample of colossus-compare")
          ->check(CLI::Range(1, 10'000))
          ->capture_default_str();
  app.add_option("--launcher", o.launcher, "of --launches: what each begins with, as \"mpirun -np 8\"")
      ->needs(launches);
  app.add_option("--versus", o.versus,
                 "of --launches: every second one with this, as \"NCCL_PROTO=LL --lanes 2\", to NAME.versus.csv")
      ->needs(launches);
  app.add_option("--launch", o.launch, "of --launches: which one this is")->check(CLI::NonNegativeNumber)->group("");
}

inline void add_threads(CLI::App& app, options& o) {
  auto* const ranks = app.add_option("--ranks", o.ranks, "threads (default: one a core)")
                          ->check(CLI::Range(1, 4096))
                          ->allow_extra_args(false);
  app.add_option("-t,--nthreads", o.threads, "the same")->check(CLI::Range(1, 4096))->excludes(ranks);
  app.add_option("-g,--ngpus", o.gpus, "the same: ranks are -t times -g")->check(CLI::Range(1, 4096))->excludes(ranks);
}

inline void add_nccl(CLI::App& app, options& o) {
  app.add_option("-g,--ngpus", o.gpus, "GPUs of a process (default: all visible ones, or one under a launcher)")
      ->check(CLI::Range(1, 4096));
  app.add_option("-t,--nthreads", o.threads, "GPUs of a process are -t times -g")->check(CLI::Range(1, 4096));
  app.add_option("--register", o.registration, "how buffers are registered with NCCL: none, local or symmetric")
      ->check(CLI::IsMember({"none", "local", "symmetric"}))
      ->capture_default_str();
  app.add_option_function<int>(
         "-R,--local_register", [&o](int r) { o.registration = r == 0   ? "none"
                                                               : r == 1 ? "local"
                                                                        : "symmetric"; },
         "nccl-tests' way to say --register: 0, 1 or 2")
      ->check(CLI::Range(0, 2));
  app.add_option_function<int>(
         "-G,--cudagraph",
         [&o](int launches) {
           if (launches == 0) return;
           o.timing = "graph";
           o.graph_launches = launches;
         },
         "--timing graph, so many replays")
      ->check(CLI::NonNegativeNumber);
  app.add_option_function<int>(
      "-y,--stream_null", [&o](int y) { o.null_stream = y != 0; }, "1: use the null stream");
  app.add_option("--gate-deadline", o.gate_deadline_s, "seconds after which the gate of --timing isolated opens itself")
      ->check(CLI::Range(1e-6, 1e6))
      ->capture_default_str();
  app.add_option("--id-file", o.id_file, "file on a shared path by which processes find each other");
  app.add_flag("--standalone", o.standalone, "this process is the whole run, whatever the launcher says");
  app.add_option("--self-test", o.self_test, "write what is here and whether it works to a file, and end");
  app.add_flag("--plan", o.plan, "print what each rank would do, and end; needs no GPU");
  auto* const ranks =
      app.add_option("--ranks", o.ranks, "of --plan: how many (default: 8)")->check(CLI::Range(1, 1 << 20));
  ranks->allow_extra_args(false);
  app.add_option("--nodes", o.nodes, "of --plan: on so many nodes (default: 1)")
      ->check(CLI::Range(1, 1 << 20))
      ->allow_extra_args(false);
}

/// The flags of one program.
inline void add_flags(CLI::App& app, options& o, tool which) {
  add_common(app, o);
  refuse(app, refused_everywhere);
  if (which != tool::nccl) refuse(app, refused_without_gpu);
  if (which == tool::simulate) add_simulate(app, o), refuse(app, refused_by_simulate);
  else add_measured(app, o, which == tool::nccl);
  if (which == tool::threads) add_threads(app, o), refuse(app, refused_by_threads);
  if (which == tool::mpi) refuse(app, refused_by_mpi);
  if (which == tool::nccl) add_nccl(app, o), refuse(app, refused_by_nccl);
  if (which != tool::simulate)
    app.footer(
        "--benchmark_* are Google Benchmark's own flags: --benchmark_filter, --benchmark_out, --benchmark_list_tests, "
        "...");
}

}  // namespace detail
}  // namespace colossus::bench
