// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/check_data.hpp>
#include <colossus/bench/configuration.hpp>
#include <colossus/bench/interrupt.hpp>
#include <colossus/bench/participant.hpp>
#include <colossus/bench/results.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/bench/table.hpp>

#include <benchmark/benchmark.h>

#include <iostream>
#include <map>

namespace colossus::bench {

/// Measures configurations on a team of ranks. Every rank of every process goes through the same benchmarks and is told
/// the same times, so that all of them agree on how often each one runs.
template <class Team>
class measurer {
 public:
  using comm = typename Team::comm;
  using member = typename Team::member;

  measurer(Team& team, const options& o, row common) : team_{&team}, options_{&o}, common_{std::move(common)} {}

  /// The function that Google Benchmark calls.
  void operator()(benchmark::State& state, const configuration<comm>& c) {
    if (thrown_ || (stopped_ = stopped_ || team_->any(interrupted())))
      return state.SkipWithError("not run: an earlier one ended the program");
    try {
      rows_.push_back(measure(state, c));
    } catch (const std::exception& problem) {
      thrown_ = std::current_exception();
      state.SkipWithError(problem.what());
    }
  }

  /// The rows of the last `repetitions` calls; those before them only looked for the number of iterations.
  std::vector<row> take(std::size_t repetitions) {
    std::vector<row> rows = std::exchange(rows_, {});
    if (rows.size() > repetitions) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(repetitions));
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].launch = static_cast<std::int64_t>(i);
    return rows;
  }

  bool stopped() const { return stopped_; }
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  row measure(benchmark::State& state, const configuration<comm>& c) {
    row r = describe(c);
    std::int64_t wrong = options_->check ? check(c) : 0;
    if (wrong == 0) {
      const auto samples = options_->timing == "isolated" ? time_each(state, c) : time_all(state, c);
      set_times(r, samples, c);
      if (options_->check) wrong = check(c);
      report(state, r);
    }
    if (options_->check) r.errors = wrong;
    if (wrong == 0) return r;
    r.status = "wrong_data";
    state.SkipWithError("wrong data");
    return r;
  }

  /// Runs the operation once on known data: how many elements of all ranks are not what they should be.
  std::int64_t check(const configuration<comm>& c) {
    team_->each([&](member& m) { prepare_data(*m.comm, c.layout(), call_on(m, c), c.in_place); });
    return team_->total([&](member& m) {
      const call made = call_on(m, c);
      c.what.run(*m.comm, made);
      const data_verdict verdict = check_data(*m.comm, c.layout(), made, c.in_place);
      if (!verdict) complain(m, c, verdict);
      return verdict.wrong;
    });
  }

  /// Once a rank: the first wrong element tells enough.
  static void complain(member& m, const configuration<comm>& c, const data_verdict& verdict) {
    if (std::exchange(m.complained, true)) return;
    std::cerr << "[" + std::to_string(m.comm->rank()) + " " + host_name() + "] wrong data from " +
                     std::string{c.what.algorithm} + ": " + verdict.first + '\n';
  }

  std::vector<slowest_rank> time_each(benchmark::State& state, const configuration<comm>& c) {
    warm_up(c);
    std::vector<slowest_rank> samples;
    samples.reserve(static_cast<std::size_t>(state.max_iterations));
    for (auto _ : state) {
      samples.push_back(team_->timed([&](member& m) { c.what.run(*m.comm, call_on(m, c)); }));
      state.SetIterationTime(samples.back().seconds);
    }
    return samples;
  }

  /// All operations one behind the other: nccl-tests' way. Google Benchmark hears of them as of equal ones.
  std::vector<slowest_rank> time_all(benchmark::State& state, const configuration<comm>& c) {
    warm_up(c);
    slowest_rank all;
    bool done = false;
    for (auto _ : state) {
      if (!std::exchange(done, true))
        all = team_->timed([&](member& m) {
          for (benchmark::IterationCount i = 0; i < state.max_iterations; ++i) c.what.run(*m.comm, call_on(m, c));
        });
      state.SetIterationTime(all.seconds / static_cast<double>(state.max_iterations));
    }
    all.seconds /= static_cast<double>(state.max_iterations);
    return {all};
  }

  void warm_up(const configuration<comm>& c) {
    team_->each([&](member& m) {
      for (int i = 0; i < options_->warmup; ++i) c.what.run(*m.comm, call_on(m, c));
    });
  }

  call call_on(member& m, const configuration<comm>& c) const {
    call made = c.on(m);
    made.options = {.lanes = options_->lanes, .chunk_bytes = options_->chunk_bytes};
    return made;
  }

  row describe(const configuration<comm>& c) const {
    const data_layout& l = c.layout();
    row r = common_;
    r.collective = c.what.collective;
    r.algorithm = c.what.algorithm;
    r.dtype = c.kind.type;
    if (l.reduces) r.redop = c.kind.reduction;
    if (l.has_root) r.root = c.root;
    r.in_place = c.in_place ? 1 : 0;
    set_size(r, l, c.count, static_cast<std::int64_t>(c.kind.size));
    r.wire_factor = c.what.wire_factor(problem_of(c), l, c.count);
    return r;
  }

  problem problem_of(const configuration<comm>& c) const {
    return {.ranks = c.ranks,
            .nodes = team_->nodes(),
            .root = c.root,
            .bytes = c.bytes(),
            .lanes = options_->lanes,
            .chunk_bytes = options_->chunk_bytes};
  }

  void set_times(row& r, const std::vector<slowest_rank>& samples, const configuration<comm>& c) const {
    std::vector<double> us;
    std::map<rank_t, int> slow;
    for (const slowest_rank& s : samples) us.push_back(s.seconds * 1e6), ++slow[s.rank];
    const bool isolated = options_->timing == "isolated";
    if (isolated) set_statistics(r, us);
    set_time(r, isolated ? *r.time_us_p50 : us.front(), isolated ? "p50" : "mean", c.what.bus_factor(c.ranks));
    const auto most =
        std::max_element(slow.begin(), slow.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    r.slowest_rank = most->first;
    r.slowest_host = team_->host(most->first);
  }

  /// For Google Benchmark's own reports.
  static void report(benchmark::State& state, row& r) {
    r.iters = state.iterations();
    state.counters["bytes"] = static_cast<double>(*r.bytes);
    state.counters["p50_us"] = r.time_us_p50.value_or(*r.time_us);
    state.counters["p99_us"] = r.time_us_p99.value_or(*r.time_us);
    state.counters["algbw_GBps"] = r.algbw_GBps.value_or(0);
    state.counters["busbw_GBps"] = r.busbw_GBps.value_or(0);
  }

  Team* team_;
  const options* options_;
  row common_;
  std::vector<row> rows_;
  std::exception_ptr thrown_;
  bool stopped_ = false;
};

}  // namespace colossus::bench
