// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/catalogue.hpp>
#include <colossus/bench/disturbances.hpp>
#include <colossus/bench/flags.hpp>
#include <colossus/bench/parse_arguments.hpp>
#include <colossus/data_type.hpp>
#include <colossus/reduce_op.hpp>

#include <array>
#include <charconv>
#include <optional>
#include <ostream>

namespace colossus::bench {
namespace detail {

/// Google Benchmark's own flags, taken out of the command line before ours are read.
inline std::vector<std::string> take_benchmark_arguments(std::vector<std::string>& arguments, tool which) {
  std::vector<std::string> taken;
  for (const std::string& a : arguments)
    if (a.starts_with("--benchmark_")) taken.push_back(a);
  std::erase_if(arguments, [](const std::string& a) { return a.starts_with("--benchmark_"); });
  if (which == tool::simulate && !taken.empty())
    throw error{taken.front() + ": nothing is timed here: use it with colossus-threads or colossus-mpi"};
  return taken;
}

inline void check_types(options& o) {
  std::vector<std::string> types, operations;
  for (const std::string& name : o.types)
    if (name == "all")
      for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) { types.emplace_back(data_type<T>::name); });
    else with_data_type(name, [&]<class T>(std::type_identity<T>) { types.emplace_back(data_type<T>::name); });
  for (const std::string& name : o.operations)
    if (name == "all")
      for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) { operations.emplace_back(Op::name); });
    else with_reduce_op(name, [&]<class Op>(std::type_identity<Op>) { operations.emplace_back(Op::name); });
  o.types = std::move(types);
  o.operations = std::move(operations);
}

inline void check_algorithms(options& o, const catalogue& known) {
  o.collective = known.collective(o.collective);
  o.every_algorithm =
      o.algorithms.empty() || std::find(o.algorithms.begin(), o.algorithms.end(), "all") != o.algorithms.end();
  for (const std::string& name : o.algorithms)
    if (name != "all") known.algorithm(o.collective, name);
  const auto every = known.algorithms(o.collective);
  if (o.every_algorithm) o.algorithms.assign(every.begin(), every.end());
}

inline void check_names(std::string_view flag, const std::vector<std::string>& names,
                        std::initializer_list<std::string_view> known) {
  std::string list;
  for (const std::string_view k : known) list += (list.empty() ? "" : ", ") + std::string{k};
  for (const std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw error{std::string{flag} + ": unknown name '" + name + "': choose among " + list};
}

inline void check_nccl(const options& o) {
  expects(o.plan || (o.ranks.empty() && o.nodes.empty()),
          "--ranks and --nodes go with --plan: ranks are GPUs here: use -g N, or more processes");
  expects(!o.null_stream || o.timing != "graph", "-y 1: the null stream cannot be captured: leave out -y or graph");
}

inline void check(options& o, const catalogue& known, tool which) {
  check_algorithms(o, known);
  check_types(o);
  o.sizes =
      sizes_of(size_option("-b", o.first_size), size_option("-e", o.last_size), size_option("-i", o.step), o.factor);
  o.chunk_bytes = size_option("--chunk-bytes", o.chunk);
  check_names("--pairs", {o.pairs}, {"", "all", "quick"});
  expects(o.pairs.empty() || o.collective == "send_recv", "--pairs is of send_recv: name it as the collective");
  for (const auto& [flag, is_set] :
       {std::pair{"--append adds to", o.append}, std::pair{"--resume goes on with", o.resume}})
    expects(!is_set || (!o.csv.empty() && o.csv != "-"), std::string{flag} + " the file of --csv: name one");
  expects(!o.append || !o.resume, "--append and --resume: choose one: --resume leaves out what is there already");
  expects(!o.resume || o.pairs.empty(), "--resume: pairs are measured together: name another file, or --append");
  expects(!o.anonymise || !o.csv.empty(), "--anonymise is of the files of --csv: name one");
  if (o.root != "all" && !to_number<rank_t>(o.root)) throw error{"-r: expected a rank or all, found '" + o.root + "'"};
  if (which == tool::nccl) check_nccl(o);
  if (which != tool::simulate) return;
  check_names("--routing", o.routings, {"adaptive", "ecmp", "deterministic"});
  check_names("--cost-model", o.cost_models, {"max_min", "alpha_beta", "discrete_event"});
  check_disturbance(o);
  expects(o.list || !o.topologies.empty(), "--topology FILE says which fabric to price: name one (topologies/*.json)");
}

/// Names what the list has: one algorithm a line, after its collective.
inline void list(std::ostream& out, const catalogue& known, const options& o) {
  for (const auto& [collective, algorithm] : known.entries())
    if (o.every_collective || o.collective == collective) out << collective << ' ' << algorithm << '\n';
}

}  // namespace detail

/// Reads a command line. Nothing where it only asked for help, the version or a list: that went to `out`. Throws
/// `error` (usage) with one line that says what is wrong.
inline std::optional<options> parse_command_line(int argc, const char* const* argv, tool which, const catalogue& known,
                                                 std::ostream& out) {
  options o;
  CLI::App app{which == tool::simulate ? "Prices collective algorithms on a fabric of any size."
               : which == tool::nccl   ? "Measures NCCL's collectives and ours over NCCL, and checks their data."
                                       : "Measures collective algorithms, and checks their data.",
               std::string{program_of(which)}};
  app.option_defaults()->always_capture_default(false);
  detail::add_flags(app, o, which);
  std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  o.arguments.assign(argv, argv + argc);
  o.benchmark_arguments = detail::take_benchmark_arguments(arguments, which);
  if (!parse_arguments(app, std::move(arguments), out)) return std::nullopt;
  o.every_collective = app.count("COLLECTIVE") == 0;
  detail::check(o, known, which);
  if (o.list) detail::list(out, known, o);
  return o.list ? std::nullopt : std::optional{std::move(o)};
}

}  // namespace colossus::bench
