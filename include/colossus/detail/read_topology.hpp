// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/read_faults.hpp>
#include <colossus/detail/read_nodes.hpp>

#include <algorithm>

namespace colossus::detail {

using topologies::generator;
using topologies::population;
using topologies::scale_out_part;
using topologies::scale_up_part;
using topologies::site_part;
using topologies::tier_part;
using topologies::topology_file;

inline tier_part read_tier(const json_reader& in, const topology_file& file, std::size_t index) {
  in.keys({"name", "switch", "down", "up", "gbps", "cable_ns", "group", "count", "link", "cable"});
  tier_part tier;
  tier.name = in["name"].text();
  tier.switch_name = in["switch"].text();
  tier.down = in["down"].count(), tier.up = optional_count(in, "up", 0, 0), tier.gbps = in["gbps"].positive();
  tier.link = in["link"].text();
  tier.cable = optional_text(in, "cable"), tier.cable_ns = optional_number(in, "cable_ns");
  tier.count = optional_count(in, "count", 0);
  if (!file.switch_types.contains(tier.switch_name)) in["switch"].fail("one of the keys of /switch_types");
  if (tier.cable.empty() && !tier.cable_ns) in.complain("expected \"cable\" or \"cable_ns\", found neither");
  if (const auto group = in.find("group")) {
    if (index == 0) group->complain("expected groups on the tiers above the lowest");
    if (index == 2 && group->has("pods")) (*group)["pods"].complain("the third tier joins all pods: leave it out");
    group->keys({"pods", "rails"});
    tier.group_pods = optional_count(*group, "pods", 0), tier.group_rails = optional_count(*group, "rails", 0);
  }
  return tier;
}

/// The links of a switch must fit on its ports, after each is split into `breakout`.
inline void check_ports(const json_reader& in, const tier_part& tier, double down_gbps, double up_gbps,
                        const switch_type& type) {
  const double lane = type.port_gbps / type.breakout;
  const auto lanes = [&](std::int32_t links, double gbps) {
    if (gbps > type.port_gbps)
      in.complain("expected links of at most " + json_reader::brief(type.port_gbps) + " Gbit/s, a port of " +
                  tier.switch_name + ", found " + json_reader::brief(gbps));
    return links * static_cast<std::int64_t>(std::ceil(gbps / lane - 1e-9));
  };
  const std::int64_t needed = lanes(tier.down, down_gbps) + (tier.up ? lanes(tier.up, up_gbps) : 0);
  const std::int64_t ports = std::int64_t{type.ports} * type.breakout;
  if (needed > ports)
    in.complain("port budget: " + std::to_string(tier.down) + " links down and " + std::to_string(tier.up) +
                " up need " + std::to_string(needed) + " ports of " + json_reader::brief(lane) + " Gbit/s, but " +
                tier.switch_name + " has " + std::to_string(ports));
}

inline scale_out_part read_clos(const json_reader& in, const topology_file& file) {
  in.keys({"generator", "pods", "nodes_per_pod", "rails", "planes", "tiers", "routing", "cross_rail"});
  scale_out_part out;
  out.kind = generator::clos;
  out.pods = in["pods"].count(), out.nodes_per_pod = in["nodes_per_pod"].count();
  out.rails = optional_count(in, "rails", 1), out.planes = optional_count(in, "planes", 1);
  if (const auto how = in.find("routing")) out.routing = how->one_of({"ecmp", "adaptive", "deterministic"});
  if (const auto across = in.find("cross_rail")) out.cross_rail = across->one_of({"nvlink", "fabric"});
  const auto tiers = in["tiers"].elements();
  if (tiers.empty() || tiers.size() > 3)
    in["tiers"].complain("expected 1 to 3 tiers, found " + std::to_string(tiers.size()) +
                         " (more are not supported yet)");
  std::set<std::string> names;
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    out.tiers.push_back(read_tier(tiers[i], file, i));
    if (!names.insert(out.tiers.back().name).second) tiers[i]["name"].fail("a name that no other tier has");
  }
  if (out.tiers.back().up) tiers.back()["up"].fail("0, or no key, in the highest tier");
  for (std::size_t i = 0; i < tiers.size(); ++i)
    check_ports(tiers[i], out.tiers[i], out.tiers[i].gbps, i + 1 < tiers.size() ? out.tiers[i + 1].gbps : 0,
                file.switch_types.at(out.tiers[i].switch_name));
  return out;
}

