// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/host_runs.hpp>
#include <colossus/bench/interrupt.hpp>
#include <colossus/bench/results.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/bench/table.hpp>

#include <benchmark/benchmark.h>

#include <map>

namespace colossus::bench {

/// Measures configurations on a team of ranks, whose `runs` know how to. Every rank of every process goes through the
/// same benchmarks and is told the same times, so that all of them agree on how often each one runs.
template <class Team>
class measurer {
 public:
  using comm = typename Team::comm;
  using runs = typename Team::runs;

  measurer(Team& team, runs& r, const options& o, row common)
      : team_{&team}, runs_{&r}, options_{&o}, common_{std::move(common)} {}

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

  /// The row of a configuration as far as it is known before it is measured.
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
    runs_->describe(c, r);
    return r;
  }

  bool stopped() const { return stopped_; }
  /// Nothing was thrown.
  bool whole() const { return thrown_ == nullptr; }
  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  row measure(benchmark::State& state, const configuration<comm>& c) {
    row r = describe(c);
    if (!runs_->hindrance(c).empty()) return refused(state, r, "unsupported");
    std::int64_t wrong = options_->check ? runs_->check(c) : 0;
    if (wrong == 0) {
      const timed_samples samples = time(state, c);
      r.timing = samples.timing;
      r.status = samples.status;
      if (!samples.tag.empty()) r.tags += (r.tags.empty() ? "" : ";") + samples.tag;
      if (options_->check) wrong = runs_->check(c);
      if (r.status == "ok" && wrong == 0) set_times(state, r, samples, c);
    }
    if (options_->check) r.errors = wrong;
    if (wrong != 0) return refused(state, r, "wrong_data");
    return r.status == "ok" ? r : refused(state, r, r.status);
  }

  static row refused(benchmark::State& state, row r, const std::string& status) {
    r.status = status;
    state.SkipWithError(status.c_str());
    return r;
  }

  /// Google Benchmark hears of operations that were timed together as of equal ones.
  timed_samples time(benchmark::State& state, const configuration<comm>& c) {
    timed_samples samples = runs_->time(c, static_cast<std::int64_t>(state.max_iterations));
    std::size_t next = 0;
    for (auto _ : state) {
      state.SetIterationTime(samples.all[std::min(next, samples.all.size() - 1)].seconds);
      ++next;
    }
    return samples;
  }

  problem problem_of(const configuration<comm>& c) const {
    return {.ranks = c.ranks,
            .nodes = team_->nodes(),
            .root = c.root,
            .bytes = c.bytes(),
            .lanes = options_->lanes,
            .chunk_bytes = options_->chunk_bytes};
  }

  void set_times(benchmark::State& state, row& r, const timed_samples& samples, const configuration<comm>& c) const {
    std::vector<double> us;
    std::map<rank_t, int> slow;
    for (const slowest_rank& s : samples.all) us.push_back(s.seconds * 1e6), ++slow[s.rank];
    const bool isolated = samples.timing == "isolated";
    if (isolated) set_statistics(r, us);
    set_time(r, isolated ? *r.time_us_p50 : us.front(), isolated ? "p50" : "mean", c.what.bus_factor(c.ranks));
    const auto most =
        std::max_element(slow.begin(), slow.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    r.slowest_rank = most->first;
    r.slowest_host = team_->host(most->first);
    runs_->conclude(r);
    report(state, r);
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
  runs* runs_;
  const options* options_;
  row common_;
  std::vector<row> rows_;
  std::exception_ptr thrown_;
  bool stopped_ = false;
};

}  // namespace colossus::bench
