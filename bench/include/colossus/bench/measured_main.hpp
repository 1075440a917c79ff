// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/command_line.hpp>
#include <colossus/bench/google_benchmark.hpp>
#include <colossus/bench/measured.hpp>

namespace colossus::bench {
namespace detail {

/// The columns that all rows of a run share.
template <class Team>
row common_row(const Team& team, const options& o, tool which) {
  row r;
  r.source = "measured";
  r.backend = backend_of(which);
  r.library = std::string{"colossus-"} + version;
  r.system = o.system;
  if (o.lanes > 0) r.lanes = o.lanes;
  if (o.chunk_bytes > 0) r.chunk_bytes = o.chunk_bytes;
  r.ranks = team.ranks();
  r.nodes = team.nodes();
  if (team.ranks() % team.nodes() == 0) r.ranks_per_node = team.ranks() / team.nodes();
  r.timing = o.timing;
  r.warmup = o.warmup;
  r.tags = o.tags;
  return r;
}

/// What the column time holds.
inline std::string timing_in_words(const options& o, tool which) {
  if (o.timing == "isolated")
    return std::string{"time: median over iterations of the slowest rank's time, one operation behind a "} +
           (which == tool::nccl ? "gate that opens once it is enqueued" : "barrier");
  if (o.timing == "graph") return "time: a graph of all iterations on the slowest rank, over their number";
  return "time: all iterations of the slowest rank, over their number";
}

/// The lines above the table.
template <class Team, class Results>
void introduce(Results& out, const Team& team, const options& o, tool which, const std::vector<std::string>& notes) {
  out.note(std::string{"colossus "} + version + ", " + std::string{backend_of(which)} + ": " + echo(o, which));
  out.note(std::to_string(team.ranks()) + (team.ranks() == 1 ? " rank" : " ranks") + " on " + team.hosts() +
           (o.system.empty() ? "" : ", " + o.system));
  out.note(timing_in_words(o, which));
  for (const std::string& text : notes) out.note(text);
  if (!out.resumed().empty()) out.note(out.resumed());
  out.head();
}

/// How often Google Benchmark is asked to repeat a configuration: so many launches it has.
inline std::int64_t repetitions_of(const options& o) {
  static constexpr std::string_view flag = "--benchmark_repetitions=";
  std::int64_t repetitions = 1;
  for (const std::string& a : o.benchmark_arguments)
    if (a.starts_with(flag)) repetitions = to_number<std::int64_t>(std::string_view{a}.substr(flag.size())).value_or(1);
  return std::max<std::int64_t>(repetitions, 1);
}

/// Leaves out what the file of --resume has of the launch that it goes on with: the last one that it has, or --launch.
/// True where it left anything out.
template <class Team, class Results>
bool leave_out_what_is_there(Team& team, Results* out, const measurer<Team>& run, const options& o,
                             std::vector<configuration<typename Team::comm>>& all) {
  const std::int64_t repetitions = repetitions_of(o);
  const auto planned = [&](const auto& c) {
    row r = run.describe(c);
    r.launch = 0;
    return r;
  };
  std::int64_t launches = 1;
  for (const auto& c : all)
    if (out && o.launch < 0) launches = std::max(launches, out->launches_of(planned(c)));
  if (out) out->begin_launches_at((o.launch < 0 ? (launches - 1) / repetitions : o.launch) * repetitions);
  if (!o.resume) return false;
  std::vector<configuration<typename Team::comm>> left;
  for (const auto& c : all)
    if (!team.any(out && out->has(planned(c), repetitions))) left.push_back(c);
  std::swap(all, left);
  return all.size() < left.size();
}

template <class Team>
void register_benchmarks(measurer<Team>& run, const std::vector<configuration<typename Team::comm>>& all,
                         const options& o, bool fixed) {
  for (const auto& c : all) {
    auto* const b =
        benchmark::RegisterBenchmark(benchmark_name(c).c_str(), [&run, &c](benchmark::State& state) { run(state, c); });
    b->UseManualTime()->Unit(benchmark::kMicrosecond);
    if (fixed) b->Iterations(o.iterations);
  }
}

}  // namespace detail

/// Measures what the options ask for with the algorithms of `List` on `team`, and returns the exit status.
template <class List, class Team>
int run_measured(Team& team, const options& o, tool which) {
  benchmark_flags flags{std::string{program_of(which)}, o.benchmark_arguments, team.speaks()};
  flags.initialize();
  std::vector<std::string> notes;
  const problem shape{.ranks = team.ranks(), .nodes = team.nodes(), .lanes = o.lanes, .chunk_bytes = o.chunk_bytes};
  const auto operations = chosen_algorithms(o, operations_of<typename Team::comm, List>(o.collective), shape, notes);
  auto all = configurations_of(o, operations, team.ranks(), notes);
  expects(!all.empty(), "nothing to measure: every size has less than one element a rank: raise -e");

  typename Team::runs runs{team, o};
  auto about = describe_run(new_run_id(), o.arguments);
  about["ranks"] = team.ranks(), about["nodes"] = team.nodes();
  runs.describe_run(about);
  std::optional<results<measured_table>> out;
  team.together([&] {
    if (team.speaks() && !flags.lists()) out.emplace(o, about, flags.has_format());
  });
  if (!flags.lists()) runs.reserve(all);
  for (const std::string& text : runs.notes()) notes.push_back(text);
  if (out) detail::introduce(*out, team, o, which, notes);
  row common = detail::common_row(team, o, which);
  if (out) common.run_id = out->run_id();
  measurer<Team> run{team, runs, o, std::move(common)};
  const bool has_some = detail::leave_out_what_is_there(team, out ? &*out : nullptr, run, o, all);
  const bool complete = o.resume && all.empty();
  if (complete && out) out->note("nothing is left to do");
  detail::register_benchmarks(run, all, o, !flags.has("--benchmark_min_time"));

  std::size_t done = 0;
  std::int64_t wrong = 0, broken = 0;
  reporter report{[&](std::size_t repetitions) {
                    for (const row& r : run.take(repetitions)) {
                      wrong += r.errors.value_or(0);
                      broken += r.status == "timeout" ? 1 : 0;
                      if (out) out->add(r);
                    }
                    if (out) out->line().show(++done, all.size(), benchmark_name(all[std::min(done, all.size() - 1)]));
                  },
                  flags.has_format(), team.speaks()};
  const std::size_t ran = complete ? 0 : benchmark::RunSpecifiedBenchmarks(&report);
  if (run.whole() && runs.amend_run(about) && out) out->amend(about);
  if (out) out->end(runs.last_notes());
  run.rethrow();
  expects(ran > 0 || has_some, "--benchmark_filter leaves nothing to run: see --benchmark_list_tests");
  if (run.stopped()) return interrupted_status;
  return wrong > 0 ? static_cast<int>(failure::check) : broken > 0 ? static_cast<int>(failure::broke) : 0;
}

}  // namespace colossus::bench
