// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>
#include <colossus/error.hpp>
#include <colossus/step.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace colossus::bench {

/// Which kind of program reads the command line: what runs the algorithms decides which flags make sense.
enum class tool { threads, mpi, nccl, simulate };

constexpr std::string_view backend_of(tool t) {
  return t == tool::threads ? "threads" : t == tool::mpi ? "mpi" : t == tool::nccl ? "nccl" : "model";
}
constexpr std::string_view program_of(tool t) {
  return t == tool::threads ? "colossus-threads"
         : t == tool::mpi   ? "colossus-mpi"
         : t == tool::nccl  ? "colossus-nccl"
                            : "colossus-simulate";
}

/// What a command line asks for, checked: names are canonical, sizes are in order. Defaults are nccl-tests', but for
/// warm-up.
struct options {
  std::string collective = "all_reduce";
  bool every_collective = true;  ///< none was named: --list shows all
  std::vector<std::string> algorithms;
  bool every_algorithm = true;  ///< those that do not serve the problem are left out with a note instead of refused
  std::string first_size = "32M", last_size = "32M", step = "1M";
  int factor = 0;  ///< 0: sizes grow by `step`
  std::vector<std::int64_t> sizes;
  std::vector<std::string> types{"float"}, operations{"sum"};
  std::string root = "0";
  std::vector<rank_t> ranks, nodes;  ///< empty: all
  int threads = 0, gpus = 0;         ///< nccl-tests' way to say `ranks`; 0: not said
  int lanes = 0;
  std::string chunk = "0";
  std::int64_t chunk_bytes = 0;
  bool list = false, append = false, resume = false, anonymise = false;
  std::string csv, system, tags;
  std::string pairs;  ///< instead of the algorithms: "all" pairs of ranks, or "quick": each rank once; empty: no pairs

  int iterations = 20, warmup = 5;
  bool check = true;
  std::string timing = "isolated";
  double deadline_s = 30;
  int launches = 1;              ///< of the whole program, one behind the other
  std::string launcher, versus;  ///< what starts each launch; how every second one differs
  int launch = -1;               ///< which of the launches this is; -1: none of them
  std::string registration = "none", id_file, self_test;
  bool standalone = false, plan = false, null_stream = false;
  double gate_deadline_s = 10;
  int graph_launches = 1;
  std::vector<std::string> benchmark_arguments;  ///< --benchmark_*: Google Benchmark's own

  std::vector<std::string> topologies, routings{"adaptive"}, cost_models{"max_min"};
  std::string placement = "packed", latency = "typical";
  std::int64_t seed = 1;
  int seeds = 0;  ///< 0: 16 where a draw matters
  std::vector<int> queue_pairs{1};
  std::string stragglers;  ///< as `read_stragglers` reads it; empty: none
  double noise_us = 0, skew_us = 0;
  double pair_noise = 0;                      ///< of --pairs: the standard deviation of a time's logarithm
  std::vector<std::string> settings, faults;  ///< what is not as the topology files say
  std::string cross_rail, packets;
  std::vector<std::string> what_if;  ///< classes of parts; empty: not asked
  int what_if_sample = 4;            ///< parts of each class
  bool stats = false, sensitivity = false;
  std::string profile;  ///< a file of software overheads; empty: prices are bounds
  std::string trace;    ///< a file for the messages of the first price, as Chrome trace events

  std::string groups;  ///< as `grouped` reads it; empty: one
  std::string job;     ///< a file: price the messages of its training step instead

  std::vector<std::string> arguments;  ///< the whole command line
};

/// A size from the command line. Throws (usage) where it is none or does not fit.
inline std::int64_t size_option(std::string_view flag, std::string_view text) {
  const auto bytes = to_bytes(text);
  if (!bytes)
    throw error{std::string{flag} +
                ": expected a size below 8 EiB such as 8, 128M or 1.5G (K, M, G, T are powers of 1024), found '" +
                std::string{text} + "'"};
  return *bytes;
}

/// The sizes from `first` to `last`, growing by `step` or, where it is not 0, by `factor`. Throws (usage) where there
/// are none.
inline std::vector<std::int64_t> sizes_of(std::int64_t first, std::int64_t last, std::int64_t step, int factor) {
  constexpr std::size_t most = 10'000;
  if (first > last)
    throw error{"-b " + bytes_for_people(first) + " is above -e " + bytes_for_people(last) +
                ": give both (each is 32 MiB unless said)"};
  if (factor != 0 && first == 0 && last > 0) throw error{"-b 0 does not grow by -f: begin at 1, or use -i"};
  if (factor == 0 && step <= 0) throw error{"-i " + std::to_string(step) + ": sizes grow by 1 byte at least"};
  std::vector<std::int64_t> sizes{first};
  const auto is_last = [&](std::int64_t s) { return factor != 0 ? s > last / factor : s > last - step; };
  while (sizes.back() != last && !is_last(sizes.back())) {
    sizes.push_back(factor != 0 ? sizes.back() * factor : sizes.back() + step);
    if (sizes.size() > most)
      throw error{"-b, -e and -i give more than " + std::to_string(most) + " sizes: use a larger -i, or -f 2"};
  }
  return sizes;
}

}  // namespace colossus::bench
