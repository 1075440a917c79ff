// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/json_reader.hpp>
#include <colossus/topologies/topology_file.hpp>

namespace colossus::detail {

using topologies::nic_part;
using topologies::node_type;
using topologies::nvlink_part;
using topologies::pcie_part;
using topologies::source_note;
using topologies::switch_type;

inline std::optional<double> optional_number(const json_reader& in, const char* key, double least = 0) {
  const auto found = in.find(key);
  return found ? std::optional{found->number(least)} : std::nullopt;
}
inline std::optional<double> optional_positive(const json_reader& in, const char* key) {
  const auto found = in.find(key);
  return found ? std::optional{found->positive()} : std::nullopt;
}
inline std::string optional_text(const json_reader& in, const char* key) {
  const auto found = in.find(key);
  return found ? found->text() : std::string{};
}
inline std::int32_t optional_count(const json_reader& in, const char* key, std::int32_t otherwise,
                                   std::int32_t least = 1) {
  const auto found = in.find(key);
  return found ? found->count(least) : otherwise;
}

inline source_note read_source(const json_reader& in) {
  in.keys({"id", "title", "url", "date", "supports"});
  source_note source{in["id"].text(), optional_text(in, "title"), in["url"].text(), optional_text(in, "date"), {}};
  if (const auto supports = in.find("supports"))
    for (const auto& what : supports->elements()) source.supports.push_back(what.text());
  return source;
}

inline switch_type read_switch(const json_reader& in) {
  in.keys({"model", "ports", "port_gbps", "breakout", "latency_ns", "buffer_bytes", "in_network_reduction", "power_w"});
  if (const auto buffer = in.find("buffer_bytes")) (void)buffer->integer(0, std::int64_t{1} << 50);
  if (const auto reduces = in.find("in_network_reduction")) (void)reduces->flag();
  return {optional_text(in, "model"),        in["ports"].count(),
          in["port_gbps"].positive(),        optional_count(in, "breakout", 1),
          optional_number(in, "latency_ns"), optional_positive(in, "power_w")};
}

inline nvlink_part read_nvlink(const json_reader& in) {
  nvlink_part part{optional_count(in, "switches", 0, 0), in["links_per_gpu"].count(), in["link_gbps"].positive(),
                   optional_number(in, "latency_ns"), in["link"].text()};
  const auto per_switch = in.find("links_per_switch");
  if (!per_switch) return part;
  std::int64_t sum = 0;
  const auto each = per_switch->elements();
  for (const auto& links : each) sum += links.count();
  if (static_cast<std::int32_t>(each.size()) != part.switches || sum != part.links_per_gpu)
    per_switch->fail("one number for each of the " + std::to_string(part.switches) + " switches, " +
                     std::to_string(part.links_per_gpu) + " (links_per_gpu) in all");
  return part;
}

/// Each PCIe switch names GPUs and NICs of the node, each at most once in all.
inline pcie_part read_pcie(const json_reader& in, std::int32_t gpus, std::int32_t nics) {
  in.keys({"gen", "lanes", "switches"});
  std::set<std::int64_t> seen[2];
  if (const auto switches = in.find("switches"))
    for (const auto& one : switches->elements()) {
      one.keys({"numa", "gpus", "nics"});
      if (const auto numa = one.find("numa")) (void)numa->count(0);
      for (const bool nic : {false, true})
        if (const auto named = one.find(nic ? "nics" : "gpus"))
          for (const auto& each : named->elements()) {
            const std::int64_t number = each.count(0), most = nic ? nics : gpus;
            const std::string kind = nic ? "NIC" : "GPU";
            if (number >= most) each.fail("a " + kind + " of the node, below " + std::to_string(most));
            if (!seen[nic].insert(number).second) each.fail("each " + kind + " on one PCIe switch");
          }
    }
  return {optional_count(in, "gen", 5), optional_count(in, "lanes", 16)};
}

inline nic_part read_nics(const json_reader& in) {
  in.keys({"count", "ports", "port_gbps", "model", "latency_ns"});
  nic_part part{in["count"].count(), in["ports"].count(), in["port_gbps"].positive(), optional_text(in, "model"),
                optional_number(in, "latency_ns")};
  if (part.model.empty() && !part.latency_ns) in.complain("expected \"model\" or \"latency_ns\", found neither");
  return part;
}

inline node_type read_node(const json_reader& in) {
  in.keys({"title", "gpus", "nvlink", "pcie", "nics", "power_w"});
  const json_reader gpus = in["gpus"].keys({"count", "model", "memory_bytes"});
  node_type node;
  node.title = optional_text(in, "title");
  node.gpus = gpus["count"].count();
  node.gpu_model = gpus["model"].text();
  if (const auto memory = gpus.find("memory_bytes")) node.memory_bytes = memory->integer(1, std::int64_t{1} << 50);
  if (const auto nvlink = in.find("nvlink")) {
    nvlink->keys({"switches", "links_per_gpu", "links_per_switch", "link_gbps", "latency_ns", "link"});
    node.nvlink = read_nvlink(*nvlink);
  }
  if (const auto nics = in.find("nics")) node.nics = read_nics(*nics);
  if (const auto pcie = in.find("pcie")) node.pcie = read_pcie(*pcie, node.gpus, node.nics ? node.nics->count : 0);
  node.power_w = optional_positive(in, "power_w");
  return node;
}

}  // namespace colossus::detail
