// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/catalogue.hpp>
#include <colossus/bench/characterize/other_sections.hpp>
#include <colossus/bench/characterize/pool.hpp>
#include <colossus/bench/characterize/report.hpp>
#include <colossus/bench/characterize/this_machine.hpp>
#include <colossus/bench/csv_file.hpp>
#include <colossus/bench/program.hpp>
#include <colossus/bench/progress.hpp>

#include <sys/resource.h>

namespace colossus::bench {
namespace characterize {

/// The main job: prices the plan, measures this machine, writes both, and sums up.
class job {
 public:
  template <class List>
  job(const request& asked, List list)
      : asked_{asked}, plan_{asked, list}, letter_{catalogue{list}.algorithms("all_reduce")} {}

  int run() {
    make_folder(asked_.out);
    price();
    if (interrupted()) return interrupted_status;
    const measurement measured = measure();
    if (interrupted()) return interrupted_status;
    line_.show(plan_.pieces().size(), plan_.pieces().size(), "writing the report");
    const std::string no_report = write_report(asked_.out);
    line_.clear();
    const std::string screen = fitted(text(measured, no_report));
    std::cout << screen << std::flush;
    if (!(std::ofstream{at("summary.txt")} << screen).flush())
      throw error{at("summary.txt") + ": cannot be written", failure::broke};
    return measured.status;
  }

 private:
  std::string at(const char* file) const { return (std::filesystem::path{asked_.out} / file).string(); }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count(); }

  void price() {
    auto run = describe_run(new_run_id(), asked_.arguments);
    for (const auto& machine : plan_.machines()) {
      const auto& file = machine->description;
      run["topologies"].push_back({{"path", file.path},
                                   {"name", file.name},
                                   {"id", machine->topology_id},
                                   {"evidence", file.evidence},
                                   {"assumptions", machine->assumptions}});
    }
    csv_file csv{at("simulated.csv"), false};
    pool workers{plan_.pieces()};
    workers.run(
        [&](outcome&& done, const piece&) {
          if (!done.refused.empty()) run["left_out"].push_back(done.refused);
          for (priced_row& r : done.rows) {
            r.figures.run_id = run["run_id"];
            csv.write(r.figures);
            rows_.push_back(std::move(r));
          }
        },
        [&](std::size_t done) {
          line_.show(done, plan_.pieces().size(), "pricing, " + std::to_string(static_cast<int>(seconds())) + " s");
        });
    line_.clear();
    write_sidecar(at("simulated.csv"), run);
  }

  measurement measure() {
    this_machine here{at("measured.csv"), at("measured.log"), asked_.quick};
    const measurement done =
        here.measure([&](const std::string& what) { line_.show(plan_.pieces().size(), plan_.pieces().size(), what); });
    line_.clear();
    if (std::filesystem::exists(at("measured.csv"))) measured_ = read_rows(at("measured.csv"));
    return done;
  }

  /// The screen. `no_report`: why there is none, or nothing.
  std::string text(const measurement& measured, const std::string& no_report) const {
    std::ostringstream out;
    row_list priced, timed;
    for (const priced_row& r : rows_) priced.push_back(&r.figures);
    for (const row& r : measured_) timed.push_back(&r);
    const loaded& machine = *plan_.machines().front();
    const subject about{machine.description.name, plan_.growth().back(), letter_};
    print_head(out, machine, priced);
    out << '\n';
    print_winners(out, priced, about);
    print_crossovers(out, priced, about);
    out << '\n';
    print_growth(out, priced, about, plan_.growth());
    out << '\n';
    print_ecmp(out, priced, about, compared, plan_.fineness().queue_pairs);
    print_claim(out, priced, about, compared);
    out << '\n';
    print_busy(out, about);
    out << '\n';
    print_others(out, priced, plan_.machines(), letter_, compared);
    out << '\n';
    print_measured(out, timed, measured.remarks, static_cast<int>(std::thread::hardware_concurrency()));
    out << '\n';
    print_end(out, no_report);
    return out.str();
  }

  /// Section 4 from the row that has what no column holds.
  void print_busy(std::ostream& out, const subject& about) const {
    const question q{.topology = about.name,
                     .algorithm = std::string{compared},
                     .ranks = about.ranks,
                     .bytes = plan_.fineness().sizes.back()};
    const auto found =
        std::find_if(rows_.begin(), rows_.end(), [&](const priced_row& r) { return q.matches(r.figures); });
    if (found == rows_.end()) return;
    const std::vector<std::string> kinds = std::visit(
        [](const auto& fabric) {
          return std::vector<std::string>{fabric.kinds().begin(), fabric.kinds().end()};
        },
        plan_.machines().front()->fabric);
    print_utilisation(out, &found->figures, kinds, found->utilisation);
  }

  void print_end(std::ostream& out, const std::string& no_report) const {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    out << "rows " << with_commas(static_cast<std::int64_t>(rows_.size())) << " simulated, "
        << with_commas(static_cast<std::int64_t>(measured_.size())) << " measured -> " << asked_.out << '\n';
    out << "     {simulated,measured}.csv, .meta.json, summary.txt" << (no_report.empty() ? ", report.html   " : "   ")
        << brief(seconds()) << " s, " << brief(static_cast<double>(used.ru_maxrss) / 1024) << " MiB\n";
    if (!no_report.empty()) print_wrapped(out, "     no report.html: ", no_report, 5);
  }

  const request& asked_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  plan plan_;
  letters letter_;
  progress line_;
  std::vector<priced_row> rows_;
  std::vector<row> measured_;
};

}  // namespace characterize

/// The main program of colossus-characterize for the algorithms of `List`.
template <class List>
int characterize_main(int argc, char** argv) {
  return guarded("colossus-characterize", [&] {
    const auto asked = characterize::parse_request(argc, argv, std::cout);
    if (!asked) return 0;
    catch_interrupts();
    return characterize::job{*asked, List{}}.run();
  });
}

}  // namespace colossus::bench
