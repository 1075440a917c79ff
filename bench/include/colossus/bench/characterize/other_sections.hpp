// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/characterize/all_reduce_sections.hpp>

#include <colossus/topologies/from_file.hpp>

#include <filesystem>

namespace colossus::bench::characterize {
namespace detail {

inline std::string gpu_models(const topologies::topology_file& file) {
  std::set<std::string> models;
  for (const auto& population : file.populations) {
    const std::string& model = file.node_types.at(population.node_type).gpu_model;
    models.insert(model.substr(0, model.find('-')));
  }
  std::string text;
  for (const std::string& model : models) text += (text.empty() ? "" : " and ") + model;
  return text;
}

/// Tiers and oversubscription of a Clos, the dimensions of a torus.
inline std::string shape_text(const topologies::nodes_of<topologies::clos>& fabric) {
  const topologies::clos& net = fabric.network();
  const double over = net.throughput(0) / net.throughput(net.tiers() - 1);
  return with_commas(fabric.pods()) + " pods of " + with_commas(fabric.gpus() / fabric.pods()) + "   " +
         std::to_string(net.tiers()) + (net.tiers() == 1 ? " tier" : " tiers") + "   " +
         (over < 1.005 ? "non-blocking" : brief(over) + ":1 oversubscribed");
}
inline std::string shape_text(const topologies::nodes_of<topologies::none>&) { return "no network between nodes"; }
inline std::string shape_text(const topologies::torus& fabric) {
  std::string dims;
  for (const auto size : fabric.dims()) dims += (dims.empty() ? "torus " : " x ") + std::to_string(size);
  return dims;
}

inline std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

/// How many rows there are of each kind of price: "3,020 exact, 12 lockstep".
inline std::string kinds_of_price(const row_list& rows) {
  std::map<std::string, std::int64_t> kinds;
  for (const row* r : rows) ++kinds[r->price_kind];
  std::string text;
  for (const auto& [kind, count] : kinds) text += (text.empty() ? "" : ", ") + with_commas(count) + " " + kind;
  return text;
}

}  // namespace detail

/// The head: what the machine is, on what evidence, and what kind of figures follow.
inline void print_head(std::ostream& out, const loaded& machine, const row_list& rows) {
  const topologies::topology_file& file = machine.description;
  std::visit(
      [&](const auto& fabric) {
        out << detail::upper(file.name) << "   " << with_commas(fabric.gpus()) << ' ' << detail::gpu_models(file)
            << "   " << with_commas(fabric.nodes()) << " nodes of " << fabric.gpus_per_node() << "   "
            << detail::shape_text(fabric) << '\n';
      },
      machine.fabric);
  std::error_code none;
  const std::filesystem::path near = std::filesystem::proximate(file.path, none);
  print_wrapped(out, detail::upper(file.evidence.empty() ? "not said" : file.evidence) + ":",
                "assumed, beside what its sources say (colossus-topo info " +
                    (none || near.string().size() > file.path.size() ? file.path : near.string()) + ")",
                17);
  for (const std::string& text : file.assumptions) print_wrapped(out, "", "- " + text, 3);
  std::size_t figures = 0;
  for (const auto& used : machine.defaults) figures += used.unit != "W";
  if (figures > 0)
    print_wrapped(out, "",
                  "- " + std::to_string(figures) +
                      " latencies, efficiencies and lengths are typical ones, from the table of defaults",
                  3);
  print_wrapped(out, "SIMULATED:",
                "max_min, profile none: these are BOUNDS, without software overhead. Packed placement unless said. " +
                    detail::kinds_of_price(rows) +
                    " rows (lockstep: what differs a little taken for alike; sampled: from some of the rounds)",
                17);
}

/// Section 3, its end: what the vendor says of this machine, beside what is simulated here.
inline void print_claim(std::ostream& out, const row_list& all, const subject& of, std::string_view algorithm) {
  if (!of.name.starts_with("colossus-")) return;
  const auto share = [&](const char* placement, const char* routing) {
    const row_list rows = select(all, {.topology = of.name,
                                       .placement = placement,
                                       .routing = routing,
                                       .algorithm = std::string{algorithm},
                                       .ranks = of.ranks,
                                       .queue_pairs = std::string_view{routing} == "ecmp" ? integer{1} : integer{},
                                       .bytes = gibi});
    return rows.empty() ? std::string{"-"} : percent(share_of_light(*rows.front()));
  };
  print_wrapped(
      out, "   vendor",
      "NVIDIA (October 2024, this machine): 95% of throughput with its routing, 60% on standard Ethernet; no method "
      "stated. Here, of the "
      "speed of light: " +
          share("packed", "adaptive") + " adaptive, " + share("packed", "ecmp") + " ECMP packed, " +
          share("shuffled", "ecmp") +
          " ECMP shuffled. A collective waits for its unluckiest link; a mean over many links or jobs does not.",
      15);
}

/// Section 5: one line for each other machine; of a family that differs in size the largest.
inline void print_others(std::ostream& out, const row_list& all,
                         const std::vector<std::shared_ptr<const loaded>>& machines, const letters& letter,
                         std::string_view algorithm) {
  std::map<std::string, std::pair<std::int64_t, std::size_t>> largest;  // of a family: GPUs, and which machine
  const auto gpus = [](const loaded& m) {
    return std::int64_t{std::visit([](const auto& f) { return f.gpus(); }, m.fabric)};
  };
  for (std::size_t i = 1; i < machines.size(); ++i) {
    auto& entry = largest[family(machines[i]->description.name)];
    if (gpus(*machines[i]) > entry.first) entry = {gpus(*machines[i]), i};
  }
  if (largest.empty()) return;
  out << "5 OTHER FABRICS               best algorithm, adaptive; ECMP: " << algorithm << ", 1 GiB, shuffled, 1 QP\n";
  out << "   " << left("", 29) << right("GPUs", 8) << right("8 B", 11) << right("1 GiB GB/s", 12) << right("SOL", 6)
      << right("ECMP costs", 11) << "  evidence\n";
  for (std::size_t i = 1; i < machines.size(); ++i) {
    const std::string& name = machines[i]->description.name;
    if (largest.at(family(name)).second != i) continue;
    const question q{.topology = name};
    const row_list rows = select(all, q);
    const row *small = fastest_at(rows, 8), *large = fastest_at(rows, gibi);
    const row_list spread =
        select(all, {.topology = name, .placement = "shuffled", .algorithm = std::string{algorithm}, .bytes = gibi});
    const row_list hashed = select(all, {.topology = name,
                                         .placement = "shuffled",
                                         .routing = "ecmp",
                                         .algorithm = std::string{algorithm},
                                         .bytes = gibi});
    out << "   " << left(name, 29) << right(with_commas(gpus(*machines[i])), 8)
        << right(small ? time_text(*small->time_us) + " " + letter(small->algorithm) : "-", 11)
        << right(large ? rate_text(*large->busbw_GBps) + " " + letter(large->algorithm) : "-", 12)
        << right(large ? percent(share_of_light(*large)) : "-", 6)
        << right(spread.empty() || hashed.empty() ? "-" : percent(loss(*spread.front(), *hashed.front())), 11) << "  "
        << machines[i]->description.evidence << '\n';
  }
  if (largest.size() + 1 < machines.size())
    out << "   of a family that differs in size the largest is shown; all " << machines.size() - 1
        << " are among the rows\n";
}

/// Section 6: what this machine did, by backend: the fastest all-reduce at three sizes, and whether the data were
/// right.
inline void print_measured(std::ostream& out, const row_list& rows, const std::vector<std::string>& remarks,
                           int cores) {
  out << "6 THIS MACHINE (measured)     " << cores << (cores == 1 ? " core" : " cores")
      << ", float, fastest all-reduce, out of place\n";
  std::vector<std::string> backends;
  for (const row* r : rows)
    if (std::find(backends.begin(), backends.end(), r->backend) == backends.end()) backends.push_back(r->backend);
  std::int64_t checked = 0, wrong = 0;
  for (const row* r : rows) checked += r->errors.has_value(), wrong += r->errors.value_or(0) > 0 || r->status != "ok";
  for (const std::string& backend : backends) {
    row_list of;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(of), [&](const row* r) {
      return r->backend == backend && r->collective == "all_reduce" && r->in_place == 0;
    });
    const auto best = fastest(of);
    if (best.empty()) continue;
    std::string line = "   " + left(backend, 8) + std::to_string(of.front()->ranks.value_or(0)) + " ranks";
    for (const auto& [bytes, r] : best)
      if (bytes == 8 || bytes == 128 << 10 || bytes == best.rbegin()->first)
        line += "   " + bytes_for_people(bytes) + " " + time_text(*r->time_us) +
                (bytes > 1024 ? " (" + rate_text(*r->busbw_GBps) + " GB/s)" : "");
    out << line << '\n';
  }
  out << "   data verified before and after timing in " << with_commas(checked) << " of "
      << with_commas(static_cast<std::int64_t>(rows.size())) << " rows, " << with_commas(wrong) << " wrong\n";
  for (const std::string& remark : remarks) print_wrapped(out, "   -", remark, 5);
}

}  // namespace colossus::bench::characterize
