// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/json_reader.hpp>
#include <colossus/topologies/parts.hpp>
#include <colossus/topologies/topology_file.hpp>

namespace colossus::detail {

inline bool holds(const topologies::fault_part::ranges& ranges, std::int32_t first, std::int32_t count) {
  return ranges.empty() || std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
           return range.first < first + count && first <= range.second;
         });
}

/// The parts of a class that a fault may meet.
template <class Fabric>
std::vector<std::int64_t> matching(const Fabric& machine, const topologies::part_class& of,
                                   const topologies::fault_part& fault) {
  std::vector<std::int64_t> found;
  for (std::int64_t number = 0; number < of.count; ++number) {
    const topologies::part_place at = place_of(machine, of, number);
    if (holds(fault.pods, at.pod, at.pods) && holds(fault.rails, at.rail, at.rails) &&
        holds(fault.planes, at.plane, at.planes) && holds(fault.index, at.index, 1))
      found.push_back(number);
  }
  return found;
}

/// Draws `count` of them by `seed` (the first steps of a Fisher-Yates shuffle), the same on every computer.
inline void draw_some(std::vector<std::int64_t>& from, std::size_t count, std::uint64_t seed) {
  for (std::size_t i = 0; i < count; ++i) {
    hash_draw draw{mix(mix(seed) ^ i)};
    std::swap(from[i], from[i + draw.below(static_cast<std::uint32_t>(from.size() - i))]);
  }
  from.resize(count);
}

/// Gbit/s of a healthy part: of a link, of a switch's links below, of a NIC or its share of a plane, of a GPU's NVLink.
inline double healthy_gbps(const topologies::topology_file& file, const topologies::part_class& of, std::int32_t pod) {
  using topologies::part_kind;
  const auto& tiers = file.scale_out.tiers;
  if (of.kind == part_kind::link) return tiers[static_cast<std::size_t>(of.tier) + 1].gbps;
  if (of.kind == part_kind::switch_) return tiers[static_cast<std::size_t>(of.tier)].gbps;
  const topologies::node_type* node = nullptr;
  for (const auto& population : file.populations)
    if (holds(population.pods, pod, 1)) node = &file.node_types.at(population.node_type);
  if (of.kind == part_kind::gpu) {
    const auto* nvlink = file.scale_up ? &file.scale_up->nvlink : node->nvlink ? &*node->nvlink : nullptr;
    return nvlink ? nvlink->links_per_gpu * nvlink->link_gbps : 0;
  }
  const double nic = node->nics->ports * node->nics->port_gbps;
  return of.kind == part_kind::nic ? nic : nic / file.scale_out.planes;
}

inline const topologies::part_class& class_of(const std::vector<topologies::part_class>& classes,
                                              const topologies::fault_part& fault, std::int32_t planes) {
  using topologies::part_kind;
  const part_kind kind = fault.on == "link"                    ? part_kind::link
                         : fault.on == "switch"                ? part_kind::switch_
                         : fault.on == "gpu"                   ? part_kind::gpu
                         : fault.on == "node"                  ? part_kind::node
                         : fault.planes.empty() || planes == 1 ? part_kind::nic
                                                               : part_kind::nic_port;
  return *std::find_if(classes.begin(), classes.end(), [&](const topologies::part_class& each) {
    return each.kind == kind && each.tier == fault.tier;
  });
}

/// The class and number of the part that has a name. Throws `error` (input) where there is none.
template <class Fabric>
std::pair<const topologies::part_class*, std::int64_t> find_part(const Fabric& machine,
                                                                 const std::vector<topologies::part_class>& classes,
                                                                 const std::string& name, const std::string& where) {
  std::string known;
  for (const topologies::part_class& of : classes) {
    for (std::int64_t number = 0; number < of.count; ++number)
      if (part_name(machine, of, number) == name) return {&of, number};
    known += (known.empty() ? "\"" : "\", \"") + part_name(machine, of, of.count - 1);
  }
  throw error{where + "/part: expected the name of a part, up to " + known + "\", found \"" + name + "\"",
              failure::input};
}

/// The share of a part's rate that a fault leaves it, over time.
inline double share_left(const topologies::fault_part& fault, double healthy, const std::string& where) {
  if (fault.share) return 1 - fault.bad_time * (1 - *fault.share);
  if (!fault.gbps) return 1 - fault.bad_time;
  if (*fault.gbps >= healthy)
    throw error{where + "/gbps: expected less than the " + json_reader::brief(healthy) + " Gbit/s of the part, found " +
                    json_reader::brief(*fault.gbps),
                failure::input};
  return 1 - fault.bad_time * (1 - *fault.gbps / healthy);
}

/// The parts that a fault meets, and of how many it might have met.
struct met_parts {
  const topologies::part_class* of = nullptr;
  std::vector<std::int64_t> numbers;
  std::size_t candidates = 0;
};

template <class Fabric>
met_parts parts_met(const Fabric& machine, const std::vector<topologies::part_class>& classes,
                    const topologies::fault_part& fault, const std::string& where) {
  if (!fault.part.empty()) {
    const auto [of, number] = find_part(machine, classes, fault.part, where);
    return {of, {number}, 1};
  }
  met_parts met{&class_of(classes, fault, machine.network().planes()), {}, 0};
  met.numbers = matching(machine, *met.of, fault);
  const std::size_t all = met.candidates = met.numbers.size();
  if (fault.fraction)
    draw_some(met.numbers, static_cast<std::size_t>(std::llround(*fault.fraction * static_cast<double>(all))),
              fault.seed);
  if (fault.count && static_cast<std::size_t>(*fault.count) > all)
    throw error{where + "/count: expected at most " + std::to_string(all) + ", which match, found " +
                    std::to_string(*fault.count),
                failure::input};
  if (fault.count) draw_some(met.numbers, static_cast<std::size_t>(*fault.count), fault.seed);
  if (all == 0) throw error{where + ": expected a selection that some " + met.of->name + " matches", failure::input};
  return met;
}

/// Such as "1 of 512 x NIC degraded to 50%: NIC p0-n3 nic4".
template <class Fabric>
std::string in_words(const Fabric& machine, const topologies::fault_part& fault, const met_parts& met) {
  std::string line = std::to_string(met.numbers.size()) + " of " + std::to_string(met.of->count) + " x " +
                     met.of->name + " " + fault.state;
  if (fault.gbps) line += " to " + json_reader::brief(*fault.gbps) + " Gbit/s";
  if (fault.share) line += " to " + json_reader::brief(100 * *fault.share) + "%";
  if (fault.bad_time < 1) line += " for " + json_reader::brief(100 * fault.bad_time) + "% of the time";
  if (met.numbers.size() == 1) return line + ": " + part_name(machine, *met.of, met.numbers[0]);
  return met.numbers.size() < met.candidates ? line + ", drawn with seed " + std::to_string(fault.seed) : line;
}

/// Impairs the machine as the file says. Returns what was done, a line for each entry.
template <topologies::network Network>
std::vector<std::string> apply_faults(const topologies::topology_file& file, topologies::nodes_of<Network>& machine) {
  const auto classes = part_classes(machine);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < file.faults.size(); ++i) {
    const topologies::fault_part& fault = file.faults[i];
    const std::string where = file.path + ": /faults/" + std::to_string(i);
    const met_parts met = parts_met(machine, classes, fault, where);
    for (const std::int64_t number : met.numbers)
      impair(machine, *met.of, number,
             share_left(fault, healthy_gbps(file, *met.of, place_of(machine, *met.of, number).pod), where));
    lines.push_back(in_words(machine, fault, met));
  }
  return lines;
}

}  // namespace colossus::detail
