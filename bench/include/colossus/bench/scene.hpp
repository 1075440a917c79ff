// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/disturbances.hpp>
#include <colossus/bench/row.hpp>
#include <colossus/bench/topology_text.hpp>
#include <colossus/bench/variations.hpp>
#include <colossus/placement.hpp>

#include <filesystem>
#include <memory>

namespace colossus::bench {

/// A machine, and the part of it that takes part: rank r is GPU placement[r].
struct scene {
  std::shared_ptr<const loaded> machine;
  std::shared_ptr<const loaded> bare;  ///< the same without its profile, where it has one: light knows no software
  std::vector<gpu_t> placement;
  std::vector<std::vector<gpu_t>> groups{};  ///< that do the same at once, the first on `placement`; empty: it alone
  problem shape;
  std::int32_t nodes = 1;
  std::int32_t gpus = 1;  ///< of the whole machine
  double power_w = 0;     ///< of the nodes that take part, their share of the switches with them; NaN: not known
  std::string placed;     ///< the column placement
  std::string scenario;   ///< the column scenario: what is not as the file says, k=v;k=v

  const std::string& name() const { return machine->description.name; }
};

namespace detail {

template <topology T>
std::vector<gpu_t> place(const T& fabric, rank_t ranks, const options& o) {
  const rank_t all = ranks > 0 ? ranks : usable_gpus(fabric);
  if (all == 0) throw error{"every node is down: nothing to price", failure::input};
  if (o.placement == "packed") return packed(fabric, all);
  if (o.placement == "spread") return spread(fabric, all);
  if (o.placement == "shuffled") return shuffled(fabric, all, static_cast<std::uint64_t>(o.seed));
  if (!std::filesystem::exists(o.placement))
    throw error{"--placement " + o.placement +
                    ": expected packed, spread, shuffled or a file of host names, found no such file",
                failure::input};
  return placed_by_file(fabric, o.placement, ranks);
}

/// How many ranks to price on a machine; 0 stands for all that the placement has.
template <topology T>
std::vector<rank_t> rank_counts(const T& fabric, const std::string& name, const options& o) {
  for (const rank_t nodes : o.nodes)
    if (nodes > fabric.nodes())
      throw error{"--nodes " + std::to_string(nodes) + ": " + name + " has " + with_commas(fabric.nodes()) + " nodes"};
  for (const rank_t ranks : o.ranks)
    if (ranks > fabric.gpus())
      throw error{"--ranks " + std::to_string(ranks) + ": " + name + " has " + with_commas(fabric.gpus()) + " GPUs"};
  std::vector<rank_t> counts = o.ranks;
  for (const rank_t nodes : o.nodes) counts.push_back(nodes * fabric.gpus_per_node());
  return counts.empty() ? std::vector<rank_t>{0} : counts;
}

template <topology T>
std::int32_t nodes_in_use(const T& fabric, std::span<const gpu_t> placement) {
  std::vector<bool> in_use(static_cast<std::size_t>(fabric.nodes()), false);
  for (const gpu_t gpu : placement) in_use[static_cast<std::size_t>(fabric.node_of(gpu))] = true;
  return static_cast<std::int32_t>(std::ranges::count(in_use, true));
}

/// The machine without its profile; nothing where it has none.
inline std::shared_ptr<const loaded> bare_machine(const loaded& machine, topology_options how) {
  if (!how.profile) return {};
  how.profile.reset();
  return std::make_shared<const loaded>(load_topology(machine.description.path, how));
}

template <topology T>
scene scene_of(const std::shared_ptr<const loaded>& machine, const T& fabric, std::vector<gpu_t> placement,
               const options& o) {
  scene s;
  s.machine = machine;
  s.placement = std::move(placement);
  s.gpus = fabric.gpus();
  s.placed = std::filesystem::path{o.placement}.filename().string();
  s.shape = part(fabric, s.placement);
  s.shape.lanes = o.lanes;
  s.shape.chunk_bytes = o.chunk_bytes;
  s.nodes = nodes_in_use(fabric, s.placement);
  s.power_w = fabric.power_w() * s.nodes / fabric.nodes();
  s.scenario = machine->scenario();
  if (o.latency != "typical") s.scenario += (s.scenario.empty() ? "" : ";") + std::string{"latencies="} + o.latency;
  if (const std::string text = disturbance_text(o); !text.empty()) s.scenario += (s.scenario.empty() ? "" : ";") + text;
  check_stragglers(disturbance_of(o), s.shape.ranks);
  return s;
}

}  // namespace detail

/// Every machine, variation of it and number of ranks that the options ask for. Throws `error` where a file does not
/// add up, or a machine is too small.
inline std::vector<scene> scenes_of(const options& o) {
  std::vector<scene> scenes;
  const std::vector<topology_options> variations = variations_of(o);
  for (std::size_t i = 0; i < o.topologies.size() * variations.size(); ++i) {
    const std::string& path = o.topologies[i / variations.size()];
    const topology_options& how = variations[i % variations.size()];
    const auto machine = std::make_shared<const loaded>(load_topology(path, how));
    const auto bare = detail::bare_machine(*machine, how);
    std::visit(
        [&](const auto& fabric) {
          for (const rank_t ranks : detail::rank_counts(fabric, machine->description.name, o)) {
            scenes.push_back(detail::scene_of(machine, fabric, detail::place(fabric, ranks, o), o));
            scenes.back().bare = bare;
          }
        },
        machine->fabric);
  }
  return scenes;
}

/// The first group of a scene by itself.
inline scene one_group(scene s) {
  s.groups.clear();
  return s;
}

/// What the prices of machines with, or without, a profile are called.
inline std::string price_words(const loaded& machine) {
  if (!machine.profile) return "profile none: these are BOUNDS, without software overhead";
  const topologies::profile& p = *machine.profile;
  return "EXPECTED, profile " + p.name + " (" + p.evidence + "; " + p.source + ")";
}

/// Fills the columns that a scene decides.
inline void describe_scene(row& of, const scene& s) {
  of.ranks = static_cast<std::int64_t>(s.placement.size());
  of.nodes = s.nodes;
  if (*of.ranks % s.nodes == 0) of.ranks_per_node = *of.ranks / s.nodes;
  of.placement = s.placed;
  of.topology = s.name();
  of.topology_id = s.machine->topology_id;
  of.scenario = s.scenario.empty() ? "healthy" : s.scenario;
  of.profile = s.machine->profile ? s.machine->profile->name : "none";
}

}  // namespace colossus::bench
