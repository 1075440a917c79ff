// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/command_line.hpp>
#include <colossus/bench/launch_series.hpp>
#include <colossus/bench/program.hpp>
#include <colossus/bench/results.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/bench/table.hpp>

#include <unordered_map>

namespace colossus::bench {

/// Whether a command line has --launches: then this process starts others, and touches neither MPI nor CUDA.
inline bool asks_for_launches(int argc, const char* const* argv) {
  return std::any_of(argv, argv + argc,
                     [](std::string_view a) { return a == "--launches" || a.starts_with("--launches="); });
}

namespace detail {

/// The rows of a file with one for each configuration: the median over launches of the time.
inline std::vector<row> medians_over_launches(const std::string& csv) {
  std::vector<row> medians;
  std::vector<std::vector<double>> times;
  std::unordered_map<std::string, std::size_t> places;
  for_each_row(file_text(csv), csv, [&](const row& r) {
    const auto [entry, is_new] = places.try_emplace(rows_there::key_text(r), medians.size());
    if (is_new) medians.push_back(r), times.emplace_back();
    row& m = medians[entry->second];
    if (r.status == "ok" && r.time_us) times[entry->second].push_back(*r.time_us);
    if (m.status == "ok" && r.status != "ok") m = r;
  });
  for (std::size_t i = 0; i < medians.size(); ++i) {
    row& m = medians[i];
    if (m.status != "ok" || times[i].empty()) continue;
    std::sort(times[i].begin(), times[i].end());
    const double factor = m.algbw_GBps.value_or(0) > 0 ? m.busbw_GBps.value_or(0) / *m.algbw_GBps : 0;
    set_time(m, percentile(times[i], 0.5), "p50", factor);
  }
  return medians;
}

}  // namespace detail

/// Starts the program again and again, one launch behind the other, and says what came out.
class launches {
 public:
  /// Throws (usage) where the options do not fit, before anything is started.
  launches(const options& o, tool which, const catalogue& known) : options_{o}, which_{which} {
    expects(!o.csv.empty() && o.csv != "-", "--launches keeps what it measures in a file: name one with --csv");
    expects(o.pairs.empty(), "--launches is of collectives: leave out --pairs");
    for (const std::string& a : o.benchmark_arguments)
      expects(!a.starts_with("--benchmark_out") && !a.starts_with("--benchmark_list_tests"),
              "--launches: " + a + " is of one launch: leave it out");
    sides_.push_back({{}, own_arguments(), o.csv});
    if (!o.versus.empty()) sides_.push_back(versus_side(sides_.front(), o.versus));
    for (const launch_side& side : sides_) check(side, known);
  }

  int run() {
    std::cout << "# colossus " << version << ", " << backend_of(which_) << ": " << echo(options_, which_) << '\n'
              << "# " << options_.launches << " launches" << of_each() << std::endl;
    for (int i = 0; i < options_.launches; ++i) {
      const line_end end;
      std::cout << "# launch " << i + 1 << " of " << options_.launches << std::flush;
      for (const launch_side& side : sides_) {
        const auto begun = std::chrono::steady_clock::now();
        if (const int status = run_launch(command(side, i)); status != 0) return status;
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        std::cout << detail::format("%s %.1f s", &side == &sides_.front() ? ":" : ", versus", took.count())
                  << std::flush;
      }
    }
    for (const launch_side& side : sides_) show(side);
    std::cout << "# " << compare_line() << std::endl;
    return 0;
  }

 private:
  /// Ends a line of the screen, whatever ends its scope.
  struct line_end {
    ~line_end() { std::cout << std::endl; }
  };

  std::string of_each() const {
    return (options_.launcher.empty() ? "" : " by " + options_.launcher) +
           (sides_.size() == 1 ? "" : ", each with one versus " + options_.versus);
  }

  /// What follows the program's name in a launch, less what is of the series.
  std::vector<std::string> own_arguments() const {
    auto all = detail::arguments_of(options_.arguments);
    std::erase_if(all, [](const detail::argument& a) {
      static constexpr std::array<std::string_view, 6> of_series{"--launches", "--launcher", "--versus",
                                                                 "--csv",      "--append",   "--resume"};
      return detail::is_among(of_series, a.first);
    });
    return detail::joined_again(all);
  }

  void check(const launch_side& side, const catalogue& known) const {
    if (!options_.append && !options_.resume && std::filesystem::exists(side.csv))
      throw error{side.csv + " is there already: add to it with --append, go on with --resume, or name another file"};
    std::vector<const char*> argv{options_.arguments.front().c_str()};
    for (const std::string& a : side.arguments) argv.push_back(a.c_str());
    argv.push_back("--csv"), argv.push_back(side.csv.c_str());
    expects(!asks_for_launches(static_cast<int>(argv.size()), argv.data()),
            "--launches within a launch: leave it out of --versus");
    std::ostream nowhere{nullptr};
    (void)parse_command_line(static_cast<int>(argv.size()), argv.data(), which_, known, nowhere);
  }

  std::vector<std::string> command(const launch_side& side, int launch) const {
    std::vector<std::string> words = detail::split_words(options_.launcher);
    const auto add = [&](const std::vector<std::string>& more) { words.insert(words.end(), more.begin(), more.end()); };
    if (!side.variables.empty()) add({"env"}), add(side.variables);  // a launcher may not pass ours on
    add({std::filesystem::read_symlink("/proc/self/exe").string()});
    add(side.arguments);
    add({"--csv", side.csv});
    if (options_.resume) add({"--resume", "--launch", std::to_string(launch)});
    else if (launch > 0 || options_.append) add({"--append"});
    return words;
  }

  void show(const launch_side& side) const {
    std::cout << "#\n# " << (&side == &sides_.front() ? "" : "versus " + options_.versus + ": ") << side.csv
              << ", median over launches\n";
    measured_table table{std::cout};
    table.head();
    for (const row& r : detail::medians_over_launches(side.csv)) table.add(r);
    table.end();
  }

  std::string compare_line() const {
    const auto beside = std::filesystem::read_symlink("/proc/self/exe").replace_filename("colossus-compare");
    const std::string program = std::filesystem::exists(beside) ? beside.string() : "colossus-compare";
    if (sides_.size() == 1) return "to compare with launches of another day:  " + program + " THAT.csv " + options_.csv;
    return "to compare:  " + program + " " + options_.csv + " " + sides_.back().csv;
  }

  const options& options_;
  tool which_;
  std::vector<launch_side> sides_;
};

/// The main program of --launches. Where a launcher started this process, it says that it is the one to start it.
inline int launches_main(int argc, const char* const* argv, tool which, const catalogue& known) {
  return guarded(program_of(which), [&] {
    const launch here = find_launch(environment_of_process());
    if (here.launched() && here.rank > 0) return static_cast<int>(failure::usage);
    expects(!here.launched(), here.launcher +
                                  " started this, and --launches starts launchers itself: leave it out, and "
                                  "say --launcher \"" +
                                  here.launcher + " -np " + std::to_string(std::max(here.size, 1)) + "\"");
    const auto o = parse_command_line(argc, argv, which, known, std::cout);
    if (!o) return 0;
    catch_interrupts();
    return launches{*o, which, known}.run();
  });
}

}  // namespace colossus::bench
