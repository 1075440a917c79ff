// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/anonymise.hpp>
#include <colossus/bench/answers.hpp>
#include <colossus/bench/interrupt.hpp>
#include <colossus/bench/pair_model.hpp>
#include <colossus/bench/pair_options.hpp>
#include <colossus/bench/pair_rounds.hpp>
#include <colossus/bench/pairs_csv.hpp>
#include <colossus/bench/results.hpp>
#include <colossus/bench/simulated_table.hpp>

namespace colossus::bench {

/// Prices messages between every two ranks of a machine, in rounds without conflicts whose pairs load the fabric
/// together: the table that --pairs of the other programs measures.
class simulated_pairs {
 public:
  explicit simulated_pairs(const options& o)
      : options_{o},
        scene_{(check_pairs(o), scenes_of(o).front())},
        how_{pricings_of(o).front()},
        plan_{plan_of(o, scene_)} {
    how_.chosen.routing.seeds = 1;
    expects(plan_.ranks() > 1, "--pairs: expected 2 ranks at least, found " + std::to_string(plan_.ranks()));
  }

  int run() {
    expect_room_for_pairs(options_.csv, options_.append);
    results<simulated_table> out{options_, describe(), false};
    std::optional<pairs_file> file;
    if (!options_.csv.empty()) file.emplace(pairs_path(options_.csv), options_.append);
    introduce(out);
    for (const std::int64_t bytes : options_.sizes) {
      std::vector<double> us;
      by_sort_.clear();
      for_each_pair(
          out.run_id(), bytes,
          [&](const pair_line& line) {
            us.push_back(*line.time_us_p50);
            if (file) file->write(line);
          },
          [&](int round) { out.line().show(of_size(round), of_size(plan_.rounds()), scene_.name()); });
      if (interrupted()) break;
      tell(out, bytes);
      out.keep(row_of(out.run_id(), bytes, std::move(us)));
    }
    out.end();
    if (file) out.note(with_commas(static_cast<std::int64_t>(written_)) + " pairs -> " + file->path());
    return interrupted() ? interrupted_status : 0;
  }

  /// Calls `take(line)` for every pair, round after round, and `show(round)` before each.
  template <class Take, class Show>
  void for_each_pair(const std::string& run_id, std::int64_t bytes, Take&& take, Show&& show) {
    std::visit(
        [&](const auto& machine) {
          pair_model model{machine, how_.chosen.routing};
          for (int round = 0; round < plan_.rounds() && !interrupted(); ++round) {
            show(round);
            price_round(machine, model, run_id, round, bytes, take);
          }
        },
        scene_.machine->fabric);
  }

 private:
  using output = results<simulated_table>;

  static std::size_t of_size(int count) { return static_cast<std::size_t>(count); }
  static pair_plan plan_of(const options& o, const scene& s) {
    if (o.pairs != "quick") return pair_plan{static_cast<int>(s.placement.size())};
    std::vector<int> nodes;
    std::visit(
        [&](const auto& machine) {
          for (const gpu_t gpu : s.placement) nodes.push_back(machine.node_of(gpu));
        },
        s.machine->fabric);
    return pair_plan{nodes};
  }

  nlohmann::ordered_json describe() const {
    auto run = describe_run(new_run_id(), options_.arguments);
    run["topologies"] = {{{"path", scene_.machine->description.path},
                          {"name", scene_.name()},
                          {"id", scene_.machine->topology_id},
                          {"evidence", scene_.machine->description.evidence},
                          {"assumptions", scene_.machine->assumptions}}};
    return run;
  }

  void introduce(output& out) const {
    note_wrapped(out, std::string{"colossus "} + version + ", model: " + echo(options_, tool::simulate));
    note_wrapped(out, "SIMULATED, " + price_words(*scene_.machine));
    note_wrapped(out, scene_.name() + ": " + with_commas(plan_.ranks()) + " of " + with_commas(scene_.gpus) +
                          " GPUs on " + with_commas(scene_.nodes) + " nodes, " + scene_.placed +
                          (scene_.scenario.empty() ? "" : "; " + scene_.scenario));
    for (const std::string& line : scene_.machine->faults) out.note("broken       " + line);
    note_wrapped(out, with_commas(plan_.pairs()) + " pairs in " + with_commas(plan_.rounds()) +
                          " rounds; those of a round send at once, both ways" +
                          (options_.pair_noise > 0 ? "; times with noise of " + brief(100 * options_.pair_noise) + "%"
                                                   : std::string{}));
  }

