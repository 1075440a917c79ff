// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/expect_export.hpp>
#include <colossus/bench/compare/expect_print.hpp>
#include <colossus/bench/compare/expect_rows.hpp>
#include <colossus/bench/compare/expect_topology.hpp>
#include <colossus/bench/compare/read_rows.hpp>

#include <sstream>

namespace colossus::bench::compare {

/// What --expect and the flags beside it ask for.
struct expect_options {
  std::string from;                    ///< a topology file, or a file of rows; empty: not asked
  std::vector<std::string> routings;   ///< empty: as the topology says, else adaptive
  std::optional<double> min_fraction;  ///< of what is expected: exit 1 below
  std::string least_size = "0";        ///< smaller rows are left out
  options how;                         ///< placement, latency, queue pairs, draws, profile
};

namespace detail {

/// Whether a file describes a machine: an object of JSON with the key "topology".
inline bool is_topology(const std::string& path) {
  const std::string text = file_text(path);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (text[first] == '{' || text[first] == '/') &&
         text.find("\"topology\"") != std::string::npos;
}

inline void tell(expectations& e, const std::string& path, const imported& file, const std::string& against) {
  e.about.push_back(path + ": " + std::to_string(file.rows.size()) + " rows" +
                    (file.format == "colossus CSV" ? "" : " (" + file.format + ")") + ", held against " + against);
  for (const std::string& warning : file.warnings) e.about.push_back(path + ": " + warning);
}

/// What was taken for granted where rows did not say it.
inline std::vector<std::string> granted(const row_pricer& pricer, const std::vector<asked>& all,
                                        const expect_options& o) {
  std::vector<std::string> lines;
  const auto lack = [&](auto&& is_empty) { return std::any_of(all.begin(), all.end(), is_empty); };
  std::string routings;
  for (const std::string& r : pricer.routings()) routings += (routings.empty() ? "" : ", ") + r;
  if (lack([](const asked& a) { return a.of.routing.empty(); }))
    lines.push_back("routing      " + routings +
                    (!o.routings.empty()                                      ? ""
                     : pricer.machine().description.scale_out.routing.empty() ? ": the best a fabric can do (--routing)"
                                                                              : ": as the topology says (--routing)"));
  if (lack([](const asked& a) { return a.of.placement.empty(); }))
    lines.push_back("placement    " + o.how.placement +
                    (o.how.placement == "packed" ? ": not known (--placement)" : ""));
  if (lack([](const asked& a) { return !a.of.nodes; }))
    lines.push_back("nodes        not known of some rows: one filled after the other (colossus-import --set nodes=N)");
  return lines;
}

inline void add_lines(std::vector<std::string>& lines, const loaded& machine) {
  std::stringstream text;
  print_assumptions(machine, text, 98);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
}

}  // namespace detail

/// A file, what is expected of it, and the machine that this comes from, if one does.
struct expected_file {
  std::vector<asked> all;
  expectations found;
  std::shared_ptr<const loaded> machine;
};

/// Holds the rows of a file against a machine or other rows. Throws `error` as reading does, (usage) where flags do not
/// go together, (input) where there is nothing to hold.
inline expected_file expect(const std::string& path, const expect_options& o, std::vector<priced_algorithm> known) {
  expected_file e;
  imported file = read_rows_of(path, file_text(path));
  e.all = configurations_of(file.rows);
  expects(!e.all.empty(), path + ": expected rows, found none", failure::input);
  e.found.least = o.min_fraction.value_or(e.found.least);
  if (detail::is_topology(o.from)) {
    expected_how how{o.routings, o.how};
    how.of.topologies = {o.from};
    row_pricer pricer{std::move(known), how};
    e.machine = std::make_shared<const loaded>(pricer.machine());
    e.found.is_bound = !pricer.machine().profile;
    e.found.answers = pricer(e.all);
    detail::tell(e.found, path, file, pricer.machine().description.name);
    e.found.about.push_back("SIMULATED, " + price_words(pricer.machine()));
    detail::add_lines(e.found.assumed, pricer.machine());
    for (const std::string& line : detail::granted(pricer, e.all, o)) e.found.assumed.push_back(line);
  } else {
    const options plain;
    expects(o.how.profile.empty() && o.routings.empty() && o.how.latency == plain.latency &&
                o.how.placement == plain.placement && o.how.queue_pairs == plain.queue_pairs,
            "--profile, --routing, --queue-pairs, --placement and --latency are of prices: " + o.from +
                " holds rows, which say theirs");
    const imported theirs = read_rows_of(o.from, file_text(o.from));
    const row_matcher matcher{theirs.rows};
    e.found.is_bound = matcher.is_bound();
    for (const asked& each : e.all) e.found.answers.push_back(matcher(each));
    detail::tell(e.found, path, file, o.from + " (" + theirs.format + ")");
  }
  judge(e.found);  // smaller sizes say what software costs, so they are left out behind this
  const std::int64_t least = size_option("--from", o.least_size);
  std::erase_if(e.found.answers, [&](const answer& a) { return a.of->of.bytes.value_or(0) < least; });
  expects(!e.found.answers.empty(), path + ": expected rows of " + o.least_size + " or more, found none",
          failure::input);
  return e;
}

}  // namespace colossus::bench::compare
