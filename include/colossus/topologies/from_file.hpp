// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/apply_faults.hpp>
#include <colossus/detail/edit_json.hpp>
#include <colossus/detail/read_fabric.hpp>
#include <colossus/detail/sha256.hpp>
#include <colossus/topologies/profile_file.hpp>

#include <ostream>
#include <variant>

namespace colossus {

struct topology_options {
  topologies::latency_level latency = topologies::latency_level::typical;
  std::string defaults_path;  ///< the table of defaults; empty: beside the file, else where the shipped one is
  /// JSON pointers into the file, and what is to stand there instead: JSON, or text. Counts follow and are checked.
  std::vector<std::pair<std::string, std::string>> set{};
  std::vector<std::string> faults{};             ///< besides the file's own, such as "link:leaf:count=1" (`fault_of`)
  std::optional<topologies::profile> profile{};  ///< what software adds; without one prices are bounds
};

/// A machine read from a file, with all that was assumed to make it.
struct loaded {
  topologies::topology_file description;
  std::variant<topologies::nodes_of<topologies::clos>, topologies::nodes_of<topologies::none>, topologies::torus>
      fabric;
  std::string topology_id;               ///< 12 hex digits: a hash of what the file says, without its prose
  std::vector<std::string> assumptions;  ///< the file's own, then those of the model
  std::vector<topologies::used_default> defaults;
  std::vector<power_share> power;
  std::vector<std::string> changes;  ///< what `set` and `faults` of the options changed, in their words
  std::vector<std::string> faults;   ///< what is broken, in words
  std::optional<topologies::profile> profile{};
  bool has_faults() const { return !faults.empty(); }
  /// What distinguishes it from the machine of the file, in one word; of the file's own faults only that there are any.
  std::string scenario() const {
    std::string text = description.faults.size() > added_faults() ? "faults" : "";
    for (const std::string& change : changes) text += (text.empty() ? "" : ";") + change;
    return text;
  }

 private:
  std::size_t added_faults() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(changes, [](const std::string& change) { return change.starts_with("fault="); }));
  }
};

namespace detail {

/// The JSON without prose, so that two files that describe the same machine hash alike: 64.0 and 64 are one number.
inline nlohmann::json canonical(const nlohmann::json& value) {
  if (value.is_number_float() && std::abs(value.get<double>()) < 9e15 &&
      value.get<double>() == std::floor(value.get<double>()))
    return static_cast<std::int64_t>(value.get<double>());
  if (!value.is_structured()) return value;
  nlohmann::json copy = value.is_array() ? nlohmann::json::array() : nlohmann::json::object();
  for (const auto& [key, member] : value.items()) {
    if (value.is_array()) copy.push_back(canonical(member));
    else if (key != "title" && key != "sources" && key != "assumptions" && key != "$schema" && !key.starts_with("x-"))
      copy[key] = canonical(member);
  }
  return copy;
}

/// What the model adds to the file, in words.
inline std::vector<std::string> model_assumptions(const topologies::topology_file& file) {
  std::vector<std::string> lines;
  const topologies::scale_out_part& out = file.scale_out;
  const bool clos = out.kind == topologies::generator::clos;
  if (clos) lines.push_back("GPU i of a node uses NIC i * nics / gpus; NIC k is on rail k mod rails");
  if (clos && out.rails > 1 && out.cross_rail != "fabric")
    lines.push_back(
        "between rails a message goes over NVLink to the sender's node's GPU on the receiver's rail (PXN), whatever "
        "the spines join");
  if (clos && out.rails > 1 && out.cross_rail == "fabric")
    lines.push_back("between rails a message leaves by the sender's own NIC and goes through the tier that joins both");
  if (clos && out.planes > 1)
    lines.push_back("adaptive routing spreads over all planes of a NIC, ecmp draws one for each flow");
  if (out.kind == topologies::generator::torus)
    lines.push_back("every routing is dimension order the shorter way; a host is a row of chips of the last dimension");
  if (file.has_pcie_only())
    lines.push_back("nodes without NVLink: GPUs of a node exchange over PCIe, each at the rate of its slot");
  if (!file.faults.empty())
    lines.push_back(
        "traffic goes around dead links: ecmp draws among the ways that are left, deterministic routing draws one of "
        "them by destination, adaptive routing fills what is left of each bundle; where no way is left between two "
        "NICs, NVLink leads to the next NICs that have one");
  for (const auto& fault : file.faults)
    if (fault.bad_time < 1) {
      lines.push_back("what flaps has its mean rate, and routes do not avoid it");
      break;
    }
  return lines;
}

/// Changes a file's JSON as the options say. Returns what was changed.
inline std::vector<std::string> change(const std::string& path, nlohmann::json& json, const topology_options& options) {
  std::vector<std::string> changes;
  for (const auto& [pointer, value] : options.set) {
    set_at(path, json, pointer, value);
    changes.push_back(pointer + "=" + value);
  }
  for (const std::string& fault : options.faults) {
    json["faults"].push_back(fault_of(fault));
    changes.push_back("fault=" + fault);
  }
  if (!changes.empty()) json["evidence"] = "synthetic";
  return changes;
}

/// The JSON's 12 hex digits of `loaded::topology_id`.
inline std::string id_of(const nlohmann::json& json) { return sha256(canonical(json).dump()).substr(0, 12); }

/// What a profile changes, in words.
inline std::vector<std::string> profile_assumptions(const topologies::profile& p) {
  std::vector<std::string> lines;
  std::string text = "software as in profile " + p.name + " (" + p.evidence + "; " + p.source + ")";
  if (p.operation_s > 0) text += ": " + json_reader::brief(p.operation_s * 1e6) + " us an operation";
  lines.push_back(text);
  for (const auto& [pointer, number] : p.set)
    lines.push_back("profile " + p.name + ": " + pointer + " = " + json_reader::brief(number));
  return lines;
}

}  // namespace detail

/// The machine that JSON describes as a topology file does; `path` names it in errors, and the defaults may be beside
/// it. Throws `error` (input) with path, JSON path, what was expected and found.
inline loaded load_topology(const std::string& path, nlohmann::json json, const topology_options& options) {
  std::vector<std::string> changes = detail::change(path, json, options);
  const std::string id = detail::id_of(json);  // the same with a profile
  topologies::defaults_table table{options.defaults_path.empty() ? topologies::find_defaults(path)
                                                                 : options.defaults_path};
  if (options.profile) detail::apply_profile(*options.profile, path, json, table);
  topologies::topology_file file = detail::read_topology(path, json);
  detail::part_resolver parts{file, table, options.latency};
  std::vector<power_share> power;
  auto fabric = detail::build_fabric(file, parts, power);
  loaded machine{std::move(file), std::move(fabric), id, {}, parts.used(), std::move(power), {}, {}, options.profile};
  machine.assumptions = machine.description.assumptions;
  for (const std::string& change : changes) machine.assumptions.push_back("changed for this run: " + change);
  for (const std::string& line : detail::model_assumptions(machine.description)) machine.assumptions.push_back(line);
  if (options.profile)
    for (const std::string& line : detail::profile_assumptions(*options.profile)) machine.assumptions.push_back(line);
  machine.changes = std::move(changes);
  std::visit(
      [&]<class Fabric>(Fabric& built) {
        if constexpr (!std::same_as<Fabric, topologies::torus>)
          machine.faults = detail::apply_faults(machine.description, built);
      },
      machine.fabric);
  return machine;
}

/// The machine that a topology file describes.
inline loaded load_topology(const std::string& path, const topology_options& options = {}) {
  return load_topology(path, detail::read_json(path), options);
}

}  // namespace colossus
