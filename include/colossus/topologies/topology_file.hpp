// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace colossus::topologies {

// What a topology file says, as it says it: Gbit/s in one direction, nanoseconds, bytes, watts.

struct source_note {
  std::string id, title, url, date;
  std::vector<std::string> supports;  ///< JSON pointers, or words
};

struct switch_type {
  std::string model;
  std::int32_t ports = 1;
  double port_gbps = 0;
  std::int32_t breakout = 1;  ///< ports that one port splits into
  std::optional<double> latency_ns, power_w;
};

struct nvlink_part {
  std::int32_t switches = 0;
  std::int32_t links_per_gpu = 1;
  double link_gbps = 0;
  std::optional<double> latency_ns;
  std::string link;  ///< key of link_class in the defaults
};

struct pcie_part {
  std::int32_t gen = 5;
  std::int32_t lanes = 16;
};

struct nic_part {
  std::int32_t count = 1;
  std::int32_t ports = 1;
  double port_gbps = 0;
  std::string model;
  std::optional<double> latency_ns;
};

struct node_type {
  std::string title;
  std::int32_t gpus = 1;
  std::string gpu_model;
  std::int64_t memory_bytes = 0;
  std::optional<nvlink_part> nvlink;
  std::optional<pcie_part> pcie;
  std::optional<nic_part> nics;
  std::optional<double> power_w;
};

struct scale_up_part {
  std::int32_t nodes = 1;  ///< of one NVLink domain
  nvlink_part nvlink;
};

/// One tier of a Clos; gbps, link and cable are of the cables below it.
struct tier_part {
  std::string name, switch_name;
  std::int32_t down = 1;
  std::int32_t up = 0;
  double gbps = 0;
  std::string link, cable;  ///< keys of link_class and cable_m in the defaults
  std::optional<double> cable_ns;
  std::int32_t group_pods = 0, group_rails = 0, count = 0;
};

enum class generator : std::uint8_t { clos, torus, none };

struct scale_out_part {
  generator kind = generator::none;
  std::int32_t pods = 1, nodes_per_pod = 1, rails = 1, planes = 1;  // clos; none has nodes_per_pod nodes
  std::vector<tier_part> tiers;
  std::string cross_rail;  ///< nvlink or fabric
  std::string routing;     ///< what the machine is said to use; empty: not said
  std::vector<std::int32_t> dims;
  std::vector<bool> wrap;
  double link_gbps = 0;
  std::optional<double> link_ns;
  std::string link;
};

struct population {
  std::string node_type;
  std::vector<std::pair<std::int32_t, std::int32_t>> pods;  ///< first, last
};

/// Parts that fail together: those that all ranges hold, or `count` or a `fraction` of them, drawn by `seed`; or one
/// `part`, by its name.
struct fault_part {
  using ranges = std::vector<std::pair<std::int32_t, std::int32_t>>;  ///< first, last; empty: all
  std::string part;                                                   ///< as `part_name` has it; empty: by `on`
  std::string on;                                                     ///< link, switch, nic, gpu, node
  int tier = 0;                                                       ///< of links and switches
  ranges pods, rails, planes, index;
  std::optional<std::int32_t> count;
  std::optional<double> fraction;
  std::uint64_t seed = 1;
  std::string state = "down";
  std::optional<double> gbps, share;  ///< what is left of each part, its rate or a share of it; nothing if not said
  double bad_time = 1;                ///< share of the time for which that is so (flapping: below 1)
};

struct site_part {
  std::optional<double> power_w, water_l_per_day, pue;
};

/// A topology file that is well formed and adds up.
struct topology_file {
  std::string path, name, title, evidence;
  std::vector<source_note> sources;
  std::vector<std::string> assumptions;
  std::map<std::string, switch_type> switch_types;
  std::map<std::string, node_type> node_types;
  std::vector<population> populations;  ///< at least one: the pods of each node type
  std::optional<scale_up_part> scale_up;
  scale_out_part scale_out;
  std::optional<site_part> site;
  std::vector<fault_part> faults;

  std::int64_t nodes_per_pod() const {
    if (scale_out.kind != generator::torus) return scale_out.nodes_per_pod;
    std::int64_t chips = 1;
    for (const std::int32_t size : scale_out.dims) chips *= size;
    return chips / node_types.begin()->second.gpus;
  }
  bool has_pcie_only() const {
    for (const auto& [key, node] : node_types)
      if (!scale_up && !node.nvlink && node.gpus > 1 && scale_out.kind != generator::torus) return true;
    return false;
  }
};

}  // namespace colossus::topologies
