// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/priced_operation.hpp>
#include <colossus/groups.hpp>

#include <cctype>
#include <map>

namespace colossus::bench {

/// One part of a machine that could be out.
struct outage {
  topologies::part_class of;
  std::int64_t number = 0;
  std::string name;
};

/// A class of parts: how many there are, how many of them may matter to the ranks, and those that are to be tried.
struct outage_class {
  std::string name;
  std::int64_t parts = 0, near = 0;
  std::vector<outage> tried;
};

namespace detail {

/// "leaf switch" is meant by leaf-switch, switch and all; of all, NIC, GPU and node are left out: any one of them is
/// any other.
inline bool is_meant(const topologies::part_class& c, const std::string& word) {
  using topologies::part_kind;
  std::string name = c.name;
  for (char& letter : name) letter = letter == ' ' ? '-' : static_cast<char>(std::tolower(letter));
  const bool large = c.kind == part_kind::link || c.kind == part_kind::switch_ || c.kind == part_kind::pod;
  return word == name || (word == "all" && large) || (word == "link" && c.kind == part_kind::link) ||
         (word == "switch" && c.kind == part_kind::switch_) || (word == "array" && c.kind == part_kind::pod);
}

/// The part to whose name a link's belongs: one direction stands for both, a GPU's NVLink for the GPU.
inline std::string part_of_link(std::string link) {
  for (const auto& [from, to] : {std::pair{" down ", " up "}, {" in ", " "}, {" out ", " "}, {"NVLink ", "GPU "}})
    if (const auto at = link.find(from); at != std::string::npos) link.replace(at, std::string_view{from}.size(), to);
  return link;
}
inline bool is_within(const std::string& link, const std::string& part) {
  return link.starts_with(part) && (link.size() == part.size() || link[part.size()] == ' ');
}

/// The parts of a class that serve a pod with ranks: `sample` of them, evenly, and the first that holds one of the
/// `busiest` links.
template <class Fabric>
outage_class outages_of(const Fabric& machine, const topologies::part_class& of, const std::vector<bool>& pods,
                        std::size_t sample, std::span<const std::string> busiest) {
  outage_class found{of.name, of.count, 0, {}};
  std::vector<std::int64_t> near;
  std::optional<std::int64_t> first;
  for (std::int64_t number = 0; number < of.count; ++number) {
    const topologies::part_place at = place_of(machine, of, number);
    const auto begin = pods.begin() + at.pod;
    if (std::find(begin, begin + at.pods, true) == begin + at.pods) continue;
    near.push_back(number);
    if (first || busiest.empty()) continue;
    const std::string name = part_name(machine, of, number);
    if (std::ranges::any_of(busiest, [&](const std::string& link) { return is_within(link, name); })) first = number;
  }
  found.near = std::ssize(near);
  const std::size_t count = std::min(sample, near.size());
  std::vector<std::int64_t> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(near[(2 * i + 1) * near.size() / (2 * count)]);
  if (first && std::ranges::find(chosen, *first) == chosen.end()) chosen.insert(chosen.begin(), *first);
  for (const std::int64_t number : chosen) found.tried.push_back({of, number, part_name(machine, of, number)});
  return found;
}

/// Calls `visit(placement)` for that of every group.
template <class Scene, class Visit>
void for_each_group(Scene& s, Visit&& visit) {
  if (s.groups.empty()) return visit(s.placement);
  for (auto& group : s.groups) visit(group);
}

/// For nodes that are down, usable nodes without ranks in file order; -1 where none are left.
template <class Fabric>
std::map<std::int32_t, std::int32_t> spare_nodes(const scene& s, const Fabric& machine) {
  std::vector<bool> taken(static_cast<std::size_t>(machine.nodes()), false);
  std::map<std::int32_t, std::int32_t> moved;
  for_each_group(s, [&](const std::vector<gpu_t>& placement) {
    for (const gpu_t gpu : placement) {
      const std::int32_t node = machine.node_of(gpu);
      taken[static_cast<std::size_t>(node)] = true;
      if (machine.is_down(node)) moved.try_emplace(node, -1);
    }
  });
  if (moved.empty()) return moved;
  const std::vector<std::int32_t> usable = usable_nodes(machine);
  auto spare = usable.begin();
  for (auto& [from, to] : moved) {
    spare = std::find_if(spare, usable.end(), [&](std::int32_t n) { return !taken[static_cast<std::size_t>(n)]; });
    if (spare != usable.end()) to = *spare++;
  }
  return moved;
}

/// Moves the ranks of nodes that are down to spare nodes; drops them where there are none. Throws `error` where nobody
/// is left, or one of several groups would be smaller than the others.
template <class Fabric>
void move_ranks(scene& s, const Fabric& machine) {
  const auto moved = spare_nodes(s, machine);
  if (moved.empty()) return;
  for_each_group(s, [&](std::vector<gpu_t>& placement) {
    const std::size_t before = placement.size();
    for (gpu_t& gpu : placement)
      if (const auto to = moved.find(machine.node_of(gpu)); to != moved.end())
        gpu = to->second < 0 ? -1 : to->second * machine.gpus_per_node() + gpu % machine.gpus_per_node();
    std::erase(placement, -1);
    if (placement.empty() || (!s.groups.empty() && placement.size() < before)) throw error{"no node is left"};
  });
  if (!s.groups.empty()) s.placement = s.groups.front();
  problem shape = s.groups.empty() ? part(machine, s.placement) : part_of_groups(machine, s.groups);
  shape.lanes = s.shape.lanes, shape.chunk_bytes = s.shape.chunk_bytes;
  s.shape = shape;
  s.nodes = nodes_in_use(machine, s.placement);
  s.power_w = machine.power_w() * s.nodes / machine.nodes();
}

}  // namespace detail

/// The classes that `words` mean (`is_meant`), with the parts to try. Throws (usage) where a word means none.
inline std::vector<outage_class> outage_classes(const scene& s, const std::vector<std::string>& words,
                                                std::size_t sample, std::span<const std::string> busiest) {
  std::vector<outage_class> all;
  if (words.empty()) return all;
  std::visit(
      [&]<class Fabric>(const Fabric& machine) {
        if constexpr (std::same_as<Fabric, topologies::torus>)
          throw error{"--what-if: parts of a torus cannot be out yet"};
        else {
          std::vector<bool> pods(static_cast<std::size_t>(machine.pods()), false);
          detail::for_each_group(s, [&](const std::vector<gpu_t>& placement) {
            for (const gpu_t gpu : placement) pods[static_cast<std::size_t>(machine.pod_of(gpu))] = true;
          });
          const auto classes = part_classes(machine);
          std::string names;
          for (const auto& c : classes) names += (names.empty() ? "" : ", ") + c.name;
          for (const std::string& word : words)
            if (word != "all" &&
                std::ranges::none_of(classes, [&](const auto& c) { return detail::is_meant(c, word); }))
              throw error{"--what-if " + word + ": expected all, link, switch, array or, with - for blanks: " + names};
          for (const auto& c : classes)
            if (std::ranges::any_of(words, [&](const auto& word) { return detail::is_meant(c, word); }))
              all.push_back(detail::outages_of(machine, c, pods, sample, busiest));
        }
      },
      s.machine->fabric);
  return all;
}

/// The scene without one part. Ranks of nodes that are lost move to nodes that are free, in file order; where none are,
/// the operation has fewer ranks.
inline scene without(const scene& s, const outage& lost) {
  return std::visit(
      [&]<class Fabric>(const Fabric& machine) -> scene {
        if constexpr (std::same_as<Fabric, topologies::torus>) return s;
        else {
          Fabric broken = machine;
          impair(broken, lost.of, lost.number);
          scene other = changed(s, std::move(broken), "out=" + lost.name);
          const Fabric& left = std::get<Fabric>(other.machine->fabric);
          detail::move_ranks(other, left);
          return other;
        }
      },
      s.machine->fabric);
}

}  // namespace colossus::bench
