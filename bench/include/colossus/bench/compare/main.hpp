// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/expect.hpp>
#include <colossus/bench/compare/export.hpp>
#include <colossus/bench/compare/share.hpp>
#include <colossus/bench/parse_arguments.hpp>
#include <colossus/bench/program.hpp>

#include <cstdlib>
#include <iostream>

namespace colossus::bench {

namespace compare {

/// What the command line of colossus-compare asks for.
struct options {
  std::vector<std::string> files, fail_on;
  selection which;
  std::string format = "text", threshold = "2%";
  std::optional<double> min_busbw;
  expect_options expected;
};

namespace detail {

inline void add_compare_flags(CLI::App& app, options& o) {
  app.add_option("FILE", o.files, "files of rows: the base first, then those to hold against it")->required();
  auto* const expect = app.add_option("--expect", o.expected.from,
                                      "is it normal? a topology (the simulator prices each row), or rows to expect");
  app.add_option("--on", o.which.on, "match rows by these columns only")->delimiter(',')->excludes(expect);
  app.add_option("--ignore", o.which.ignored, "match rows whatever these columns hold")
      ->delimiter(',')
      ->excludes("--on")
      ->excludes(expect);
  app.add_option("--by", o.which.by, "compare within one file: routing, topology, algorithm, placement ...")
      ->excludes(expect);
  app.add_option("--base", o.which.base, "the value of --by that others are held against (default: the first)")
      ->needs("--by");
  app.add_option("--threshold", o.threshold, "a difference that does not matter: 2% or 0.02")->capture_default_str();
  app.add_option("--format", o.format, "text, md, csv or json")
      ->check(CLI::IsMember({"text", "md", "csv", "json"}))
      ->capture_default_str();
  app.add_option("--fail-on", o.fail_on, "slower, unclear: exit 1 where any is, or a new row is not ok")
      ->delimiter(',')
      ->excludes(expect)
      ->check(CLI::IsMember({"slower", "unclear"}));
  app.add_option("--min-busbw", o.min_busbw, "exit 1 where the busbw of a new row is below, GB/s");
  app.set_version_flag("--version", std::string{"colossus "} + version);
  app.footer(
      "A launch is one value: start the program several times, both sides in turn (--append adds to a file).\n"
      "faster, slower: beyond the threshold, and p <= 5% over all configurations (Mann-Whitney, Holm)\n"
      "same: the 95% interval (Hodges-Lehmann) lies within the threshold;   unclear: neither\n"
      "Times are never averaged over sizes. Exit: 0, 1 as asked, 2 usage, 3 a file is wrong.");
}

/// Flags of --expect.
inline void add_expect_flags(CLI::App& app, expect_options& o) {
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app.add_option(name, value, help)->needs("--expect");
  };
  add("--min-fraction", o.min_fraction, "exit 1 where a row reaches less of what is expected (default: 0.8 is normal)")
      ->transform(CLI::Validator{take_share, "SHARE"});
  add("--from", o.least_size, "leave out smaller sizes, as 1M");
  add("--profile", o.how.profile,
      "what software adds, as for colossus-simulate (default: none, and prices are bounds)");
  add("--routing", o.routings, "of rows that do not say it: adaptive, ecmp, deterministic (default: the topology's)")
      ->delimiter(',')
      ->check(CLI::IsMember({"adaptive", "ecmp", "deterministic"}));
  add("--queue-pairs", o.how.queue_pairs, "flows that ECMP spreads a message over (default: 1)")
      ->check(CLI::Range(1, 1024))
      ->expected(1);
  add("--placement", o.how.placement, "of rows that do not say it: packed, spread, shuffled, or a file of hosts");
  add("--latency", o.how.latency, "low, typical or high end of the latencies")
      ->check(CLI::IsMember({"low", "typical", "high"}));
}

inline void expect_files(const options& o) {
  const auto n = std::to_string(o.files.size());
  if (!o.expected.from.empty()) return expects(o.files.size() == 1, "--expect: expected one file, found " + n);
  if (o.which.by.empty() && o.files.size() < 2)
    throw error{"expected two files or more, found " + n + ": the base, and what to hold against it (or --by COLUMN)"};
  if (!o.which.by.empty() && o.files.size() != 1) throw error{"--by: expected one file, found " + n};
}

inline void print(const result& r, const std::string& format, std::ostream& out, bool is_terminal) {
  if (format == "csv") return write_csv(r, out);
  if (format == "json") return write_json(r, out);
  const char* const plain_wanted = std::getenv("NO_COLOR");
  const bool colour = is_terminal && (plain_wanted == nullptr || *plain_wanted == '\0');
  const auto style = format == "md" ? printer::style::markdown : colour ? printer::style::colour : printer::style::text;
  printer{r, out, style}();
}

inline void print(const expected_file& e, const std::string& format, std::ostream& out) {
  const topologies::topology_file* const file = e.machine ? &e.machine->description : nullptr;
  expectations found = e.found;
  const auto sweeps = sweeps_to_tell(found.answers);
  if (format == "csv") return write_csv(found, out);
  if (format == "json") return write_json(found, sweeps, file, out);
  expect_printer{found, file, out, format == "md"}(sweeps);
}

}  // namespace detail

/// Why the program is to fail, or nothing.
inline std::string failing(const expectations& e, const options& o) {
  std::size_t below = 0, slow = 0, held = 0, bad = 0;
  for (const answer& a : e.answers) {
    bad += (o.expected.min_fraction || o.min_busbw) && !a.of->trouble().empty();  // a gate lets nothing broken through
    if (!a.why_not.empty()) continue;
    ++held, below += o.expected.min_fraction && a.fraction() < *o.expected.min_fraction;
    slow += o.min_busbw && a.of->of.busbw_GBps.value_or(0) < *o.min_busbw;
  }
  if (held == 0) return "nothing could be held against what is expected";
  std::string why = below > 0 ? std::to_string(below) + " below " + to_text(*o.expected.min_fraction) + " of the " +
                                    (e.is_bound ? "bound" : "expected")
                              : "";
  if (slow > 0) why += (why.empty() ? "" : ", ") + std::to_string(slow) + " below " + to_text(*o.min_busbw) + " GB/s";
  if (bad > 0) why += (why.empty() ? "" : ", ") + std::to_string(bad) + " not ok";
  return why;
}

/// Why the program is to fail, or nothing.
inline std::string failing(const result& r, const options& o) {
  const auto asked = [&](const char* word) {
    return std::find(o.fail_on.begin(), o.fail_on.end(), word) != o.fail_on.end();
  };
  std::size_t bad = 0, below = 0;
  for (const finding& f : r.found.findings) {
    bad += f.said == verdict::not_ok && f.fresh_launches > 0;
    below += f.said != verdict::not_ok && o.min_busbw && f.busbw < *o.min_busbw;
  }
  std::string why;
  const auto add = [&](std::size_t n, const std::string& what) {
    if (n > 0) why += (why.empty() ? "" : ", ") + std::to_string(n) + " " + what;
  };
  if (asked("slower")) add(r.tally.of(verdict::slower), "slower");
  if (asked("unclear")) add(r.tally.of(verdict::unclear), "unclear");
  if (!o.fail_on.empty() || o.min_busbw) add(bad, "not ok");
  if (o.min_busbw) add(below, "below " + to_text(*o.min_busbw) + " GB/s");
  return why;
}

namespace detail {

inline std::string hold(const options& o, const std::vector<priced_algorithm>& known) {
  const expected_file e = expect(o.files.front(), o.expected, known);
  print(e, o.format, std::cout);
  return failing(e.found, o);
}

inline std::string compare(const options& o) {
  const judgement how{share_of(o.threshold)};
  std::deque<source_file> files;
  for (const std::string& path : o.files) files.emplace_back(path);
  const result r = compare_files(files, o.which, how);
  print(r, o.format, std::cout, ::isatty(STDOUT_FILENO) == 1);
  return failing(r, o);
}

}  // namespace detail
}  // namespace compare

/// colossus-compare: holds files of rows against each other, or against what `known` algorithms cost on a machine.
/// Returns the exit status.
inline int compare_main(int argc, const char* const* argv, const std::vector<priced_algorithm>& known) {
  std::ios_base::sync_with_stdio(false);  // a million lines in half the time
  return guarded("colossus-compare", [&] {
    CLI::App app{"Holds results against each other: which are faster, slower, the same, or unclear.",
                 "colossus-compare"};
    compare::options o;
    compare::detail::add_compare_flags(app, o);
    compare::detail::add_expect_flags(app, o.expected);
    if (!parse_arguments(app, argc, argv, std::cout)) return 0;
    compare::detail::expect_files(o);
    const std::string why = o.expected.from.empty() ? compare::detail::compare(o) : compare::detail::hold(o, known);
    std::cout.flush();
    if (!why.empty()) say_line("colossus-compare: " + why);
    return why.empty() ? 0 : 1;
  });
}

}  // namespace colossus::bench
