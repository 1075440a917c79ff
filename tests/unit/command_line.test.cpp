// SPDX-License-Identifier: Apache-2.0
#include <colossus/bench/command_line.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace colossus::bench {
namespace {

/// Two collectives, three algorithms: a command line knows them by name alone.
template <class Collective, int Index>
struct named {
  using collective = Collective;
  static constexpr std::string_view name = Index == 0   ? "ring"
                                           : Index == 1 ? "tree"
                                                        : "hierarchical:inner=ring+outer=tree";
};
struct summing {
  static constexpr std::string_view name = "all_reduce";
};
struct gathering {
  static constexpr std::string_view name = "all_gather";
};
const catalogue known{type_list<named<summing, 0>, named<summing, 1>, named<summing, 2>, named<gathering, 0>>{}};

std::optional<options> parse(tool which, std::vector<const char*> flags, std::ostream& out) {
  flags.insert(flags.begin(), "program");
  return parse_command_line(static_cast<int>(flags.size()), flags.data(), which, known, out);
}

options parsed(tool which, const std::vector<const char*>& flags) {
  std::ostringstream out;
  const auto o = parse(which, flags, out);
  EXPECT_TRUE(o.has_value());
  return o.value_or(options{});
}

/// The one line with which a command line is refused.
std::string refusal(tool which, const std::vector<const char*>& flags) {
  std::ostringstream out;
  try {
    parse(which, flags, out);
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), failure::usage);
    EXPECT_EQ(std::string{e.what()}.find('\n'), std::string::npos) << e.what();
    return e.what();
  }
  return "nothing was refused";
}

TEST(command_line, defaults_are_those_of_nccl_tests_but_for_warm_up) {
  const options o = parsed(tool::threads, {});
  EXPECT_EQ(o.collective, "all_reduce");
  EXPECT_EQ(o.sizes, std::vector<std::int64_t>{32 << 20});
  EXPECT_EQ(o.types, std::vector<std::string>{"float"});
  EXPECT_EQ(o.operations, std::vector<std::string>{"sum"});
  EXPECT_EQ(o.iterations, 20);
  EXPECT_EQ(o.warmup, 5);
  EXPECT_TRUE(o.check);
  EXPECT_EQ(o.root, "0");
  EXPECT_EQ(o.timing, "isolated");
  EXPECT_TRUE(o.every_algorithm);
  EXPECT_EQ(o.algorithms, (std::vector<std::string>{"ring", "tree", "hierarchical:inner=ring+outer=tree"}));
}

TEST(command_line, the_usual_line_of_nccl_tests) {
  const options o = parsed(tool::threads, {"all_gather_perf",
                                           "-b",
                                           "8",
                                           "-e",
                                           "128M",
                                           "-f",
                                           "2",
                                           "-g",
                                           "4",
                                           "-t",
                                           "2",
                                           "-n",
                                           "7",
                                           "-w",
                                           "1",
                                           "-c",
                                           "0",
                                           "-d",
                                           "float",
                                           "-a",
                                           "3",
                                           "-z",
                                           "0",
                                           "-G",
                                           "0",
                                           "-m",
                                           "1",
                                           "-p",
                                           "0",
                                           "-T",
                                           "5"});
  EXPECT_EQ(o.collective, "all_gather");
  EXPECT_EQ(o.sizes.size(), 25u);
  EXPECT_EQ(o.sizes.front(), 8);
  EXPECT_EQ(o.sizes.back(), 128 << 20);
  EXPECT_EQ(o.threads * o.gpus, 8);
  EXPECT_EQ(o.iterations, 7);
  EXPECT_EQ(o.warmup, 1);
  EXPECT_FALSE(o.check);
  EXPECT_EQ(o.timing, "back_to_back");
  EXPECT_EQ(o.deadline_s, 5);
}

TEST(command_line, other_names_are_accepted) {
  for (const auto* name : {"all_reduce", "allreduce", "AllReduce", "all_reduce_perf"})
    EXPECT_EQ(parsed(tool::mpi, {name}).collective, "all_reduce") << name;
  EXPECT_EQ(parsed(tool::mpi, {"-d", "float32,int"}).types, (std::vector<std::string>{"float", "int32"}));
  EXPECT_EQ(parsed(tool::mpi, {"-o", "all"}).operations.size(), reduce_ops::size);
  EXPECT_EQ(parsed(tool::mpi, {"-d", "all"}).types.size(), data_types::size);
}

