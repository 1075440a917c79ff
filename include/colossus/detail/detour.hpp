// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/error.hpp>
#include <colossus/topology.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace colossus::topologies {

/// The GPUs, by number in their nodes, at whose NICs a message leaves one node and arrives at the other.
struct relay {
  std::int32_t from, to;
};

}  // namespace colossus::topologies

// Routes of a machine with dead links.

namespace colossus::detail {

/// A route: at most an NVLink hop, up and down three tiers, an NVLink hop.
class path {
 public:
  void operator()(link_t link) { links_[size_++] = link; }
  const link_t* begin() const { return links_.data(); }
  const link_t* end() const { return links_.data() + size_; }

 private:
  std::array<link_t, 12> links_{};
  std::size_t size_ = 0;
};

template <class Fabric>
bool is_open(const Fabric& fabric, const path& links) {
  return std::none_of(links.begin(), links.end(), [&](link_t link) { return fabric.dead(link); });
}

template <class Fabric>
path path_by(const Fabric& fabric, gpu_t a, gpu_t b, topologies::relay by, routing how, std::uint64_t entropy) {
  path links;
  fabric.along(a, b, by, how, entropy, links);
  return links;
}

/// Whether some way by these NICs has no dead link. Most draws find one; where none does, all ways are looked at.
template <class Fabric>
bool leads(const Fabric& fabric, gpu_t a, gpu_t b, topologies::relay by) {
  for (std::uint64_t attempt = 0; attempt < 4; ++attempt)
    if (is_open(fabric, path_by(fabric, a, b, by, routing::ecmp, mix(attempt)))) return true;
  bool found = false;
  fabric.for_each_way(a, b, by, [&](auto&&) { found = true; });
  return found;
}

/// The NICs by which a message can go: the usual ones, else the next in order of the receiver's GPUs, then of the
/// sender's. Which they are does not depend on the routing.
template <class Fabric>
std::optional<topologies::relay> find_relay(const Fabric& fabric, gpu_t a, gpu_t b) {
  if (fabric.is_down(fabric.node_of(a)) || fabric.is_down(fabric.node_of(b))) return {};
  const topologies::relay usual = fabric.usual_relay(a, b);
  if (leads(fabric, a, b, usual)) return usual;
  const std::int32_t gpus = fabric.gpus_per_node(), from = a % gpus, to = b % gpus;
  const auto nic = [&](std::int32_t gpu) { return fabric.nic_of(gpu); };
  for (std::int32_t i = 0; i < gpus; ++i)
    for (std::int32_t j = 0; j < (fabric.keeps_to_rails() ? 1 : gpus); ++j) {
      topologies::relay by{(from + j) % gpus, (to + i) % gpus};
      if (fabric.keeps_to_rails()) by.from = nic(by.to) == nic(from) ? from : by.to;
      else if (by.from != from && nic(by.from) == nic(from)) continue;
      if (by.to != to && nic(by.to) == nic(to)) continue;
      if (leads(fabric, a, b, by)) return by;
    }
  return {};
}

template <class Fabric>
std::string where_is(const Fabric& fabric, gpu_t gpu) {
  const std::int32_t node = fabric.node_of(gpu), per_pod = fabric.nodes() / fabric.pods(), pod = fabric.pod_of(gpu);
  return "p" + std::to_string(pod) + "-n" + std::to_string(node - pod * per_pod) + " gpu" +
         std::to_string(gpu % fabric.gpus_per_node()) + (fabric.is_down(node) ? " (down)" : "");
}

/// The route of a message around dead links. ECMP draws again until a way is open, so that every open way is equally
/// likely and messages that meet nothing dead go as before; deterministic routing draws by destination. Throws `error`
/// (input) where none is open.
template <class Fabric>
path detour(const Fabric& fabric, gpu_t a, gpu_t b, routing how, std::uint64_t entropy) {
  constexpr std::uint64_t attempts = 16;
  if (how != routing::adaptive)
    if (const path first = path_by(fabric, a, b, fabric.usual_relay(a, b), how, entropy); is_open(fabric, first))
      return first;
  const auto by = find_relay(fabric, a, b);
  if (!by)
    throw error{"no way is left from " + where_is(fabric, a) + " to " + where_is(fabric, b) +
                    ": place ranks elsewhere, or take out fewer parts",
                failure::input};
  if (how == routing::adaptive) return path_by(fabric, a, b, *by, how, entropy);
  if (how == routing::deterministic) entropy = mix(static_cast<std::uint64_t>(b));
  for (std::uint64_t attempt = 1; attempt <= attempts; ++attempt) {
    const path next = path_by(fabric, a, b, *by, routing::ecmp, mix(entropy + attempt));
    if (is_open(fabric, next)) return next;
  }
  std::uint32_t ways = 0;
  fabric.for_each_way(a, b, *by, [&](auto&&) { ++ways; });
  std::uint32_t chosen = hash_draw{mix(entropy)}.below(ways);
  path links;
  fabric.for_each_way(a, b, *by, [&](auto&& way) {
    if (chosen-- == 0) way(links);
  });
  return links;
}

}  // namespace colossus::detail
