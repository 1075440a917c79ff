// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/read_parts.hpp>
#include <colossus/detail/read_topology.hpp>
#include <colossus/topologies.hpp>

#include <variant>

namespace colossus {

/// What the parts of a machine draw, as far as it is known.
struct power_share {
  std::string part;  ///< type of node or switch
  std::int64_t count = 0;
  topologies::figure watts;  ///< of one; NaN: not known
};

namespace detail {

/// What `make` makes; its errors, which begin with a JSON path below `prefix`, get the file and the whole path.
template <class Make>
auto located(const topologies::topology_file& file, const std::string& prefix, Make&& make) {
  try {
    return make();
  } catch (const error& e) {
    throw error{file.path + ": " + prefix + e.what(), failure::input};
  }
}

inline topologies::clos build_clos(const topologies::topology_file& file, part_resolver& parts) {
  const topologies::scale_out_part& out = file.scale_out;
  const topologies::node_type& node = file.node_types.at(file.populations[0].node_type);
  topologies::clos_shape shape{out.pods,  out.nodes_per_pod, node.nics ? node.nics->count : 0,
                               out.rails, out.planes,        {}};
  for (std::size_t i = 0; i < out.tiers.size(); ++i) {
    const topologies::tier_part& t = out.tiers[i];
    const std::string where = "/scale_out/tiers/" + std::to_string(i);
    const topologies::switch_type& type = file.switch_types.at(t.switch_name);
    const double rate = t.gbps * 1e9 / 8 * parts.efficiency(t.link, where + "/link");
    const double in_switch = parts.latency_s(type.latency_ns, "switch", type.model, t.switch_name,
                                             "/switch_types/" + t.switch_name + "/model");
    shape.tiers.push_back(
        {t.name, t.down, t.up, rate, parts.cable_latency_s(t, where), in_switch, t.group_pods, t.group_rails, t.count});
  }
  return located(file, "/scale_out", [&] { return topologies::clos{std::move(shape)}; });
}

/// All node types of a machine have the same GPUs and NICs; only their speeds differ.
inline void check_alike(const topologies::topology_file& file) {
  const topologies::node_type& first = file.node_types.at(file.populations[0].node_type);
  const auto nics = [](const topologies::node_type& n) {
    return n.nics ? std::pair{n.nics->count, n.nics->ports} : std::pair{0, 0};
  };
  for (const auto& [key, node] : file.node_types) {
    if (node.gpus != first.gpus || nics(node) != nics(first))
      throw error{file.path + ": /node_types/" + key + ": expected as many GPUs, NICs and ports as in " +
                      file.populations[0].node_type + ": machines whose nodes differ in that are not supported yet",
                  failure::input};
    if (file.scale_out.kind != topologies::generator::clos) continue;
    if (!node.nics)
      throw error{file.path + ": /node_types/" + key + ": expected \"nics\" to reach the network, found none",
                  failure::input};
    if (node.nics->ports % file.scale_out.planes)
      throw error{file.path + ": /node_types/" + key + "/nics/ports: expected a multiple of the " +
                      std::to_string(file.scale_out.planes) + " planes, found " + std::to_string(node.nics->ports),
                  failure::input};
    const double per_plane = node.nics->ports / file.scale_out.planes * node.nics->port_gbps;
    if (file.scale_out.planes > 1 && node.nics->ports == file.scale_out.planes &&
        per_plane > file.scale_out.tiers[0].gbps)
      throw error{file.path + ": /node_types/" + key + "/nics/port_gbps: expected at most the " +
                      json_reader::brief(file.scale_out.tiers[0].gbps) + " Gbit/s of a leaf's link, found " +
                      json_reader::brief(per_plane),
                  failure::input};
  }
}

inline topologies::node_shape build_nodes(const topologies::topology_file& file, part_resolver& parts) {
  check_alike(file);
  topologies::node_shape shape;
  const topologies::node_type& first = file.node_types.at(file.populations[0].node_type);
  shape.gpus = first.gpus;
  shape.nodes_per_domain = file.scale_up ? file.scale_up->nodes : 1;
  if (file.scale_out.cross_rail == "fabric") shape.between_rails = topologies::cross_rail::fabric;
  shape.local = file.scale_up || first.nvlink || first.gpus == 1 ? "NVLink" : "PCIe";
  for (const auto& population : file.populations)
    shape.speeds.push_back(
        parts.node_speed(file.node_types.at(population.node_type), "/node_types/" + population.node_type));
  if (shape.speeds.size() == 1) return shape;
  shape.type_of_pod.resize(static_cast<std::size_t>(file.scale_out.pods));
  for (std::size_t type = 0; type < file.populations.size(); ++type)
    for (const auto& [begin, end] : file.populations[type].pods)
      std::fill(shape.type_of_pod.begin() + begin, shape.type_of_pod.begin() + end + 1,
                static_cast<std::uint8_t>(type));
  return shape;
}

inline topologies::torus build_torus(const topologies::topology_file& file, part_resolver& parts, double power_w) {
  const topologies::scale_out_part& out = file.scale_out;
  const double rate = out.link_gbps * 1e9 / 8 * parts.efficiency(out.link, "/scale_out/link");
  const double hop = parts.latency_s(out.link_ns, "link_class", out.link, {}, "/scale_out/link");
  return located(file, "/scale_out", [&] {
    return topologies::torus{{out.dims, out.wrap, file.node_types.begin()->second.gpus, rate, hop, power_w}};
  });
}

/// What nodes and switches draw, and the sum of it: NaN where one is not known.
inline std::vector<power_share> power_shares(const topologies::topology_file& file, part_resolver& parts,
                                             const topologies::clos* network) {
  std::vector<power_share> shares;
  for (const auto& population : file.populations) {
    const topologies::node_type& node = file.node_types.at(population.node_type);
    std::int64_t pods = 0;
    for (const auto& [first, last] : population.pods) pods += last - first + 1;
    shares.push_back({population.node_type, pods * file.nodes_per_pod(),
                      parts.power_w(node.power_w, "node", population.node_type, node.title)});
  }
  for (int tier = 0; network && tier < network->tiers(); ++tier) {
    const topologies::tier_part& t = file.scale_out.tiers[static_cast<std::size_t>(tier)];
    const topologies::switch_type& type = file.switch_types.at(t.switch_name);
    shares.push_back({t.name == t.switch_name ? t.name : t.name + " " + t.switch_name, network->switches(tier),
                      parts.power_w(type.power_w, "switch", type.model, t.switch_name)});
  }
  return shares;
}
inline double sum_w(const std::vector<power_share>& shares) {
  double sum = 0;
  for (const power_share& share : shares) sum += static_cast<double>(share.count) * share.watts.value;
  return sum;
}

using any_fabric =
    std::variant<topologies::nodes_of<topologies::clos>, topologies::nodes_of<topologies::none>, topologies::torus>;

inline any_fabric build_fabric(const topologies::topology_file& file, part_resolver& parts,
                               std::vector<power_share>& power) {
  if (file.scale_out.kind == topologies::generator::torus) {
    power = power_shares(file, parts, nullptr);
    return build_torus(file, parts, sum_w(power));
  }
  topologies::node_shape nodes = build_nodes(file, parts);
  if (file.scale_out.kind == topologies::generator::clos) {
    topologies::clos network = build_clos(file, parts);
    power = power_shares(file, parts, &network);
    nodes.power_w = sum_w(power);
    return located(file, "", [&] { return topologies::nodes_of{std::move(network), std::move(nodes)}; });
  }
  power = power_shares(file, parts, nullptr);
  nodes.power_w = sum_w(power);
  const std::int32_t count = file.scale_out.nodes_per_pod;
  if (count != nodes.nodes_per_domain)
    throw error{file.path + ": /scale_out/nodes: expected the " + std::to_string(nodes.nodes_per_domain) +
                    " nodes of one NVLink domain, since no network joins more, found " + std::to_string(count),
                failure::input};
  return located(file, "", [&] { return topologies::nodes_of{topologies::none{count}, std::move(nodes)}; });
}

}  // namespace detail
}  // namespace colossus