inline scale_out_part read_torus(const json_reader& in) {
  in.keys({"generator", "dims", "wrap", "twist", "link_gbps", "link_ns", "link"});
  scale_out_part out;
  out.kind = generator::torus;
  const auto dims = in["dims"].elements();
  if (dims.empty() || dims.size() > 6)
    in["dims"].complain("expected 1 to 6 dimensions, found " + std::to_string(dims.size()));
  for (const auto& size : dims) out.dims.push_back(size.count());
  double chips = 1;
  for (const std::int32_t size : out.dims) chips *= size;
  if (chips > (1 << 26)) in["dims"].complain("expected at most 2^26 chips, found " + json_reader::brief(chips));
  if (const auto wrap = in.find("wrap")) {
    for (const auto& round : wrap->elements()) out.wrap.push_back(round.flag());
    if (out.wrap.size() != dims.size())
      wrap->complain("expected one value for each of the " + std::to_string(dims.size()) + " dimensions, found " +
                     std::to_string(out.wrap.size()));
  }
  if (const auto twist = in.find("twist")) twist->complain("a twisted torus is not supported yet: leave it out");
  out.link_gbps = in["link_gbps"].positive(), out.link_ns = optional_number(in, "link_ns");
  out.link = in["link"].text();
  return out;
}

inline scale_out_part read_scale_out(const json_reader& in, const topology_file& file) {
  const auto kind = in["generator"].text();
  if (kind == "clos") return read_clos(in, file);
  if (kind == "torus") return read_torus(in);
  if (kind == "dragonfly" || kind == "dragonfly+" || kind == "graph")
    in["generator"].complain("the generator " + kind + " is not supported yet: expected clos, torus or none");
  if (kind != "none") in["generator"].fail("one of clos, torus, none");
  in.keys({"generator", "nodes"});
  scale_out_part out;
  out.nodes_per_pod = in["nodes"].count();
  return out;
}

/// Who stands in which pods: every pod once.
inline std::vector<population> read_populations(const json_reader& root, const topology_file& file) {
  const auto in = root.find("populations");
  const std::int32_t pods = file.scale_out.pods;
  if (!in) {
    if (file.node_types.size() > 1)
      root.complain("several node_types: expected \"populations\", which pods have which, found none");
    return {{file.node_types.begin()->first, {{0, pods - 1}}}};
  }
  std::vector<population> all;
  std::vector<bool> taken(static_cast<std::size_t>(pods));
  for (const auto& one : in->elements()) {
    one.keys({"node_type", "pods"});
    all.push_back({one["node_type"].text(), read_range(one["pods"], pods, "pod")});
    if (!file.node_types.contains(all.back().node_type)) one["node_type"].fail("one of the keys of /node_types");
    for (const auto& [first, last] : all.back().pods)
      for (std::int32_t pod = first; pod <= last; ++pod) {
        if (taken[static_cast<std::size_t>(pod)])
          one["pods"].complain("pod " + std::to_string(pod) + " has a node type already: expected each pod once");
        taken[static_cast<std::size_t>(pod)] = true;
      }
  }
  const auto missing = std::find(taken.begin(), taken.end(), false);
  if (missing != taken.end())
    in->complain("pod " + std::to_string(missing - taken.begin()) + " has no node type: expected each of the " +
                 std::to_string(pods) + " pods once");
  return all;
}

/// The description in a topology file, or an `error` (input) that says where it is wrong and how.
inline topology_file read_topology(const std::string& path, const nlohmann::json& json) {
  const json_reader root{path, json};
  root.keys({"$schema", "topology", "name", "title", "evidence", "sources", "assumptions", "switch_types", "node_types",
             "scale_up", "scale_out", "populations", "faults", "site"});
  topology_file file;
  file.path = path;
  (void)root["topology"].integer(1, 1);
  file.name = root["name"].text(), file.title = optional_text(root, "title");
  if (const auto kind = root.find("evidence"))
    file.evidence = kind->one_of({"published", "reference-design", "partly-assumed", "synthetic", "imported"});
  if (const auto sources = root.find("sources"))
    for (const auto& source : sources->elements()) file.sources.push_back(read_source(source));
  if (const auto assumed = root.find("assumptions"))
    for (const auto& text : assumed->elements()) file.assumptions.push_back(text.text());
  if (const auto types = root.find("switch_types"))
    for (const auto& [key, type] : types->members()) file.switch_types.emplace(key, read_switch(type));
  for (const auto& [key, type] : root["node_types"].members()) file.node_types.emplace(key, read_node(type));
  if (file.node_types.empty()) root["node_types"].complain("expected at least one node type, found none");
  file.scale_out = read_scale_out(root["scale_out"], file);
  if (const auto domain = root.find("scale_up")) {
    domain->keys({"nodes", "switches", "links_per_gpu", "link_gbps", "latency_ns", "link"});
    file.scale_up = scale_up_part{(*domain)["nodes"].count(), read_nvlink(*domain)};
  }
  file.populations = read_populations(root, file);
  if (const auto faults = root.find("faults")) file.faults = read_faults(*faults, file);
  if (const auto site = root.find("site")) {
    site->keys({"power_w", "water_l_per_day", "pue"});
    file.site = site_part{optional_positive(*site, "power_w"), optional_positive(*site, "water_l_per_day"),
                          optional_number(*site, "pue", 1)};
  }
  return file;
}

}  // namespace colossus::detail
