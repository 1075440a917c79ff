// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/json_reader.hpp>
#include <colossus/topologies/topology_file.hpp>

namespace colossus::detail {

/// Ranges such as "0-97,120", each inside 0 .. count - 1.
inline std::vector<std::pair<std::int32_t, std::int32_t>> read_range(const json_reader& in, std::int32_t count,
                                                                     const std::string& what) {
  const std::string text = in.text();
  std::vector<std::pair<std::int32_t, std::int32_t>> ranges;
  std::size_t at = 0;
  const auto number = [&] {
    std::int64_t value = 0;
    const std::size_t begin = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && value <= 1'000'000; ++at)
      value = value * 10 + (text[at] - '0');
    if (at == begin) in.fail("ranges of numbers such as \"0-97,120\"");
    if (value >= count) in.fail("every " + what + " below " + std::to_string(count));
    return static_cast<std::int32_t>(value);
  };
  do {
    const std::int32_t first = number();
    const std::int32_t last = at < text.size() && text[at] == '-' ? (++at, number()) : first;
    if (last < first) in.fail("ranges that do not run backwards");
    ranges.emplace_back(first, last);
  } while (at < text.size() && text[at++] == ',');
  if (at != text.size() || text.back() == ',') in.fail("ranges of numbers such as \"0-97,120\"");
  return ranges;
}

/// How many things an index of a fault may count: links up of a switch, switches of a tier, nodes or GPUs of a pod.
inline std::int64_t fault_index_bound(const json_reader& in, const std::string& on,
                                      const topologies::topology_file& file) {
  const topologies::scale_out_part& out = file.scale_out;
  if (on == "gpu") return std::int64_t{out.nodes_per_pod} * file.node_types.begin()->second.gpus;
  if (on != "link" && on != "switch") return out.nodes_per_pod;
  const std::string name = in["tier"].text();
  for (const auto& tier : out.tiers) {
    if (tier.name != name) continue;
    if (on == "switch") return 1'000'000;
    if (!tier.up) in["tier"].complain("tier \"" + name + "\" has no links up: this selects nothing");
    return tier.up;
  }
  in["tier"].fail("the name of a tier of /scale_out/tiers");
}

/// Checks that every fault names parts that exist, and counts them.
inline std::size_t read_faults(const json_reader& faults, const topologies::topology_file& file) {
  const auto all = faults.elements();
  for (const auto& in : all) {
    in.keys({"on", "tier", "pods", "rails", "planes", "index", "count", "fraction", "seed", "state", "gbps", "loss",
             "extra_ns", "from_ns", "until_ns", "period_ns"});
    const std::string on = in["on"].one_of({"link", "switch", "nic", "gpu", "node"});
    const auto bound =
        static_cast<std::int32_t>(std::min<std::int64_t>(fault_index_bound(in, on, file), 1'000'000'000));
    if (const auto pods = in.find("pods")) (void)read_range(*pods, file.scale_out.pods, "pod");
    if (const auto rails = in.find("rails")) (void)read_range(*rails, file.scale_out.rails, "rail");
    if (const auto planes = in.find("planes")) (void)read_range(*planes, file.scale_out.planes, "plane");
    if (const auto index = in.find("index")) (void)read_range(*index, bound, "index");
    if (const auto count = in.find("count")) (void)count->count();
    if (const auto part = in.find("fraction"); part && part->number(0) > 1) part->fail("a number from 0 to 1");
    if (const auto seed = in.find("seed")) (void)seed->integer(0, std::numeric_limits<std::int64_t>::max());
    if (const auto state = in.find("state")) (void)state->one_of({"down", "degraded", "flapping"});
    if (const auto rate = in.find("gbps")) (void)rate->positive();
    for (const char* key : {"loss", "extra_ns", "from_ns", "until_ns", "period_ns"})
      if (const auto number = in.find(key)) (void)number->number(0);
  }
  return all.size();
}

}  // namespace colossus::detail
