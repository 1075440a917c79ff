// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/answers.hpp>
#include <colossus/bench/command_line.hpp>
#include <colossus/bench/ecmp_cost.hpp>
#include <colossus/bench/grouped.hpp>
#include <colossus/bench/interrupt.hpp>
#include <colossus/bench/job_run.hpp>
#include <colossus/bench/program.hpp>
#include <colossus/bench/scenario_cost.hpp>
#include <colossus/bench/simulated_pairs.hpp>
#include <colossus/bench/simulated_table.hpp>
#include <colossus/bench/sizes.hpp>
#include <colossus/bench/stats.hpp>
#include <colossus/bench/trace/write_trace.hpp>

#include <sstream>

namespace colossus::bench {

/// Prices what the options ask for, scene by scene: one row a size, algorithm and way of pricing.
class simulation {
 public:
  simulation(const options& o, std::vector<priced_algorithm> known)
      : options_{o},
        known_{std::move(known)},
        layout_{layout_of(o.collective)},
        scenes_{grouped_scenes_of(o)},
        pricings_{pricings_of(o)} {
    for (const scene& s : scenes_) {  // all that can be refused is, before a row is written
      std::vector<std::string> notes;
      const auto chosen = chosen_algorithms(o, known_, s.shape, notes);
      (void)roots_of(o, layout_, s.shape.ranks);
      (void)outage_classes(s, o.what_if, 1, {});
      steps_ += chosen.size() * pricings_.size() * o.types.size();
    }
  }

  int run() {
    results<simulated_table> out{options_, describe(), false};
    note_wrapped(out, std::string{"colossus "} + version + ", model: " + echo(options_, tool::simulate));
    note_wrapped(out, "SIMULATED, " + price_words(*scenes_.front().machine) +
                          ". time: median over draws of one isolated operation");
    if (!out.resumed().empty()) out.note(out.resumed());
    const std::size_t one_model =
        pricings_.size() / options_.cost_models.size();  // ways of pricing that can share their work
    for (const scene& s : scenes_) {
      introduce(out, s);
      for (const std::string& type : options_.types)
        for (std::size_t first = 0; first < pricings_.size(); first += one_model) {
          if (interrupted()) break;
          price_all(out, s, type, std::span{pricings_}.subspan(first, one_model));
          trace_once(out, s);
        }
      for (const std::string& line : drawn_.lines()) out.note(line);
      for (const std::string& line : lines_of_groups(s, priced_)) out.note(line);
      if (!options_.what_if.empty())
        answer_what_if(out, s, priced_, options_.what_if, static_cast<std::size_t>(options_.what_if_sample));
      if (options_.sensitivity) answer_sensitivity(out, s, priced_);
      drawn_ = {}, priced_.clear();
    }
    for (const std::string& line : varied_.lines()) out.note(line);
    out.end(options_.stats ? stats_.lines(out.rows()) : std::vector<std::string>{});
    return interrupted() ? interrupted_status : 0;
  }

 private:
  using output = results<simulated_table>;

  nlohmann::ordered_json describe() const {
    auto run = describe_run(new_run_id(), options_.arguments);
    for (const scene& s : scenes_) {
      const auto& file = s.machine->description;
      nlohmann::ordered_json one{
          {"path", file.path}, {"name", file.name}, {"id", s.machine->topology_id}, {"evidence", file.evidence}};
      one["assumptions"] = s.machine->assumptions;
      if (const auto& p = s.machine->profile)
        one["profile"] = {{"path", p->path}, {"name", p->name}, {"source", p->source}, {"evidence", p->evidence}};
      if (run["topologies"].empty() || run["topologies"].back() != one) run["topologies"].push_back(one);
    }
    return run;
  }

  /// What is priced, and on what evidence.
  void introduce(output& out, const scene& s) const {
    out.note("");
    note_wrapped(
        out, s.name() + ": " + with_commas(s.shape.ranks) + " of " + with_commas(s.gpus) + " GPUs on " +
                 with_commas(s.nodes) + " nodes, " + s.placed + ", latencies " + options_.latency +
                 (std::isfinite(s.power_w) ? ", power " + scaled(s.power_w, "W") : std::string{", power not known"}) +
                 (s.scenario.empty() ? "" : "; " + s.scenario));
    if (const std::string& path = s.machine->description.path;
        (is_assumed(*s.machine) || !s.machine->changes.empty()) && path != std::exchange(told_, path)) {
      std::stringstream lines;
      print_assumptions(*s.machine, lines, 98);
      for (std::string line; std::getline(lines, line);) out.note(line);
    }
    for (const std::string& line : s.machine->faults) out.note("broken       " + line);
    std::vector<std::string> notes;
    (void)chosen_algorithms(options_, known_, s.shape, notes);
    for (const std::string& text : notes) out.note(text);
    out.head();
  }

