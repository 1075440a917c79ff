// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/topology_text.hpp>

#include <iomanip>
#include <sstream>

namespace colossus::bench {

/// One machine at the low, the typical and the high end of its latencies.
struct latency_range {
  loaded low, typical, high;
};

inline latency_range load_range(const std::string& path, const std::string& defaults = {}) {
  using topologies::latency_level;
  return {load_topology(path, {latency_level::low, defaults}), load_topology(path, {latency_level::typical, defaults}),
          load_topology(path, {latency_level::high, defaults})};
}

namespace detail {

inline std::string gpu_models(const topologies::topology_file& file) {
  std::string models;
  for (const auto& population : file.populations) {
    const std::string& model = file.node_types.at(population.node_type).gpu_model;
    if (models.find(model) == std::string::npos) models += (models.empty() ? "" : " and ") + model;
  }
  return models;
}

inline std::string local_text(const topologies::topology_file& file, double bytes_per_s) {
  const auto& node = file.node_types.at(file.populations[0].node_type);
  const auto* link = file.scale_up ? &file.scale_up->nvlink : node.nvlink ? &*node.nvlink : nullptr;
  const std::string nominal =
      link ? std::to_string(link->links_per_gpu) + " links x " + brief(link->link_gbps) + " Gbit/s" : "PCIe";
  return brief(bytes_per_s / 1e9) + " GB/s a GPU one way (" + nominal + ", less overhead)";
}

inline void print_machine(std::ostream& out, const topologies::topology_file& file, const topologies::torus& fabric) {
  std::string dims;
  for (const auto size : fabric.dims()) dims += (dims.empty() ? "" : " x ") + std::to_string(size);
  print_wrapped(out, "machine",
                with_commas(fabric.gpus()) + " GPUs (" + gpu_models(file) + ") in " + with_commas(fabric.nodes()) +
                    " nodes of " + std::to_string(fabric.gpus_per_node()) + ", torus " + dims);
  print_wrapped(out, "links",
                with_commas(2 * static_cast<std::int64_t>(fabric.dims().size())) + " a chip, " +
                    brief(fabric.capacity(0) / 1e9) + " GB/s each way (" + brief(file.scale_out.link_gbps) +
                    " Gbit/s, less overhead)");
}

template <class Network>
void print_machine(std::ostream& out, const topologies::topology_file& file,
                   const topologies::nodes_of<Network>& fabric) {
  const auto& out_of = file.scale_out;
  std::string shape = with_commas(fabric.gpus()) + " GPUs (" + gpu_models(file) + ") in " +
                      with_commas(fabric.nodes()) + " nodes of " + std::to_string(fabric.gpus_per_node());
  if (out_of.kind == topologies::generator::clos)
    shape += ", " + with_commas(fabric.pods()) + " pods of " + std::to_string(out_of.nodes_per_pod) + " nodes, " +
             std::to_string(out_of.rails) + (out_of.rails > 1 ? " rails" : " rail") +
             (out_of.planes > 1 ? ", " + std::to_string(out_of.planes) + " planes" : "");
  print_wrapped(out, "machine", shape);
  for (const auto& population : file.populations) {
    if (file.populations.size() < 2) break;
    std::string pods;
    for (const auto& [first, last] : population.pods)
      pods += (pods.empty() ? "" : ",") + std::to_string(first) + "-" + std::to_string(last);
    print_wrapped(out, "", population.node_type + " in pods " + pods);
  }
  if (fabric.gpus_per_domain() > 1)
    print_wrapped(out, fabric.shape().local,
                  "domains of " + std::to_string(fabric.gpus_per_domain()) + " GPUs, " +
                      local_text(file, fabric.shape().speeds[0].local_bytes_per_s));
}

inline void print_tiers(std::ostream& out, const topologies::topology_file& file,
                        const topologies::nodes_of<topologies::clos>& fabric) {
  const topologies::clos& net = fabric.network();
  const auto& nics = *file.node_types.at(file.populations[0].node_type).nics;
  print_wrapped(out, "NIC",
                std::to_string(nics.count) + " a node, " + std::to_string(nics.ports) + " x " + brief(nics.port_gbps) +
                    " Gbit/s, " + brief(fabric.shape().speeds[0].nic_bytes_per_s / 1e9) +
                    " GB/s one way, less overhead" + (nics.model.empty() ? "" : " (" + nics.model + ")"));
  out << std::left << std::setw(13) << "tier" << std::setw(12) << "name" << std::right << std::setw(9) << "switches"
      << std::setw(7) << "down" << std::setw(6) << "up" << std::setw(14) << "links below" << std::setw(9) << "Gbit/s"
      << std::setw(22) << "oversubscribed" << '\n';
  for (int tier = 0; tier < net.tiers(); ++tier) {
    const auto& t = file.scale_out.tiers[static_cast<std::size_t>(tier)];
    std::string over = "-";
    if (tier + 1 < net.tiers()) over = brief(net.throughput(0) / net.throughput(tier + 1)) + " : 1 of the NICs";
    const double rate = tier == 0 ? nics.ports / file.scale_out.planes * nics.port_gbps : t.gbps;
    out << std::string(13, ' ') << std::left << std::setw(12) << t.name << std::right << std::setw(9)
        << with_commas(net.switches(tier)) << std::setw(7) << t.down << std::setw(6) << t.up << std::setw(14)
        << with_commas(net.cables(tier)) << std::setw(9) << brief(rate) << std::setw(22) << over << '\n';
  }
}

template <class Fabric>
void print_latencies(std::ostream& out, const latency_range& range) {
  const auto& low = std::get<Fabric>(range.low.fabric);
  const auto& typical = std::get<Fabric>(range.typical.fabric);
  const auto& high = std::get<Fabric>(range.high.fabric);
  const char* label = "latency";
  for (int d = 1; d < typical.distances(); ++d) {
    if (typical.distances() > 20 && d > 2 && d + 1 < typical.distances()) continue;  // a torus: the ends say it
    const auto us = [&](const Fabric& fabric) { return brief(fabric.distance_latency_s(d) * 1e6); };
    print_wrapped(out, std::exchange(label, ""),
                  us(typical) + " us (" + us(low) + ".." + us(high) + ") " + typical.distance_name(d));
  }
}

inline void print_power(std::ostream& out, const loaded& machine) {
  double sum = 0, low = 0, high = 0;
  const char* label = "power";
  for (const power_share& share : machine.power) {
    const auto count = static_cast<double>(share.count);
    sum += count * share.watts.value, low += count * share.watts.low, high += count * share.watts.high;
    std::string line = with_commas(share.count) + " " + share.part + " x " + scaled(share.watts.value, "W");
    if (std::isfinite(share.watts.value))
      line += " = " + scaled(count * share.watts.value, "W") + " (" + scaled(count * share.watts.low, "W") + " to " +
              scaled(count * share.watts.high, "W") + "; " + share.watts.source + ")";
    print_wrapped(out, std::exchange(label, ""), line);
  }
  const std::string range =
      std::isfinite(sum) ? " (" + scaled(low, "W") + " to " + scaled(high, "W") + ")" : ": a part is not";
  print_wrapped(out, "", "sum of nodes and switches " + scaled(sum, "W") + range);
  if (!machine.description.site) return;
  const auto& site = *machine.description.site;
  std::string line = site.power_w ? "power " + scaled(*site.power_w, "W") : "";
  if (site.water_l_per_day)
    line += ", water " + with_commas(std::llround(*site.water_l_per_day)) + " l a day (" +
            with_commas(std::llround(*site.water_l_per_day / 3.785412)) + " US gallons)";
  if (site.pue) line += ", PUE " + brief(*site.pue);
  for (const auto& source : machine.description.sources)
    for (const std::string& what : source.supports)
      if (what == "/site/power_w") line += " (source: " + source.id + ")";
  print_wrapped(out, "site", line);
}

}  // namespace detail

/// Prints what a topology file describes; `price` is the level of latencies that assumptions are listed for.
inline void print_info(std::ostream& out, const latency_range& range, const loaded& chosen) {
  const topologies::topology_file& file = chosen.description;
  print_wrapped(out, file.name, file.title, file.name.size() + 3);
  std::visit([&](const auto& fabric) { detail::print_machine(out, file, fabric); }, chosen.fabric);
  if (const auto* clos = std::get_if<topologies::nodes_of<topologies::clos>>(&chosen.fabric))
    detail::print_tiers(out, file, *clos);
  std::visit(
      [&]<class Fabric>(const Fabric& fabric) {
        print_wrapped(out, "bisection",
                      scaled(fabric.bisection(), "B/s") + " one way between two halves, " +
                          brief(fabric.bisection() / std::max(1, fabric.gpus() / 2) / 1e9) + " GB/s a GPU");
        detail::print_latencies<Fabric>(out, range);
      },
      chosen.fabric);
  detail::print_power(out, chosen);
  const char* label = "sources";
  for (const auto& source : file.sources)
    print_wrapped(out, std::exchange(label, ""), "- " + source.id + ": " + source.title + " " + source.url);
  print_assumptions(chosen, out);
  label = "faults";
  for (const std::string& line : chosen.faults) print_wrapped(out, std::exchange(label, ""), "- " + line);
}

}  // namespace colossus::bench
