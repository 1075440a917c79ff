// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/bandwidth.hpp>

#include <set>

namespace colossus::bench::importing {

/// One place of one line of nccl-tests: what is measured so far, and what still waits for collective and ranks.
struct nccl_figures {
  row r;
  spot at;
  measured_figures m;
};

/// One run of a program of nccl-tests or rccl-tests, from its text or its JSON.
struct nccl_run {
  std::string tool = "nccl-tests", program, library = "nccl", device;
  std::set<std::string> hosts;
  integer ranks, iters, warmup;
  bool graph = false, concluded = false;
  std::optional<shown> average;  ///< bus bandwidth over all rows, GB/s
  std::vector<nccl_figures> figures;
};

/// nccl-tests' NCCL_VERSION_CODE as nccl-2.28.9; `name` alone where there is none.
inline std::string with_version(const std::string& name, std::int64_t code) {
  if (code <= 0) return name;
  const bool wide = code >= 10000;  // from 2.9 on
  const auto major = wide ? code / 10000 : code / 1000, minor = wide ? code / 100 % 100 : code / 100 % 10;
  return name + "-" + std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(code % 100);
}

/// Whether a row's size is what count, type and ranks make of it, as far as they are known.
inline bool size_fits(const row& r, const foreign_collective& c, std::int64_t ranks) {
  const auto size = type_of(r.dtype).size;
  const double parts = static_cast<double>(size) * (c.per_rank ? static_cast<double>(ranks) : 1.0);
  return size == 0 || !r.count || static_cast<double>(*r.bytes) == static_cast<double>(*r.count) * parts;
}

/// Whether what a line says of types, roots, sizes and bandwidths can be of collective `c`.
inline bool can_be(const foreign_collective& c, const nccl_figures& f, std::int64_t ranks) {
  if (c.reduces == f.r.redop.empty() || c.rooted != f.r.root.has_value()) return false;
  if (!size_fits(f.r, c, ranks)) return false;
  if (!f.m.algbw || !f.m.busbw || f.m.algbw->value < 1) return true;
  const double expected = f.m.algbw->value * c.bus_factor(static_cast<rank_t>(ranks));
  return std::abs(f.m.busbw->value - expected) < 0.03 * std::max(expected, f.m.busbw->value);
}

/// The collective of a run: what the user says, else the program's name, else what alone fits its figures, else what
/// fits them and is in the file's name.
inline const foreign_collective& collective_of(const nccl_run& run, const import_request& asked, imported& into) {
  if (const auto* const given = given_collective(asked)) return *given;
  if (const auto* const named = spelled(run.program); named && !run.program.empty()) return *named;
  const auto& widest = *std::max_element(run.figures.begin(), run.figures.end(),
                                         [](const auto& a, const auto& b) { return *a.r.bytes < *b.r.bytes; });
  std::vector<const foreign_collective*> fitting;
  for (std::size_t i = 0; i + 2 < foreign_collectives.size(); ++i)  // the last two give no figures to tell by
    if (const auto& c = foreign_collectives[i];
        can_be(c, widest, *run.ranks) && (fitting.empty() || fitting.back()->name != c.name))
      fitting.push_back(&c);
  if (fitting.size() == 1) return *fitting.front();
  const std::string& path = widest.at.path;
  const auto* const by_file = in_file_name(path);
  for (const auto* c : fitting)
    if (by_file && by_file->name == c->name) {
      into.warnings.push_back("the file says not which collective: its name says " + std::string{c->name});
      return *c;
    }
  std::string names;
  for (const auto* c : fitting) names.append(names.empty() ? "" : " or ").append(c->name);
  refuse(widest.at, "the file says not which collective" + (names.empty() ? names : ": its figures fit " + names) +
                        ": name it with --set collective=NAME");
}

/// Says where the rows that were found are not all that the program has measured.
inline void check_whole(const nccl_run& run, imported& into) {
  if (!run.concluded) into.warnings.push_back("the file ends before the program did: its last lines are missing");
  double sum = 0, rounding = 0, count = 0;
  for (const nccl_figures& f : run.figures)
    if (f.m.busbw) sum += f.m.busbw->value, rounding += f.m.busbw->half, ++count;
  if (!run.average || count == 0) return;
  const double mean = sum / count;
  if (std::abs(mean - run.average->value) > rounding / count + 2 * run.average->half)
    into.warnings.push_back("the average bus bandwidth of the rows is " + to_text(mean) + " GB/s, the file says " +
                            to_text(run.average->value) + ": lines are missing, or were changed");
}

/// Sets what is alike in all rows of a run.
inline void describe(row& r, const nccl_run& run, const foreign_collective& c) {
  r.source = "imported";
  r.backend = "nccl";
  r.library = run.library;
  r.collective = c.name;
  r.ranks = run.ranks;
  if (!run.hosts.empty()) r.nodes = static_cast<std::int64_t>(run.hosts.size());
  r.timing = run.graph ? "graph" : "back_to_back";
  r.warmup = run.warmup;
  if (!r.iters) r.iters = run.iters;
  add_tag(r, "tool", run.tool);
  add_tag(r, "device", run.device);
}

/// Adds the rows of a run that has ended.
inline void add_run(nccl_run run, const import_request& asked, imported& into) {
  if (run.figures.empty()) return;
  if (const integer given = given_ranks(asked)) run.ranks = given;
  if (!run.ranks || *run.ranks < 1 || *run.ranks > std::numeric_limits<rank_t>::max())
    refuse(run.figures.front().at, "the file lists no ranks above this line: say how many with --set ranks=N");
  const foreign_collective& c = collective_of(run, asked, into);
  bandwidth_check check;
  std::size_t odd = 0;
  for (nccl_figures& f : run.figures) {
    describe(f.r, run, c);
    set_figures(f.r, f.at, f.m, c, "mean", check);
    odd += c.name != "hypercube" && c.name != "all_to_all_v" && !size_fits(f.r, c, *run.ranks);
    give(f.r, asked);
    into.rows.push_back(f.r);
  }
  if (odd > 0)
    into.warnings.push_back(std::to_string(odd) + " rows have another size than count x type size" +
                            (c.per_rank ? " x ranks" : "") + " of " + std::string{c.name});
  check.tell(into);
  check_whole(run, into);
}

}  // namespace colossus::bench::importing
