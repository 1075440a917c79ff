// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/priced_operation.hpp>
#include <colossus/bench/table.hpp>
#include <colossus/groups.hpp>

namespace colossus::bench {

/// The scene in which several groups do at once what one would do: ranks, nodes and placement are those of the first.
inline scene grouped(const scene& whole, std::vector<std::vector<gpu_t>> groups, const std::string& how) {
  scene s = whole;
  std::visit(
      [&](const auto& fabric) {
        s.shape = part_of_groups(fabric, groups);
        s.nodes = detail::nodes_in_use(fabric, groups.front());
      },
      s.machine->fabric);
  s.shape.lanes = whole.shape.lanes, s.shape.chunk_bytes = whole.shape.chunk_bytes;
  s.placement = groups.front();
  s.scenario += (s.scenario.empty() ? "groups=" : ";groups=") + how;
  s.groups = std::move(groups);
  return s;
}

/// As --groups says: N cuts the ranks into runs (jobs side by side), N:strided deals them in turn (data-parallel
/// groups). Throws `error` (usage) where the text is neither, or groups would differ in size.
inline scene grouped(const scene& whole, const std::string& how) {
  const auto colon = std::min(how.find(':'), how.size());
  const auto count = to_number<rank_t>(std::string_view{how}.substr(0, colon));
  const std::string_view dealt = std::string_view{how}.substr(colon);
  if (!count || *count < 1 || (!dealt.empty() && dealt != ":strided"))
    throw error{"--groups: expected a number of groups, such as 8 or 8:strided, found '" + how + "'"};
  if (whole.placement.size() % static_cast<std::size_t>(*count) != 0)
    throw error{"--groups " + how + ": " + with_commas(whole.shape.ranks) + " ranks do not form " +
                with_commas(*count) + " equal groups: expected a divisor, or other --ranks"};
  return grouped(whole,
                 dealt.empty() ? consecutive_groups(whole.placement, *count) : strided_groups(whole.placement, *count),
                 how);
}

/// The scenes of the options, in groups where they ask for these.
inline std::vector<scene> grouped_scenes_of(const options& o) {
  std::vector<scene> scenes = scenes_of(o);
  if (!o.groups.empty())
    for (scene& s : scenes) s = grouped(s, o.groups);
  return scenes;
}

/// What the other groups cost: the time of all at once over that of the first alone, for each way and algorithm at the
/// size where it is largest. No lines where there is one group.
inline std::vector<std::string> lines_of_groups(const scene& s, std::span<const priced_operation> priced) {
  if (s.groups.size() < 2) return {};
  std::vector<std::string> lines{
      std::to_string(s.groups.size()) + " groups at once against the first alone: time over time, where it is most",
      "   times        size  routing        algorithm"};
  for (const priced_operation& o : priced)
    for (const auto& of_way : o.rows) {
      const auto most = std::ranges::max_element(of_way, {}, &priced_row::slowdown);
      const row& r = most->figures;
      lines.push_back(
          detail::format("%8.3f%12s  %-15s", most->slowdown, bytes_for_people(*r.bytes).c_str(),
                         (r.routing + (r.queue_pairs ? " " + to_text(*r.queue_pairs) + " QP" : "")).c_str()) +
          r.algorithm);
    }
  return lines;
}

}  // namespace colossus::bench
