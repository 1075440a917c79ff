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
inline std::int64_t fault_index_bound(const json_reader& in, const topologies::fault_part& fault,
                                      const topologies::topology_file& file) {
  const topologies::scale_out_part& out = file.scale_out;
  if (fault.on == "gpu") return std::int64_t{out.nodes_per_pod} * file.node_types.begin()->second.gpus;
  if (fault.on == "node") return out.nodes_per_pod;
  if (out.kind != topologies::generator::clos) in["on"].fail("gpu or node, since no network joins the nodes");
  if (fault.on == "nic") return out.nodes_per_pod;
  if (fault.on == "switch") return 1'000'000;
  const auto& tier = out.tiers[static_cast<std::size_t>(fault.tier)];
  if (!tier.up) in["tier"].complain("tier \"" + tier.name + "\" has no links up: this selects nothing");
  return tier.up;
}

inline int read_fault_tier(const json_reader& in, const topologies::topology_file& file) {
  const std::string name = in["tier"].text();
  for (std::size_t i = 0; i < file.scale_out.tiers.size(); ++i)
    if (file.scale_out.tiers[i].name == name) return static_cast<int>(i);
  in["tier"].fail("the name of a tier of /scale_out/tiers");
}

/// What is left of the part: a rate or a share of its own; a share alone says that it is degraded.
inline void read_fault_rest(const json_reader& in, topologies::fault_part& fault) {
  if (in.has("share") && !in.has("state")) fault.state = "degraded";
  for (const char* key : {"gbps", "share"})
    if (fault.state == "down" && in.has(key)) in[key].complain("goes with \"state\": degraded or flapping only");
  if (in.has("share") && in.has("gbps")) in["share"].complain("goes instead of \"gbps\": expected one of them");
  if (const auto share = in.find("share")) {
    fault.share = share->positive();
    if (*fault.share >= 1) share->fail("a number between 0 and 1");
  }
  if (fault.state == "degraded" && !fault.share) (void)in["gbps"];
  if (const auto rate = in.find("gbps")) fault.gbps = rate->positive();
}

/// What is left of the part, for all or some of the time.
inline void read_fault_state(const json_reader& in, topologies::fault_part& fault) {
  if (const auto state = in.find("state")) fault.state = state->one_of({"down", "degraded", "flapping"});
  for (const char* key : {"loss", "extra_ns"})
    if (const auto given = in.find(key)) given->complain("what this does is not priced yet: leave it out");
  const bool flaps = fault.state == "flapping";
  for (const char* key : {"from_ns", "until_ns", "period_ns"})
    if (const auto given = in.find(key); given && (given->number(0), !flaps))
      given->complain("goes with \"state\": \"flapping\" only: faults last as long as what is priced");
  read_fault_rest(in, fault);
  if (fault.state == "down") return;
  if (fault.on == "node") in[in.has("state") ? "state" : "share"].fail("down: a node has no rate of its own");
  if (!flaps) return;
  const double from = in.has("from_ns") ? in["from_ns"].number(0) : 0, until = in["until_ns"].number(0);
  const double period = in["period_ns"].positive();
  if (!(from < until && until <= period)) in["until_ns"].fail("a time after from_ns, and in the period");
  fault.bad_time = (until - from) / period;
}

/// A fault of one part that has a name: no other key selects anything.
inline void read_named_fault(const json_reader& in, topologies::fault_part& fault) {
  fault.part = in["part"].text();
  for (const char* key : {"on", "tier", "pods", "rails", "planes", "index", "count", "fraction", "seed"})
    if (in.has(key)) in[key].complain("goes instead of \"part\", whose name says it all");
  read_fault_state(in, fault);
}

/// The faults of a file, each of parts that exist.
inline std::vector<topologies::fault_part> read_faults(const json_reader& faults,
                                                       const topologies::topology_file& file) {
  std::vector<topologies::fault_part> all;
  for (const auto& in : faults.elements()) {
    in.keys({"part", "on", "tier", "pods", "rails", "planes", "index", "count", "fraction", "seed", "state", "gbps",
             "share", "loss", "extra_ns", "from_ns", "until_ns", "period_ns"});
    if (file.scale_out.kind == topologies::generator::torus) in.complain("faults of a torus are not priced yet");
    topologies::fault_part fault;
    if (in.has("part")) {
      read_named_fault(in, fault);
      all.push_back(std::move(fault));
      continue;
    }
    fault.on = in["on"].one_of({"link", "switch", "nic", "gpu", "node"});
    if (fault.on == "link" || fault.on == "switch") fault.tier = read_fault_tier(in, file);
    const auto bound =
        static_cast<std::int32_t>(std::min<std::int64_t>(fault_index_bound(in, fault, file), 1'000'000'000));
    if (const auto pods = in.find("pods")) fault.pods = read_range(*pods, file.scale_out.pods, "pod");
    if (const auto rails = in.find("rails")) fault.rails = read_range(*rails, file.scale_out.rails, "rail");
    if (const auto planes = in.find("planes")) fault.planes = read_range(*planes, file.scale_out.planes, "plane");
    if (const auto index = in.find("index")) fault.index = read_range(*index, bound, "index");
    if (const auto count = in.find("count")) fault.count = count->count();
    if (const auto part = in.find("fraction")) {
      if (fault.count) part->complain("goes instead of \"count\": expected one of them");
      fault.fraction = part->number(0);
      if (*fault.fraction > 1) part->fail("a number from 0 to 1");
    }
    if (const auto seed = in.find("seed"))
      fault.seed = static_cast<std::uint64_t>(seed->integer(0, std::numeric_limits<std::int64_t>::max()));
    read_fault_state(in, fault);
    all.push_back(std::move(fault));
  }
  return all;
}

}  // namespace colossus::detail
