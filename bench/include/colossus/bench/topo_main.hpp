// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/program.hpp>
#include <colossus/bench/topology_info.hpp>

#include <CLI/CLI.hpp>

#include <iostream>
#include <map>

namespace colossus::bench {

/// colossus-topo: says what topology files describe. Returns the exit status.
inline int topo_main(int argc, const char* const* argv) try {
  using topologies::latency_level;
  CLI::App app{"Says what topology files describe.", "colossus-topo"};
  app.require_subcommand(1);
  std::vector<std::string> files;
  std::string defaults;
  latency_level level = latency_level::typical;
  auto* info = app.add_subcommand("info", "counts, tiers, bandwidths, latencies, power, sources, assumptions");
  info->add_option("FILE", files, "topology files")->required();
  info->add_option("--latency", level, "which end of the known latencies the assumptions are listed for")
      ->transform(CLI::CheckedTransformer(std::map<std::string, latency_level>{
          {"low", latency_level::low}, {"typical", latency_level::typical}, {"high", latency_level::high}}))
      ->default_str("typical");
  info->add_option("--defaults", defaults, "the table of defaults (default: beside the file, else the shipped one)");
  const std::string command = argc > 1 ? argv[1] : "";
  if (!command.starts_with('-') && command != "info")
    throw error{"expected a command, found " + (command.empty() ? "none" : "'" + command + "'") +
                ": there is info FILE..."};
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    throw error{std::string{wrong.what()} + " (--help lists the flags)"};
  }
  const char* gap = "";
  for (const std::string& file : files) {
    const latency_range range = load_range(file, defaults);
    std::cout << std::exchange(gap, "\n");
    print_info(std::cout, range,
               level == latency_level::low    ? range.low
               : level == latency_level::high ? range.high
                                              : range.typical);
  }
  return 0;
} catch (const error& e) {
  say_line(std::string{"colossus-topo: "} + e.what());
  return e.exit_status();
}

}  // namespace colossus::bench
