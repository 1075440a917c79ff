// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/host_runs.hpp>
#include <colossus/bench/nccl_buffers.hpp>
#include <colossus/bench/nccl_launches.hpp>
#include <colossus/bench/nccl_timing.hpp>
#include <colossus/bench/table.hpp>

namespace colossus::bench {

/// How operations run on a team of GPUs: enqueued for all local ranks together, timed on the GPUs, their data checked
/// there.
class nccl_runs {
 public:
  using comm = nccl_rank;
  using member = gpu_member;
  using config = configuration<comm>;

  nccl_runs(nccl_team& team, const options& o)
      : team_{&team}, options_{&o}, buffers_{team, o}, timing_{team, o.gate_deadline_s} {}

  /// Everything that any configuration will need: buffers, workspaces, tables; told to NCCL as --register says. Nothing
  /// is allocated later.
  void reserve(const std::vector<config>& all) {
    buffers_.reserve(all);
    timing_.warm_up();
    launches_.costs(timing_.measure_launches());
  }

  /// NCCL itself has no send and receive, and no all-to-all, in which input and output are the same memory.
  std::string hindrance(const config& c) const {
    return c.what.algorithm == "nccl" && c.in_place && !c.layout().one_area ? "not in place" : "";
  }

  /// The operation as it is timed: where graphs are, once more as one.
  std::int64_t check(const config& c) {
    prepare(c);
    std::int64_t wrong = wrong_after(c, [&] { run(c); });
    if (options_->timing == "graph" && !team_->any(wrong > 0))
      wrong += wrong_after(c, [&] { timing_.replayed([&] { run(c); }); });
    const auto all = gather(team_->processes(), wrong);
    return std::accumulate(all.begin(), all.end(), std::int64_t{0});
  }

  /// Behind a gate there is always a warm-up of the very same configuration before.
  timed_samples time(const config& c, std::int64_t n) {
    prepare(c);
    const bool gated = options_->timing == "isolated" && launches_.per_operation() <= most_behind_gate;
    timed_samples samples{.all = {}, .timing = options_->timing, .tag = {}};
    if (options_->timing == "isolated" && !gated)
      samples.timing = "back_to_back", samples.tag = "gate=too_many_launches";
    const enqueues one = [&] { buffers_.move_on(c), run(c); };
    for (int i = 0; i < std::max(options_->warmup, 1); ++i) one();
    team_->wait(c.what.algorithm);
    bool late = false;
    if (gated) samples.all = team_->slowest(gated_samples(one, n, late));
    else if (options_->timing == "graph")
      samples.all = team_->slowest({timing_.graph(one, n, options_->graph_launches)});
    else samples.all = team_->slowest({timing_.back_to_back(one, n)});
    if (team_->any(late)) samples.status = "timeout", samples.tag = "gate=timed_out", ++late_rows_;
    return samples;
  }

  void describe(const config& c, row& r) const {
    const bool own = c.what.algorithm == "nccl";
    r.library = library_name(own);
    r.protocol = variable("NCCL_PROTO");
    if (std::string algo = variable("NCCL_ALGO"); !algo.empty()) {
      std::replace(algo.begin(), algo.end(), ';', ',');  // which ends a tag
      r.tags += (r.tags.empty() ? "NCCL_ALGO=" : ";NCCL_ALGO=") + algo;
    }
    r.registration = options_->registration;
  }

  /// What is known once it ran.
  void conclude(row& r) { launches_.conclude(r); }

  std::vector<std::string> notes() const {
    std::vector<std::string> found = buffers_.in_words();
    if (found.empty()) return {};
    found.insert(found.begin(),
                 gpus_in_words(*team_) + ", " + library_name(true) + ", registration " + options_->registration);
    found.push_back(launches_.costs_in_words());
    if (team_->nodes() != team_->nodes_in_order())
      found.push_back(
          "the ranks of a host do not follow each other: algorithms with levels take all hosts for one "
          "(srun -m block, mpirun --map-by slot)");
    return found;
  }

