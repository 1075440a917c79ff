// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/interrupt.hpp>
#include <colossus/bench/job_report.hpp>
#include <colossus/bench/results.hpp>
#include <colossus/bench/simulated_table.hpp>
#include <colossus/bench/stats.hpp>

namespace colossus::bench {

/// Prices the communication of a training step on every machine and in every way that the options ask for.
class job_run {
 public:
  job_run(const options& o, std::vector<priced_algorithm> known)
      : options_{o}, known_{std::move(known)}, job_{read_job(o.job)} {
    expects(
        o.every_collective && o.every_algorithm && o.groups.empty() && o.ranks.empty() && o.nodes.empty(),
        "--job: the file says who exchanges what: leave out the collective, --algorithm, --groups, --ranks, --nodes");
    expects(o.what_if.empty() && !o.sensitivity,
            "--job: --what-if and --sensitivity are of single collectives: name one instead of --job");
    for (const job_collective& c : job_.collectives) check(c);
    options on_all = o;
    on_all.ranks = {job_.layout.ranks()};
    if (o.seeds == 0) on_all.seeds = 4;
    pricings_ = pricings_of(on_all);
    try {
      scenes_ = scenes_of(on_all);
    } catch (const error& e) {
      throw error{"--job " + job_.path + ": " + e.what(), e.kind()};
    }
  }

  int run() {
    results<simulated_table> out{options_, describe(), false};
    out.note(std::string{"colossus "} + version + ", the messages of a training step");
    out.note("SIMULATED, " + price_words(*scenes_.front().machine));
    if (!out.resumed().empty()) out.note(out.resumed());
    for (const std::string& line : lines_of(job_)) out.note(line);
    for (const scene& s : scenes_) {
      introduce(out, s);
      for (const pricing& how : pricings_)
        if (!interrupted()) price(out, s, how);
    }
    out.end(options_.stats ? stats_.lines(out.rows()) : std::vector<std::string>{});
    return interrupted() ? interrupted_status : 0;
  }

 private:
  using output = results<simulated_table>;

  void check(const job_collective& c) const {
    std::string names;
    for (const priced_algorithm& a : known_) {
      if (a.collective != c.collective) continue;
      if (c.algorithm.empty() || c.algorithm == a.algorithm) return;
      names += (names.empty() ? "" : ", ") + std::string{a.algorithm};
    }
    throw error{job_.path + ": \"" + c.name + "\": expected an algorithm of " + c.collective + " (" + names +
                    "), found \"" + c.algorithm + "\"",
                failure::input};
  }

  nlohmann::ordered_json describe() const {
    auto run = describe_run(new_run_id(), options_.arguments);
    run["job"] = {{"path", job_.path}, {"name", job_.name}, {"assumptions", job_.assumptions}};
    for (const scene& s : scenes_)
      run["topologies"].push_back({{"path", s.machine->description.path},
                                   {"name", s.name()},
                                   {"id", s.machine->topology_id},
                                   {"evidence", s.machine->description.evidence},
                                   {"assumptions", s.machine->assumptions}});
    return run;
  }

  void introduce(output& out, const scene& s) const {
    out.note("");
    std::vector<std::string> lines;
    detail::append_wrapped(lines, "machine",
                           s.name() + ": " + with_commas(s.shape.ranks) + " of " + with_commas(s.gpus) + " GPUs on " +
                               with_commas(s.nodes) + " nodes, " + s.placed +
                               (s.scenario.empty() ? "" : "; " + s.scenario),
                           13);
    std::stringstream assumed;
    print_assumptions(*s.machine, assumed);
    for (std::string line; std::getline(assumed, line);) lines.push_back(line);
    for (const std::string& line : s.machine->faults) lines.push_back("broken       " + line);
    for (const std::string& line : lines) out.note(line);
  }

  void price(output& out, const scene& s, const pricing& how) {
    out.line().show(0, job_.collectives.size(), s.name() + " " + how.routing);
    const auto parts = price_parts(job_, s, known_, how.chosen);
    out.note("");
    out.note("routing " + how.routing +
             (how.draws() ? ", " + std::to_string(how.chosen.routing.queue_pairs) + " queue pairs, median of " +
                                std::to_string(how.chosen.routing.seeds) + " draws"
                          : "") +
             "; cost model " + how.cost_model);
    for (const std::string& line : lines_of(parts)) out.note(line);
    for (const std::string& line : lines_of(sum_up(parts, job_.compute_s), job_.compute_s, s)) out.note(line);
    for (const priced_part& p : parts)
      if (p.algorithm) out.keep(row_of(p, how, out.run_id()));
  }

  row row_of(const priced_part& p, const pricing& how, const std::string& run_id) const {
    row r = simulated_row(p.where, *p.algorithm, 0, "", "sum");
    r.run_id = run_id, r.system = options_.system;
    r.bytes = p.what->bytes;
    describe_price(r, p.at_once, how, p.algorithm->bus_factor(p.members));
    if (std::isfinite(p.where.power_w)) r.energy_J = p.where.power_w * p.at_once.seconds;
    r.tags = "job=" + job_.name + ";part=" + p.what->name + ";times=" + std::to_string(p.what->count) +
             ";alone_us=" + to_text(p.alone.seconds * 1e6) + (options_.tags.empty() ? "" : ";" + options_.tags);
    return r;
  }

  const stats stats_{};
  const options& options_;
  std::vector<priced_algorithm> known_;
  job job_;
  std::vector<pricing> pricings_;
  std::vector<scene> scenes_;
};

}  // namespace colossus::bench
