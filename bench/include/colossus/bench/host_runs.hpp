// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/check_data.hpp>
#include <colossus/bench/configuration.hpp>
#include <colossus/bench/participant.hpp>
#include <colossus/bench/system_memory.hpp>

#include <nlohmann/json.hpp>

#include <iostream>
#include <utility>

namespace colossus::bench {

/// What timing a configuration gave: a sample per operation, or their mean as the only one.
struct timed_samples {
  std::vector<slowest_rank> all;
  std::string timing;         ///< how they were really taken
  std::string status = "ok";  ///< of the row; where it is another there is no time
  std::string tag;            ///< k=v for the column tags
};

/// The line for stderr about wrong data on one rank.
inline std::string wrong_data_line(rank_t rank, std::string_view algorithm, const std::string& first) {
  return "[" + std::to_string(rank) + " " + host_name() + "] wrong data from " + std::string{algorithm} + ": " + first +
         '\n';
}

/// How the operations of a team run whose ranks are threads or processes on CPUs, and are finished when their call
/// returns. Such a class stands between the measurer and each kind of team; `Team` offers each, timed and total.
template <class Team>
class host_runs {
 public:
  using comm = typename Team::comm;
  using member = typename Team::member;

  host_runs(Team& team, const options& o) : team_{&team}, options_{&o} {}

  /// Makes room for the largest configuration on every rank, if the machine has it.
  void reserve(const std::vector<configuration<comm>>& all) {
    const auto [in, out] = largest_buffers(all);
    expect_memory((static_cast<double>(in) + static_cast<double>(out)) * team_->ranks_here());
    team_->each([in = in, out = out](member& m) { m.in.reserve(in), m.out.reserve(out); });
  }

  /// Why the algorithm cannot run so; empty where it can.
  std::string hindrance(const configuration<comm>&) const { return {}; }

  /// Runs the operation once on known data: how many elements of all ranks are not what they should be.
  std::int64_t check(const configuration<comm>& c) {
    team_->each([&](member& m) { prepare_data(*m.comm, c.layout(), c.on(m, *options_), c.in_place); });
    return team_->total([&](member& m) {
      const call made = c.on(m, *options_);
      c.what.run(*m.comm, made);
      const data_verdict verdict = check_data(*m.comm, c.layout(), made, c.in_place);
      if (!verdict && !std::exchange(m.complained, true))  // once a rank: the first wrong element tells enough
        std::cerr << wrong_data_line(m.comm->rank(), c.what.algorithm, verdict.first);
      return verdict.wrong;
    });
  }

  /// Warms up, then times `n` operations: each behind a barrier, or all one behind the other, which is nccl-tests' way.
  timed_samples time(const configuration<comm>& c, std::int64_t n) {
    team_->each([&](member& m) { run(m, c, options_->warmup); });
    timed_samples samples{.all = {}, .timing = options_->timing, .tag = {}};
    if (options_->timing == "isolated") {
      samples.all.reserve(static_cast<std::size_t>(n));
      for (std::int64_t i = 0; i < n; ++i) samples.all.push_back(team_->timed([&](member& m) { run(m, c, 1); }));
    } else {
      samples.all.push_back(team_->timed([&](member& m) { run(m, c, n); }));
      samples.all.back().seconds /= static_cast<double>(n);
    }
    return samples;
  }

  /// Columns that only the team knows, notes above the table, and what goes to the sidecar before and after.
  void describe(const configuration<comm>&, row&) const {}
  void conclude(row&) const {}
  std::vector<std::string> notes() const { return {}; }
  std::vector<std::string> last_notes() const { return {}; }
  void describe_run(nlohmann::ordered_json&) const {}
  bool amend_run(nlohmann::ordered_json&) const { return false; }

 private:
  void run(member& m, const configuration<comm>& c, std::int64_t n) const {
    for (std::int64_t i = 0; i < n; ++i) c.what.run(*m.comm, c.on(m, *options_));
  }

  Team* team_;
  const options* options_;
};

}  // namespace colossus::bench