  /// What pairs of each sort come to.
  void tell(output& out, std::int64_t bytes) {
    out.note("");
    out.note(bytes_for_people(bytes) + ", GB/s each way:   median   slowest       pairs");
    for (auto& [sort, rates] : by_sort_) {
      std::ranges::sort(rates);
      const std::string name =
          std::visit([&, distance = sort](const auto& machine) { return machine.distance_name(distance); },
                     scene_.machine->fabric);
      out.note(detail::format("%32.1f%10.1f%12s  ", percentile(rates, 0.5), rates.front(),
                              with_commas(std::ssize(rates)).c_str()) +
               name);
    }
  }

  template <class Fabric, class Take>
  void price_round(const Fabric& machine, pair_model<Fabric>& model, const std::string& run_id, int round,
                   std::int64_t bytes, Take&& take) {
    std::vector<exchange> exchanges;
    std::vector<int> ranks;
    for (int rank = 0; rank < plan_.ranks(); ++rank)
      if (const int other = plan_.partner(round, rank); rank < other) {
        exchanges.push_back({gpu_of(rank), gpu_of(other), bytes});
        ranks.push_back(rank);
      }
    const double head = scene_.machine->profile ? scene_.machine->profile->operation_s : 0;
    model.solve(exchanges, how_.chosen.routing.seed);
    for (std::size_t i = 0; i < exchanges.size(); ++i) {
      const double seconds =
          (head + model.seconds(i)) * measured_factor(options_.pair_noise, how_.chosen.routing.seed, written_++);
      const pair_line line = line_of(machine, run_id, round, ranks[i], exchanges[i], seconds);
      by_sort_[machine.distance(exchanges[i].a, exchanges[i].b)].push_back(*line.GBps);
      take(line);
    }
  }

  template <class Fabric>
  pair_line line_of(const Fabric& machine, const std::string& run_id, int round, int rank, const exchange& e,
                    double seconds) {
    const auto host = [&](gpu_t gpu) { return named(colossus::host_name(machine, machine.node_of(gpu))); };
    const std::int32_t gpus = machine.gpus_per_node();
    return {run_id,
            round,
            rank,
            host(e.a),
            e.a % gpus,
            plan_.partner(round, rank),
            host(e.b),
            e.b % gpus,
            e.bytes,
            seconds * 1e6,
            static_cast<double>(e.bytes) / seconds * 1e-9,
            "ok"};
  }

  row row_of(const std::string& run_id, std::int64_t bytes, std::vector<double> us) const {
    row r;
    r.run_id = run_id, r.source = "simulated", r.backend = backend_of(tool::simulate);
    r.library = std::string{"colossus-"} + version;
    r.system = options_.system, r.tags = options_.tags;
    r.collective = "send_recv", r.algorithm = plan_.is_quick() ? "pairs:quick" : "pairs";
    r.dtype = "uint8", r.bytes = r.count = bytes;
    describe_scene(r, scene_);
    r.routing = how_.routing, r.cost_model = how_.cost_model, r.price_kind = "exact";
    if (how_.draws()) r.queue_pairs = how_.chosen.routing.queue_pairs;
    if (how_.draws() || options_.pair_noise > 0) r.seed = options_.seed;
    r.iters = static_cast<std::int64_t>(us.size());
    std::sort(us.begin(), us.end());
    set_time(r, percentile(us, 0.5), "p50", 1);
    set_statistics(r, std::move(us));
    return r;
  }

  gpu_t gpu_of(int rank) const { return scene_.placement[static_cast<std::size_t>(rank)]; }
  std::string named(std::string host) { return options_.anonymise ? anonymous_.host(host) : host; }

  const options& options_;
  scene scene_;
  pricing how_;
  pair_plan plan_;
  anonymiser anonymous_;
  std::map<int, std::vector<double>> by_sort_;  // GB/s, by distance
  std::uint64_t written_ = 0;
};

}  // namespace colossus::bench
