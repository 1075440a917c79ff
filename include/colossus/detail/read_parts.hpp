// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/defaults.hpp>
#include <colossus/topologies/nodes_of.hpp>
#include <colossus/topologies/topology_file.hpp>

namespace colossus::detail {

/// Turns what a file says of its parts into rates and latencies, with the table of defaults where it does not say;
/// keeps a list of the defaults it used.
class part_resolver {
 public:
  part_resolver(const topologies::topology_file& file, const topologies::defaults_table& table,
                topologies::latency_level level)
      : file_{file}, table_{table}, level_{level} {}

  const std::vector<topologies::used_default>& used() const { return used_; }

  /// The latency that the file gives, or else the default of the part that `name` (or `key`) names.
  double latency_s(const std::optional<double>& given_ns, const std::string& section, const std::string& name,
                   const std::string& key, const std::string& where) {
    if (given_ns) return *given_ns * 1e-9;
    return default_of(section, key_of(section, name, key, where), "latency_ns", "latency", "ns").at(level_) * 1e-9;
  }
  double efficiency(const std::string& link, const std::string& where) {
    return default_of("link_class", key_of("link_class", link, {}, where), "efficiency", "efficiency", "").value;
  }
  /// One cable: error correction and optics, and its metres; or what the file says of it all.
  double cable_latency_s(const topologies::tier_part& tier, const std::string& where) {
    if (tier.cable_ns) return *tier.cable_ns * 1e-9;
    const std::string link = key_of("link_class", tier.link, {}, where + "/link");
    const std::string cable = key_of("cable_m", tier.cable, {}, where + "/cable");
    const std::string medium = link.ends_with("copper") ? "copper" : "fibre";
    const double metres = default_of("cable_m", cable, {}, "", "m").at(level_);
    const double per_metre = default_of("ns_per_m", medium, {}, "", "ns/m").at(level_);
    return latency_s({}, "link_class", link, {}, where) + metres * per_metre * 1e-9;
  }
  topologies::node_speed node_speed(const topologies::node_type& node, const std::string& where);
  double nvlink_rate(const topologies::nvlink_part& nvlink, const std::string& where) {
    return nvlink.links_per_gpu * nvlink.link_gbps * 1e9 / 8 * efficiency(nvlink.link, where + "/link");
  }
  /// Watts of a part, from the file or the table; NaN where neither knows.
  topologies::figure power_w(const std::optional<double>& given, const std::string& section, const std::string& name,
                             const std::string& key);

 private:
  std::string key_of(const std::string& section, const std::string& name, const std::string& key,
                     const std::string& where) {
    if (const auto found = table_.match(section, name)) return *found;
    if (const auto found = table_.match(section, key)) return *found;
    throw error{file_.path + ": " + where + ": expected one of the " + section + " keys of the defaults (" +
                    table_.keys(section) + "), found " + (name.empty() ? "\"" + key + "\"" : "\"" + name + "\"") +
                    ": name one, or give the latency",
                failure::input};
  }
  topologies::figure default_of(const std::string& section, const std::string& key, const std::string& quantity,
                                const std::string& word, const std::string& unit) {
    const auto number = table_.find(section, key, quantity);
    if (!number)
      throw error{table_.file() + ": /defaults/" + section + "/" + key + ": expected a figure" +
                      (quantity.empty() ? "" : " \"" + quantity + "\"") + ", found none",
                  failure::input};
    const std::string kind = section == "link_class" ? "link "
                             : section == "cable_m"  ? "cable "
                             : section == "ns_per_m" ? ""
                                                     : section + " ";
    remember({kind + key + (word.empty() ? "" : " " + word), unit, *number});
    return *number;
  }
  void remember(topologies::used_default one) {
    if (std::find(used_.begin(), used_.end(), one) == used_.end()) used_.push_back(std::move(one));
  }

  const topologies::topology_file& file_;
  const topologies::defaults_table& table_;
  topologies::latency_level level_;
  std::vector<topologies::used_default> used_;
};

/// Gigabits per second of a PCIe slot after its line code.
inline double pcie_gbps(const topologies::pcie_part& pcie) {
  return 8.0 * (1 << (pcie.gen - 3)) * pcie.lanes * 128 / 130;
}

inline topologies::node_speed part_resolver::node_speed(const topologies::node_type& node, const std::string& where) {
  topologies::node_speed speed;
  if (file_.scale_up) {
    speed.local_bytes_per_s = nvlink_rate(file_.scale_up->nvlink, "/scale_up");
    speed.local_latency_s =
        latency_s(file_.scale_up->nvlink.latency_ns, "link_class", file_.scale_up->nvlink.link, {}, "/scale_up/link");
  } else if (node.nvlink) {
    speed.local_bytes_per_s = nvlink_rate(*node.nvlink, where + "/nvlink");
    speed.local_latency_s =
        latency_s(node.nvlink->latency_ns, "link_class", node.nvlink->link, {}, where + "/nvlink/link");
  } else if (node.gpus > 1) {
    if (!node.pcie || node.pcie->gen < 3 || node.pcie->gen > 5)
      throw error{file_.path + ": " + where + ": expected \"nvlink\", or \"pcie\" of generation 3 to 5, to join the " +
                      std::to_string(node.gpus) + " GPUs of a node, found neither",
                  failure::input};
    const std::string key = "pcie" + std::to_string(node.pcie->gen) + "-x" + std::to_string(node.pcie->lanes);
    speed.local_bytes_per_s = pcie_gbps(*node.pcie) * 1e9 / 8 * efficiency(key, where + "/pcie");
    speed.local_latency_s = latency_s({}, "link_class", key, {}, where + "/pcie");
  }
  if (node.nics && file_.scale_out.kind == topologies::generator::clos) {
    const topologies::tier_part& leaf = file_.scale_out.tiers[0];
    speed.nic_bytes_per_s =
        node.nics->ports * node.nics->port_gbps * 1e9 / 8 * efficiency(leaf.link, "/scale_out/tiers/0/link");
    speed.nic_latency_s = latency_s(node.nics->latency_ns, "nic", node.nics->model, {}, where + "/nics/model");
  }
  return speed;
}

inline topologies::figure part_resolver::power_w(const std::optional<double>& given, const std::string& section,
                                                 const std::string& name, const std::string& key) {
  if (given) return {*given, *given, *given, "the file", ""};
  const auto found = table_.match(section, name) ? table_.match(section, name) : table_.match(section, key);
  if (!found || !table_.find(section, *found, "power_w")) return {std::nan(""), std::nan(""), std::nan(""), "", ""};
  return default_of(section, *found, "power_w", "power", "W");
}

}  // namespace colossus::detail