  void price_all(output& out, const scene& s, const std::string& type, std::span<const pricing> ways) {
    std::int64_t size = 0;
    with_data_type(type, [&]<class T>(std::type_identity<T>) { size = sizeof(T); });
    std::vector<std::string> notes;
    const auto counts = counts_of(options_, layout_, type, size, s.shape.ranks, notes);
    std::vector<priced_operation> priced;
    for (const priced_algorithm& a : chosen_algorithms(options_, known_, s.shape, notes)) {
      if (interrupted()) break;
      out.line().show(done_, steps_, s.name() + " " + std::string{a.algorithm});
      done_ += ways.size();
      for (const rank_t root : roots_of(options_, layout_, s.shape.ranks)) {
        row common = simulated_row(s, a, root, type, options_.operations.front());
        common.system = options_.system, common.tags = options_.tags, common.run_id = out.run_id();
        priced_operation operation{a, std::move(common), size, counts, ways};
        if (is_there(out, operation) || !price_one(out, s, operation)) continue;
        tag_ecmp_cost(operation);
        priced.push_back(std::move(operation));
      }
    }
    for (std::size_t w = 0; w < ways.size(); ++w)
      for (std::size_t i = 0; i < counts.size(); ++i)
        for (const priced_operation& o : priced) take(out, o.rows[w][i].figures);
    std::move(priced.begin(), priced.end(), std::back_inserter(priced_));
  }

  /// All its rows are in the file of --resume, and no question needs its prices. Else all of them are worked out again,
  /// for sizes help each other, and those that are missing are written.
  bool is_there(output& out, const priced_operation& o) const {
    if (!options_.resume || !options_.what_if.empty() || options_.sensitivity) return false;
    for (const pricing& how : o.ways)
      for (const std::int64_t count : o.counts) {
        row planned = o.common;
        set_size(planned, layout_, count, o.type_size);
        describe_price(planned, price{}, how, 1);
        if (!out.has(planned)) return false;
      }
    return true;
  }

  /// The messages of the first price.
  void trace_once(output& out, const scene& s) {
    if (options_.trace.empty() || priced_.empty() || std::exchange(traced_, true)) return;
    for (const std::string& line : write_trace(options_, s, priced_.front())) note_wrapped(out, line);
  }

  void take(output& out, const row& r) {
    out.add(r);
    drawn_.add(r);
    varied_.add(r);
  }

  /// False where the algorithm cannot be priced and was not asked for by name.
  bool price_one(output& out, const scene& s, priced_operation& operation) const try {
    operation.rows = operation.on(s);
    return true;
  } catch (const error& refused) {
    if (!options_.every_algorithm) throw;
    out.note(std::string{operation.what.algorithm} + ": left out: " + refused.what());
    return false;
  }

  const stats stats_{};
  const options& options_;
  std::vector<priced_algorithm> known_;
  const data_layout& layout_;
  std::vector<scene> scenes_;
  std::vector<pricing> pricings_;
  ecmp_cost drawn_;  // in the present scene
  scenario_cost varied_;
  std::vector<priced_operation> priced_;  // of the present scene
  std::size_t steps_ = 0, done_ = 0;
  bool traced_ = false;
  mutable std::string told_;  // the file whose assumptions were printed last
};

/// The main program of colossus-simulate for the algorithms of `List`: what they would cost on a fabric.
template <class List>
int simulate_main(int argc, char** argv) {
  return guarded(program_of(tool::simulate), [&] {
    const auto o = parse_command_line(argc, argv, tool::simulate, catalogue{List{}}, std::cout);
    if (!o) return 0;
    check_trace(*o);
    catch_interrupts();
    if (!o->pairs.empty()) return simulated_pairs{*o}.run();
    if (!o->job.empty()) return job_run{*o, every_priced_algorithm<List>()}.run();
    return simulation{*o, of_collective(every_priced_algorithm<List>(), o->collective)}.run();
  });
}

}  // namespace colossus::bench
