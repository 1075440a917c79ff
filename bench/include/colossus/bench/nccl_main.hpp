// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/cuda_ready.hpp>
#include <colossus/bench/devices_of.hpp>
#include <colossus/bench/gpu_pairs.hpp>
#include <colossus/bench/gpu_self_test.hpp>
#include <colossus/bench/join.hpp>
#include <colossus/bench/launches.hpp>
#include <colossus/bench/measured_main.hpp>
#include <colossus/bench/nccl_plan_text.hpp>
#include <colossus/bench/nccl_runs.hpp>
#include <colossus/bench/pairs_output.hpp>
#include <colossus/bench/program.hpp>

namespace colossus::bench {
namespace detail {

/// An error that all processes meet is said once, by the first; any other by the process that met it, which takes the
/// others along. Kernels may still wait on the streams then, so nothing is taken down: it would wait for them.
[[noreturn]] inline void end_nccl(process_group* processes, const launch& l) {
  const ending e = ending_of_error();
  const bool broke = e.status == static_cast<int>(failure::broke);
  const int rank = processes ? processes->rank() : std::max(l.rank, 0);
  const std::string line = std::string{program_of(tool::nccl)} + ": " + e.line;
  if (broke && (processes ? processes->size() : l.size) > 1)
    say_line("[" + std::to_string(rank) + " " + host_name() + "] " + line);
  else if (broke || rank == 0) say_line(line);
  if (broke && processes) processes->abort(e.line);
  std::cout.flush();
  std::_Exit(e.status);
}

/// The columns that all pairs share.
inline row pair_columns_of_run(const nccl_team& team, const options& o, const std::string& run_id) {
  row common = common_row(team, o, tool::nccl);
  common.run_id = run_id;
  common.algorithm = "nccl";
  common.timing = "back_to_back";
  common.library = library_name(true);
  common.registration = "none";
  return common;
}

inline pair_plan plan_of(const nccl_team& team, const options& o) {
  expects(team.ranks() > 1, "--pairs needs 2 ranks at least, found 1: use -g 2, or more processes");
  return o.pairs == "quick" ? pair_plan{team.nodes_of_ranks()} : pair_plan{team.ranks()};
}

/// `send_recv --pairs`. Where a pair did not answer, kernels still wait on the streams: as above.
inline int measure_pairs_of_gpus(nccl_team& team, const options& o) {
  expect_flags_of_pairs(o);
  const pair_plan plan = plan_of(team, o);
  std::vector<pair_rank> local;
  for (const auto& m : team.members())
    local.push_back({m->rank.link().handle(), m->rank.stream, m->rank.device(), m->rank.rank()});
  auto about = describe_run(new_run_id(), o.arguments);
  describe_gpus(about, team, o);
  std::optional<pairs_output> out;
  team.together([&] {
    if (team.speaks()) out.emplace(o, about);
  });
  const row common = pair_columns_of_run(team, o, about["run_id"]);
  if (out) {
    out->introduce("nccl", plan, o, std::to_string(team.ranks()) + " ranks on " + team.hosts());
    out->all().note(gpus_in_words(team) + ", " + common.library);
  }
  const int status = run_pairs(team.processes(), local, plan,
                               {.bytes = size_option("-e", o.last_size),
                                .iterations = o.iterations,
                                .warmup = o.warmup,
                                .check = o.check,
                                .deadline = team.deadline() / 3},
                               common, out ? out->sink() : pair_sink{});
  if (out) out->end();
  if (status == static_cast<int>(failure::broke)) std::cout.flush(), std::_Exit(status);
  return status;
}

/// The GPUs of this process. Where one process has none, all throw.
inline std::vector<int> devices_here(process_group& processes, const launch& l, const options& o) {
  std::vector<int> devices;
  agree(processes, [&] {
    const int asked = o.gpus > 0 || o.threads > 0 ? std::max(o.gpus, 1) * std::max(o.threads, 1) : 0;
    devices = devices_of(l, expect_cuda(), asked);
  });
  return devices;
}

}  // namespace detail

/// The main program of colossus-nccl: the algorithms of `List` over NCCL, beside NCCL's own collectives. Ranks are the
/// GPUs of the processes that a launcher started, or of this one.
template <class List>
int nccl_main(int argc, char** argv) {
  using all = beside_nccl<List>;
  if (asks_for_launches(argc, argv)) return launches_main(argc, argv, tool::nccl, catalogue{all{}});
  launch l;
  std::unique_ptr<process_group> processes;
  std::optional<nccl_team> team;  // outlives an error: see end_nccl
  try {
    const environment env = environment_of_process();
    l = find_launch(env);
    std::ostream nowhere{nullptr};
    const auto o = parse_command_line(argc, argv, tool::nccl, catalogue{all{}}, l.rank <= 0 ? std::cout : nowhere);
    if (!o) return 0;
    if (o->plan) return print_plans<all>(l.rank <= 0 ? std::cout : nowhere, *o), 0;
    if (!o->self_test.empty())
      return run_self_test({.file = o->self_test,
                            .arguments = o->arguments,
                            .gpus = o->gpus,
                            .id_file = o->id_file,
                            .standalone = o->standalone});
    if (o->timing == "isolated" && o->pairs.empty()) expect_gate(env);
    expect_no_result_of_fakes(o->csv);
    catch_interrupts();
    const auto deadline = std::chrono::milliseconds{static_cast<std::int64_t>(o->deadline_s * 1e3)};
    processes = join(l, {.id_file = o->id_file, .standalone = o->standalone, .deadline = deadline});
    find_local_place(l, *processes);
    const std::vector<int> devices = detail::devices_here(*processes, l, *o);
    choose_device(devices);
    team.emplace(*processes, devices, *o);
    return !o->pairs.empty() ? detail::measure_pairs_of_gpus(*team, *o) : run_measured<all>(*team, *o, tool::nccl);
  } catch (...) {
    detail::end_nccl(processes.get(), l);
  }
}

}  // namespace colossus::bench