TEST(command_line, sizes_grow_by_step_or_factor_and_end_at_the_last) {
  EXPECT_EQ(parsed(tool::threads, {"-b", "8", "-e", "20", "-i", "4"}).sizes,
            (std::vector<std::int64_t>{8, 12, 16, 20}));
  EXPECT_EQ(parsed(tool::threads, {"-b", "8", "-e", "100", "-f", "3"}).sizes, (std::vector<std::int64_t>{8, 24, 72}));
  EXPECT_EQ(sizes_of(1, std::numeric_limits<std::int64_t>::max(), 1, 2).size(), 63u);
  EXPECT_EQ(sizes_of(5, 5, 1, 0), std::vector<std::int64_t>{5});
}

TEST(command_line, algorithms_are_those_named) {
  const options o = parsed(tool::threads, {"--algorithm", "tree,ring"});
  EXPECT_FALSE(o.every_algorithm);
  EXPECT_EQ(o.algorithms, (std::vector<std::string>{"tree", "ring"}));
}

TEST(command_line, simulate_has_flags_of_its_own) {
  const options o =
      parsed(tool::simulate, {"--topology", "a.json,b.json", "--routing", "ecmp,adaptive", "--ranks", "8,512",
                              "--queue-pairs", "1,4", "--seeds", "3", "--seed", "7", "--placement", "shuffled",
                              "--latency", "high", "--cost-model", "alpha_beta"});
  EXPECT_EQ(o.topologies, (std::vector<std::string>{"a.json", "b.json"}));
  EXPECT_EQ(o.routings, (std::vector<std::string>{"ecmp", "adaptive"}));
  EXPECT_EQ(o.ranks, (std::vector<rank_t>{8, 512}));
  EXPECT_EQ(o.queue_pairs, (std::vector<int>{1, 4}));
  EXPECT_EQ(o.seeds, 3);
  EXPECT_EQ(o.seed, 7);
  EXPECT_EQ(o.latency, "high");
}

TEST(command_line, lists_end_at_the_next_word) {
  const options o = parsed(tool::simulate, {"--topology", "a.json", "all_gather", "--ranks", "8", "-d", "int8"});
  EXPECT_EQ(o.collective, "all_gather");
  EXPECT_EQ(parsed(tool::threads, {"--ranks", "2", "all_gather"}).collective, "all_gather");
  EXPECT_EQ(parsed(tool::threads, {"--algorithm", "ring", "all_gather"}).collective, "all_gather");
}

TEST(command_line, google_benchmarks_flags_pass_through) {
  const options o = parsed(tool::mpi, {"--benchmark_filter=ring", "-n", "3", "--benchmark_out=x.json"});
  EXPECT_EQ(o.benchmark_arguments, (std::vector<std::string>{"--benchmark_filter=ring", "--benchmark_out=x.json"}));
  EXPECT_EQ(o.iterations, 3);
}

TEST(command_line, help_version_and_list_end_well) {
  std::ostringstream help, version_line, list;
  EXPECT_FALSE(parse(tool::threads, {"--help"}, help));
  EXPECT_NE(help.str().find("--minbytes"), std::string::npos);
  EXPECT_EQ(help.str().find("--cudagraph"), std::string::npos) << "refused flags are not offered";
  EXPECT_FALSE(parse(tool::threads, {"--version"}, version_line));
  EXPECT_EQ(version_line.str(), std::string{"colossus "} + version + "\n");
  EXPECT_FALSE(parse(tool::simulate, {"--list", "all_gather"}, list));
  EXPECT_EQ(list.str(), "all_gather ring\n");
}

TEST(command_line, what_is_wrong_is_said_in_one_line) {
  using namespace std::string_literals;
  const std::vector<std::pair<std::vector<const char*>, std::string>> wrong{
      {{"gather"}, "unknown collective 'gather': choose one of all_reduce, all_gather"},
      {{"--algorithm", "rings"},
       "unknown algorithm 'rings' for all_reduce: choose among ring, tree, hierarchical:inner=ring+outer=tree"},
      {{"-d", "f8e4m3"}, "unknown data type 'f8e4m3': choose one of"},
      {{"-o", "mulsum"}, "unknown reduction 'mulsum': choose one of"},
      {{"-b", "99999999999G"},
       "-b: expected a size below 8 EiB such as 8, 128M or 1.5G (K, M, G, T are powers of 1024), found '99999999999G'"},
      {{"-e", "8X"}, "-e: expected a size below 8 EiB"},
      {{"-b", "1G"}, "-b 1 GiB is above -e 32 MiB"},
      {{"-b", "0", "-f", "2"}, "-b 0 does not grow by -f"},
      {{"-b", "1", "-i", "1"}, "more than 10000 sizes"},
      {{"-b", "1", "-i", "0"}, "-i 0: sizes grow by 1 byte at least"},
      {{"-f", "1"}, "--stepfactor: Value 1 not in range 2 to 1024 (--help lists the flags)"},
      {{"-n", "many"}, "--iters: Value many not in range"},
      {{"-r", "first"}, "-r: expected a rank or all, found 'first'"},
      {{"--append"}, "--append adds to the file of --csv: name one"},
      {{"--no-such-flag"}, "The following argument was not expected: --no-such-flag"},
      {{"--ranks", "0"}, "--ranks: Value 0 not in range 1 to 4096"},
      {{"--ranks", "2", "-t", "2"}, "excludes"},
  };
  for (const auto& [flags, line] : wrong)
    EXPECT_NE(refusal(tool::threads, flags).find(line), std::string::npos)
        << line << "\nfound " << refusal(tool::threads, flags);
}

