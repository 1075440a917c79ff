// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/host_pairs.hpp>
#include <colossus/bench/pairs_output.hpp>

#include <thread>

namespace colossus::bench {
namespace detail {

template <class Team>
pair_plan plan_of(Team& team, const options& o) {
  expects(team.ranks() > 1, "--pairs needs 2 ranks at least, found 1: use --ranks 2, or mpirun -np 2");
  return o.pairs == "quick" ? pair_plan{team.nodes_of_ranks()} : pair_plan{team.ranks()};
}

template <class Team>
row pair_columns_of_run(const Team& team, const options& o, tool which, const std::string& run_id) {
  row common = common_row(team, o, which);
  common.run_id = run_id;
  common.algorithm = "direct";
  common.timing = "isolated";
  return common;
}

/// What is to be said below the verdict.
template <class Team>
void tell_limits(pairs_output& out, const Team& team, const pair_plan& plan, int rounds) {
  const auto cores = std::thread::hardware_concurrency();
  if (static_cast<unsigned>(team.ranks_here()) > cores)
    out.all().note(std::to_string(team.ranks_here()) + " ranks share " + std::to_string(cores) +
                   " cores: a pair may be slow because it waits for one");
  if (rounds < plan.rounds())
    out.all().note("interrupted after " + std::to_string(rounds) + " of " + std::to_string(plan.rounds()) + " rounds");
}

}  // namespace detail

/// `send_recv --pairs` on threads or MPI processes: measures the pairs of each round at once, and writes them as they
/// come. The exit status: 0, 1 where data was wrong, 130 where it was interrupted. Throws (broke) where a pair did not
/// answer.
template <class Team>
int measure_every_pair(Team& team, const options& o, tool which) {
  expect_flags_of_pairs(o);
  const pair_plan plan = detail::plan_of(team, o);
  host_pairs<Team> pairs{team, size_option("-e", o.last_size), o};
  const auto channel = team.pair_channel();
  const auto about = describe_run(new_run_id(), o.arguments);
  std::optional<pairs_output> out;
  team.together([&] {
    if (team.speaks()) out.emplace(o, about);
  });
  if (out) out->introduce(backend_of(which), plan, o, std::to_string(team.ranks()) + " ranks on " + team.hosts());
  pair_log log{plan.ranks(), detail::pair_columns_of_run(team, o, which, about["run_id"]),
               out ? out->sink() : pair_sink{}};

  std::vector<named_pair> mine;
  int round = 0;
  for (; round < plan.rounds() && !team.any(interrupted()); ++round) {
    const auto found = pairs.meet(plan, round);
    channel.tell(found, [&](const named_pair& p) { log.add(p); });
    mine.insert(mine.end(), found.begin(), found.end());
    if (out)
      out->all().line().show(static_cast<std::size_t>(round) + 1, static_cast<std::size_t>(plan.rounds()), "pairs");
  }
  const pair_verdict verdict = judge_pairs(channel, plan.ranks(), mine, pairs.ends());
  int wrong = 0;
  if (out) wrong = log.conclude(verdict), detail::tell_limits(*out, team, plan, round), out->end();
  if (round < plan.rounds()) return interrupted_status;
  return team.any(wrong != 0) ? static_cast<int>(failure::check) : 0;
}

}  // namespace colossus::bench