  std::vector<std::string> last_notes() const {
    std::vector<std::string> found;
    if (late_rows_ > 0)
      found.push_back("the gate opened itself before all was enqueued: no time for " + std::to_string(late_rows_) +
                      " rows: raise --gate-deadline, or use --timing back_to_back");
    if (const std::string limited = launches_.limited_in_words(); !limited.empty()) found.push_back(limited);
    return found;
  }

  void describe_run(nlohmann::ordered_json& run) const { describe_gpus(run, *team_, *options_); }
  bool amend_run(nlohmann::ordered_json& run) const {
    read_gpus(run, *team_, "after");
    return true;
  }

 private:
  /// How many elements of the local ranks `work` leaves wrong.
  template <class F>
  std::int64_t wrong_after(const config& c, F&& work) {
    buffers_.move_on(c);
    team_->each([&](member& m) {
      nccl_buffers::data_of(m).prepare(c.on(m, *options_), c.layout(), c.ranks, m.rank.rank(), c.in_place);
    });
    work();
    team_->each([&](member& m) {
      nccl_buffers::data_of(m).check(c.on(m, *options_), c.layout(), c.ranks, m.rank.rank(), c.in_place);
    });
    team_->wait(c.what.algorithm);
    std::int64_t wrong = 0;
    team_->each([&](member& m) {
      const data_verdict found = nccl_buffers::data_of(m).verdict(c.on(m, *options_), m.rank.rank(), tables_);
      wrong += found.wrong;
      if (!found && !std::exchange(m.complained, true))
        std::cerr << wrong_data_line(m.rank.rank(), c.what.algorithm, found.first);
    });
    return wrong;
  }

  /// One operation of all local ranks: enqueued, not waited for.
  void run(const config& c) {
    calls_.clear();
    team_->each([&](member& m) {
      c.what.run(*m.comm, c.on(m, *options_));
      if (m.rank.plan()) calls_.push_back(std::get<transports::nccl_call>(m.rank.next()));
    });
    const auto watched = team_->watched("enqueueing an operation");
    if (!calls_.empty()) return transports::enqueue(calls_);
    team_->grouped([&](member& m) {
      colossus::detail::check_nccl(enqueue_baseline(std::get<baseline_call>(m.rank.next())),
                                   std::string{c.what.collective}.c_str(), m.rank.link().handle());
    });
  }

  /// Plans, connections and tables of a configuration that is not the last one's.
  void prepare(const config& c) {
    config either = c;  // in place or not: the plan is the same
    either.in_place = false;
    const std::string name = benchmark_name(either);
    if (name == prepared_) return;
    prepared_ = name;
    tables_ = tables_of(c.kind, c.layout(), c.ranks, c.count, c.root);
    calls_.clear();
    int launches = 1, groups = 1;
    team_->each([&](member& m) {
      c.what.run(*m.comm, c.on(m, *options_));
      nccl_buffers::data_of(m).upload(tables_);
      if (!m.rank.plan()) return;
      calls_.push_back(std::get<transports::nccl_call>(m.rank.next()));
      launches = std::max(launches, m.rank.plan()->launches());
      groups = std::max(groups, m.rank.plan()->groups());
    });
    team_->wait("the copy of what is known of the data");
    if (!calls_.empty()) {
      const auto watched = team_->watched("connecting the ranks");
      transports::connect(calls_, team_->deadline());
    }
    launches_.of_operation(bench::max(team_->processes(), launches).value,
                           bench::max(team_->processes(), groups).value);
  }

  std::vector<std::vector<double>> gated_samples(const enqueues& one, std::int64_t n, bool& late) {
    std::vector<std::vector<double>> samples;
    samples.reserve(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
      samples.push_back(timing_.isolated(one));
      late = team_->any(timing_.gate_timed_out());
      if (late) break;  // the others would take as long
    }
    return samples;
  }

  nccl_team* team_;
  const options* options_;
  nccl_buffers buffers_;
  nccl_timing timing_;
  nccl_launches launches_;
  std::string prepared_;
  known_tables tables_;
  std::vector<transports::nccl_call> calls_;
  std::int64_t late_rows_ = 0;
};

}  // namespace colossus::bench
