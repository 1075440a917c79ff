// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate.hpp>
#include <colossus/bench/parse_arguments.hpp>
#include <colossus/bench/program.hpp>
#include <colossus/bench/topology_derive.hpp>
#include <colossus/bench/topology_info.hpp>

#include <iostream>
#include <map>

namespace colossus::bench {

namespace detail {

/// What the command line of colossus-topo asks for.
struct topo_options {
  std::vector<std::string> files;
  std::string defaults;
  topologies::latency_level level = topologies::latency_level::typical;
  std::string base, output;
  topologies::wiring how = topologies::wiring::as_it_is;
  std::vector<std::string> oversubscribe;
  locate_options locate;
};

inline void add_info(CLI::App& app, topo_options& o) {
  using topologies::latency_level;
  auto* info = app.add_subcommand("info", "counts, tiers, bandwidths, latencies, power, sources, assumptions");
  info->add_option("FILE", o.files, "topology files")->required();
  info->add_option("--latency", o.level, "which end of the known latencies the assumptions are listed for")
      ->transform(CLI::CheckedTransformer(std::map<std::string, latency_level>{
          {"low", latency_level::low}, {"typical", latency_level::typical}, {"high", latency_level::high}}))
      ->default_str("typical");
  info->add_option("--defaults", o.defaults, "the table of defaults (default: beside the file, else the shipped one)");
}

inline void add_derive(CLI::App& app, topo_options& o) {
  using topologies::wiring;
  auto* derive = app.add_subcommand("derive", "a machine like another, oversubscribed or wired in another way");
  derive->add_option("BASE", o.base, "the topology file to begin with: one Clos")->required();
  derive
      ->add_option("--oversubscribe", o.oversubscribe,
                   "TIER=RATIO:1: that many bytes/s down for each up at the switches of a tier")
      ->take_all()
      ->delimiter(',');
  auto* choice = derive->add_option_group("wiring");
  const auto wire = [&](const char* flag, wiring how, const char* text) {
    choice->add_flag_callback(
        flag, [&o, how] { o.how = how; }, text);
  };
  wire("--rail-optimised", wiring::rail_optimised, "a leaf for each NIC of the nodes of a pod; tiers above join all");
  wire("--rail-only", wiring::rail_only, "the same, but no switch serves two rails");
  wire("--single-leaf", wiring::single_leaf, "all NICs of a node on one leaf");
  choice->require_option(0, 1);
  derive->add_option("-o,--output", o.output, "the file to write (default: to the screen)");
}

inline void add_locate(CLI::App& app, locate_options& o) {
  auto* locate = app.add_subcommand("locate", "which part of a machine makes pairs of ranks slow");
  locate->add_option("PAIRS", o.pairs, "NAME.pairs.csv, as send_recv --pairs writes it")->required();
  locate->add_option("--topology", o.topology, "the topology file of the machine")->required();
  locate->add_option("--hosts", o.hosts,
                     "a file of host names in the order of the topology's nodes (default: p<pod>-n<node>)");
  locate->add_option("--routing", o.routing, "of the machine: adaptive, ecmp or deterministic")
      ->check(CLI::IsMember({"adaptive", "ecmp", "deterministic"}))
      ->capture_default_str();
  locate->add_option("--queue-pairs", o.queue_pairs, "of a message under ecmp")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  locate->add_option("--defaults", o.defaults,
                     "the table of defaults (default: beside the file, else the shipped one)");
}

}  // namespace detail

/// colossus-topo: says what topology files describe, derives others from them, and finds the bad part of a machine.
/// Returns the exit status.
inline int topo_main(int argc, const char* const* argv) {
  return guarded("colossus-topo", [&] {
    using topologies::latency_level;
    CLI::App app{"Says what topology files describe, derives others from them, and finds the bad part of a machine.",
                 "colossus-topo"};
    app.require_subcommand(1);
    detail::topo_options o;
    detail::add_info(app, o), detail::add_derive(app, o), detail::add_locate(app, o.locate);
    const std::string command = argc > 1 ? argv[1] : "";
    if (!command.starts_with('-') && command != "info" && command != "derive" && command != "locate")
      throw error{"expected a command, found " + (command.empty() ? "none" : "'" + command + "'") +
                  ": there are info FILE..., derive BASE and locate PAIRS"};
    if (!parse_arguments(app, argc, argv, std::cout)) return 0;
    if (command == "locate") return locate_bad_part(o.locate, std::cout);
    if (command == "derive") {
      topologies::derivation asked{o.how, {}};
      for (const std::string& text : o.oversubscribe) asked.oversubscribe.push_back(detail::oversubscription(text));
      if (asked.how == topologies::wiring::as_it_is && asked.oversubscribe.empty())
        throw error{"derive " + o.base + ": expected what to change: --oversubscribe TIER=RATIO:1, --rail-optimised, " +
                    "--rail-only or --single-leaf"};
      derive_topology(o.base, asked, o.output, std::cout);
      return 0;
    }
    const char* gap = "";
    for (const std::string& file : o.files) {
      const latency_range range = load_range(file, o.defaults);
      std::cout << std::exchange(gap, "\n");
      print_info(std::cout, range,
                 o.level == latency_level::low    ? range.low
                 : o.level == latency_level::high ? range.high
                                                  : range.typical);
    }
    return 0;
  });
}

}  // namespace colossus::bench
