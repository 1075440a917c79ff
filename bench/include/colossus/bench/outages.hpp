// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/priced_operation.hpp>
#include <colossus/bench/whereabouts.hpp>

#include <cctype>

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

/// Calls `visit(placement)` for that of every group.
template <class Scene, class Visit>
void for_each_group(Scene& s, Visit&& visit) {
  if (s.groups.empty()) return visit(s.placement);
  for (auto& group : s.groups) visit(group);
}

/// The parts of a class that are near the ranks: `sample` of them, evenly, and the first that holds one of the
/// `busiest` links.
template <class Fabric>
outage_class outages_of(const Fabric& machine, const topologies::part_class& of, const whereabouts& ranks,
                        std::size_t sample, std::span<const std::string> busiest) {
  outage_class found{of.name, of.count, 0, {}};
  std::vector<std::int64_t> near;
  std::optional<std::int64_t> first;
  for (std::int64_t number = 0; number < of.count; ++number) {
    if (!ranks.near(machine, of, number)) continue;
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
          detail::whereabouts ranks{machine};
          detail::for_each_group(s, [&](const std::vector<gpu_t>& placement) { ranks.add(machine, placement); });
          const auto classes = part_classes(machine);
          std::string names;
          for (const auto& c : classes) names += (names.empty() ? "" : ", ") + c.name;
          for (const std::string& word : words)
            if (word != "all" &&
                std::ranges::none_of(classes, [&](const auto& c) { return detail::is_meant(c, word); }))
              throw error{"--what-if " + word + ": expected all, link, switch, array or, with - for blanks: " + names};
          for (const auto& c : classes)
            if (std::ranges::any_of(words, [&](const auto& word) { return detail::is_meant(c, word); }))
              all.push_back(detail::outages_of(machine, c, ranks, sample, busiest));
        }
      },
      s.machine->fabric);
  return all;
}

}  // namespace colossus::bench