/// Each of the flags, with a value that changes something, is refused in the words of the table.
template <class Flags>
void expect_refused(tool which, const Flags& flags) {
  for (const auto& flag : flags) {
    const std::string name{flag.names.substr(0, 2)};
    EXPECT_EQ(refusal(which, {name.c_str(), "77"}), name + " 77: " + std::string{flag.instead});
  }
}

TEST(command_line, every_flag_of_nccl_tests_is_kept_or_refused_with_its_equivalent) {
  for (const tool which : {tool::threads, tool::mpi, tool::nccl}) expect_refused(which, refused_everywhere);
  expect_refused(tool::threads, refused_without_gpu);
  expect_refused(tool::nccl, refused_by_nccl);
  EXPECT_EQ(refusal(tool::threads, {"-z", "1"}),
            "-z 1: operations block here anyway: use --timing isolated (-z 3) or back_to_back (-z 0)");
  EXPECT_EQ(refusal(tool::mpi, {"-g", "8"}), "-g 8: a process is one rank: use mpirun -np N");
  EXPECT_EQ(refusal(tool::mpi, {"--ranks", "8"}), "--ranks 8: a process is one rank: use mpirun -np N");
  EXPECT_EQ(refusal(tool::simulate, {"-g", "8"}), "-g 8: use --ranks N or --nodes N");
  EXPECT_EQ(refusal(tool::simulate, {"-n", "20"}),
            "-n 20: nothing is repeated in a price: --seeds N is the number of draws");
}

TEST(command_line, gpus_keep_flags_of_nccl_tests_that_cpus_cannot) {
  const options graph = parsed(tool::nccl, {"-G", "3", "-R", "2", "-g", "4", "-t", "2"});
  EXPECT_EQ(graph.timing, "graph");
  EXPECT_EQ(graph.graph_launches, 3);
  EXPECT_EQ(graph.registration, "symmetric");
  EXPECT_EQ(graph.gpus, 4);
  EXPECT_EQ(graph.threads, 2);
  EXPECT_EQ(parsed(tool::nccl, {"-R", "1", "-y", "1", "-z", "0"}).registration, "local");
  EXPECT_EQ(parsed(tool::nccl, {"-G", "0"}).timing, "isolated");
  EXPECT_EQ(parsed(tool::nccl, {}).registration, "none");
  EXPECT_EQ(parsed(tool::nccl, {}).gpus, 0);
  EXPECT_TRUE(parsed(tool::nccl, {"-y", "1"}).null_stream);
  EXPECT_EQ(refusal(tool::nccl, {"-R", "3"}), "--local_register: Value 3 not in range 0 to 2 (--help lists the flags)");
  EXPECT_EQ(refusal(tool::nccl, {"--nodes", "2"}),
            "--ranks and --nodes go with --plan: ranks are GPUs here: use -g N, or more processes");
  EXPECT_EQ(refusal(tool::mpi, {"--timing", "graph"}).find("--timing: graph not in {"), 0u);
}

TEST(command_line, simulate_says_what_it_needs) {
  EXPECT_EQ(refusal(tool::simulate, {}), "--topology FILE says which fabric to price: name one (topologies/*.json)");
  EXPECT_EQ(refusal(tool::simulate, {"--topology", "x", "--routing", "random"}),
            "--routing: unknown name 'random': choose among adaptive, ecmp, deterministic");
  EXPECT_EQ(refusal(tool::simulate, {"--topology", "x", "--cost-model", "x"}),
            "--cost-model: unknown name 'x': choose among max_min, alpha_beta, discrete_event");
  EXPECT_EQ(refusal(tool::simulate, {"--topology", "x", "--benchmark_filter=x"}),
            "--benchmark_filter=x: nothing is timed here: use it with colossus-threads or colossus-mpi");
}

}  // namespace
}  // namespace colossus::bench
