// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/detail/link_blocks.hpp>
#include <colossus/topologies/clos_shape.hpp>

#include <limits>

namespace colossus::topologies {

/// Where a NIC meets a Clos fabric: its leaf (in one plane), that leaf's group, and its place on its rail.
struct attachment {
  std::uint32_t leaf, group, slot;
};

/// A Clos (fat tree) of one to three tiers of switches, as a network between NICs; routes in closed form, none stored.
///
///   core    every spine i of every group meets core set i        (third tier)
///   spine   a group of pods and rails shares its spines            (second tier)
///   leaf    serves one rail of one pod, in one plane              (lowest tier)
///
/// Leaf link u leads to spine u / (up / spines) of the group, and likewise one tier higher.
/// A message that changes rails in the fabric goes as far up as any other between two leaves: to a spine that serves
/// both rails, else to the cores, which join all groups. Whether it does, or takes NVLink, is up to `nodes_of`.
class clos {
 public:
  explicit clos(clos_shape shape) : shape_{std::move(shape)}, counts_{shape_} {
    const clos_counts& n = counts_;
    nodes_per_pod_ = divider(shape_.nodes_per_pod), rails_ = divider(shape_.rails), planes_ = divider(shape_.planes);
    slots_per_leaf_ = divider(n.slots_per_leaf), group_pods_ = divider(n.group_pods),
    group_rails_ = divider(n.group_rails);
    up_ = divider(tiers() > 1 ? shape_.tiers[0].up : 1), spine_up_ = divider(tiers() > 2 ? shape_.tiers[1].up : 1);
    if (tiers() > 1) width_ = divider(shape_.tiers[0].up / n.spines);
    if (tiers() > 2) wide_ = divider(shape_.tiers[1].up / n.cores);
    const std::int64_t ids = 2 * (cables(1) + cables(2) + n.leaves + n.groups);
    expects(ids < std::numeric_limits<std::int32_t>::max(), "/tiers: more than 2^31 links", failure::input);
    if (tiers() > 1) add_links(leaf_, 0, n.leaves, shape_.tiers[0].up, shape_.tiers[1].bytes_per_s);
    if (tiers() > 2) add_links(spine_, 2, n.groups, n.spines * shape_.tiers[1].up, shape_.tiers[2].bytes_per_s);
  }

  const clos_shape& shape() const { return shape_; }
  const clos_counts& counts() const { return counts_; }
  int tiers() const { return static_cast<int>(shape_.tiers.size()); }
  std::int32_t nodes() const { return shape_.pods * shape_.nodes_per_pod; }
  std::int32_t pods() const { return shape_.pods; }
  std::int32_t nics_per_node() const { return shape_.nics_per_node; }
  std::int32_t rails() const { return shape_.rails; }
  std::int32_t planes() const { return shape_.planes; }
  std::int32_t pod_of(std::int32_t node) const { return static_cast<std::int32_t>(nodes_per_pod_.quotient(node)); }
  std::int32_t rail_of(std::int32_t nic) const { return static_cast<std::int32_t>(rails_.remainder(nic)); }

  /// Whether some tier joins NICs of different rails.
  bool joins_rails() const { return shape_.rails == 1 || tiers() == 3 || (tiers() == 2 && counts_.groups == 1); }

  /// Switches of tier `tier` (0 the lowest), all planes.
  std::int64_t switches(int tier) const {
    const std::int64_t n = tier == 0   ? counts_.leaves
                           : tier == 1 ? std::int64_t{counts_.groups} * counts_.spines
                                       : std::int64_t{counts_.spines} * counts_.cores;
    return tier < tiers() ? n * shape_.planes : 0;
  }
  /// Cables below tier `tier`, all planes.
  std::int64_t cables(int tier) const {
    if (tier >= tiers()) return 0;
    if (tier == 0) return std::int64_t{nodes()} * shape_.nics_per_node * shape_.planes;
    return switches(tier - 1) * shape_.tiers[static_cast<std::size_t>(tier - 1)].up;
  }
  /// Bytes/s one way through all the cables below tier `tier`.
  double throughput(int tier) const {
    return tier < tiers() ? static_cast<double>(cables(tier)) * shape_.tiers[static_cast<std::size_t>(tier)].bytes_per_s
                          : 0;
  }
  /// Bytes/s one way from half of the pods (of the nodes, where there is one pod) to the other half.
  double bisection() const {
    double least = throughput(0);
    if (tiers() > 1 && counts_.leaves > shape_.rails) least = std::min(least, throughput(1));
    if (tiers() > 2 && counts_.group_pods < shape_.pods) least = std::min(least, throughput(2));
    return least / 2;
  }

  link_t links() const { return blocks_.total(); }
  double capacity(link_t link) const { return blocks_.find(link).capacity; }
  int kind(link_t link) const { return blocks_.find(link).kind; }
  std::span<const std::string> kinds() const { return kinds_; }
  bool uses(routing how, link_t link) const { return blocks_.uses(how, link); }
  std::string link_name(link_t link) const;

  /// Routes are of `levels()` kinds: through one leaf, one group of spines, the cores.
  int levels() const { return tiers(); }
  std::string level_name(int level) const {
    return "through " + std::to_string(2 * level + 1) + (level ? " switches (" : " switch (") +
           shape_.tiers[static_cast<std::size_t>(level)].name + ")";
  }
  int level(std::int32_t from_node, std::int32_t from_nic, std::int32_t to_node, std::int32_t to_nic) const {
    const attachment a = attach(from_node, from_nic), b = attach(to_node, to_nic);
    return a.leaf == b.leaf ? 0 : a.group == b.group ? 1 : 2;
  }
  double level_latency_s(int level) const {
    double sum = 0;
    for (int tier = 0; tier <= level; ++tier) {
      const clos_tier& t = shape_.tiers[static_cast<std::size_t>(tier)];
      sum += 2 * t.cable_latency_s + (tier == level ? 1 : 2) * t.switch_latency_s;
    }
    return sum;
  }

  /// Visits the links between the NIC ports of a message, in order. `plane` is drawn by the caller, from
  /// `draw` under ecmp and by `plane_to` under deterministic routing.
  template <class Visit>
  void route(std::int32_t from_node, std::int32_t from_nic, std::int32_t to_node, std::int32_t to_nic, routing how,
             std::uint32_t plane, detail::hash_draw draw, Visit&& visit) const {
    const attachment a = attach(from_node, from_nic), b = attach(to_node, to_nic);
    if (a.leaf == b.leaf) return;
    if (how == routing::adaptive) return spray(a, b, visit);
    std::uint32_t u, d, v, w;  // links up and down at the leaves, at the spines
    if (how == routing::ecmp) {
      u = draw.below(up_.value()), d = u - width_.remainder(u) + draw.below(width_.value());
      v = draw.below(spine_up_.value()), w = v - wide_.remainder(v) + draw.below(wide_.value());
    } else {
      const std::uint32_t turn = planes_.quotient(b.slot), above = up_.quotient(turn);
      u = d = up_.remainder(turn), v = w = spine_up_.remainder(above);
    }
    const std::uint32_t spine = width_.quotient(u), leaves = static_cast<std::uint32_t>(counts_.leaves) * plane;
    const std::uint32_t groups = static_cast<std::uint32_t>(counts_.groups) * plane;
    const std::uint32_t spines = static_cast<std::uint32_t>(counts_.spines);
    visit(leaf_.up + (leaves + a.leaf) * up_.value() + u);
    if (a.group != b.group) {
      visit(spine_.up + ((groups + a.group) * spines + spine) * spine_up_.value() + v);
      visit(spine_.down + ((groups + b.group) * spines + spine) * spine_up_.value() + w);
    }
    visit(leaf_.down + (leaves + b.leaf) * up_.value() + d);
  }

  /// The plane that deterministic routing takes to a NIC.
  std::uint32_t plane_to(std::int32_t node, std::int32_t nic) const {
    return planes_.remainder(attach(node, nic).slot);
  }

 private:
  using divider = detail::divider;
  struct tier_links {
    link_t up = 0, down = 0, up_trunk = 0, down_trunk = 0;
  };

  attachment attach(std::int32_t node, std::int32_t nic) const {
    const std::uint32_t pod = nodes_per_pod_.quotient(node), in_pod = node - pod * nodes_per_pod_.value();
    const std::uint32_t per_node = rails_.quotient(nic), rail = nic - per_node * rails_.value();
    const std::uint32_t slot = in_pod * static_cast<std::uint32_t>(counts_.nics_per_rail) + per_node;
    const std::uint32_t leaf = (pod * rails_.value() + rail) * static_cast<std::uint32_t>(counts_.leaves_per_rail);
    const std::uint32_t row = group_rails_.quotient(rails_.value());
    return {leaf + slots_per_leaf_.quotient(slot), group_pods_.quotient(pod) * row + group_rails_.quotient(rail),
            pod * nodes_per_pod_.value() * static_cast<std::uint32_t>(counts_.nics_per_rail) + slot};
  }
  template <class Visit>
  void spray(const attachment& a, const attachment& b, Visit&& visit) const {
    visit(leaf_.up_trunk + a.leaf);
    if (a.group != b.group) visit(spine_.up_trunk + a.group), visit(spine_.down_trunk + b.group);
    visit(leaf_.down_trunk + b.leaf);
  }
  void add_links(tier_links& ids, int kind, std::int32_t bundles, std::int32_t width, double rate) {
    const link_t trunks = static_cast<link_t>(bundles), planes = static_cast<link_t>(shape_.planes);
    const link_t singles = trunks * static_cast<link_t>(width) * planes;
    const double trunk_rate = rate * width * shape_.planes;
    const std::string& name = shape_.tiers[static_cast<std::size_t>(kind / 2)].name;
    kinds_.push_back(name + " up"), kinds_.push_back(name + " down");
    ids.up = blocks_.add(singles, kind, rate, detail::bundling::single);
    ids.down = blocks_.add(singles, kind + 1, rate, detail::bundling::single);
    ids.up_trunk = blocks_.add(trunks, kind, trunk_rate, detail::bundling::trunk);
    ids.down_trunk = blocks_.add(trunks, kind + 1, trunk_rate, detail::bundling::trunk);
  }

  clos_shape shape_;
  clos_counts counts_;
  divider nodes_per_pod_, rails_, planes_, slots_per_leaf_, group_pods_, group_rails_;
  divider up_, spine_up_, width_, wide_;
  tier_links leaf_, spine_;
  detail::link_blocks blocks_;
  std::vector<std::string> kinds_;
};

/// Such as "leaf p12 r3 up 17" and "spine g0 s5 down 3", with the plane where there are several; trunks end in "trunk".
inline std::string clos::link_name(link_t link) const {
  const detail::link_block& block = blocks_.find(link);
  const bool at_leaf = block.kind < 2, trunk = block.bundled == detail::bundling::trunk;
  const std::uint32_t ports = (at_leaf ? up_ : spine_up_).value();
  const std::uint32_t per_group = static_cast<std::uint32_t>(counts_.spines);
  std::uint32_t at = (link - block.first) / (trunk ? 1 : ports);
  std::string spine;
  if (!at_leaf && !trunk) spine = " s" + std::to_string(at % per_group), at /= per_group;
  const std::uint32_t in_plane = static_cast<std::uint32_t>(at_leaf ? counts_.leaves : counts_.groups);
  std::string name = shape_.tiers[at_leaf ? 0 : 1].name;
  if (shape_.planes > 1 && !trunk) name += " plane" + std::to_string(at / in_plane);
  at %= in_plane;
  const std::uint32_t per_rail = static_cast<std::uint32_t>(counts_.leaves_per_rail), leaf = at / per_rail;
  if (at_leaf) {
    name += " p" + std::to_string(leaf / rails_.value());
    if (shape_.rails > 1) name += " r" + std::to_string(leaf % rails_.value());
    if (per_rail > 1) name += " l" + std::to_string(at % per_rail);
  } else {
    name += " g" + std::to_string(at) + spine;
  }
  name += block.kind % 2 ? " down" : " up";
  return name + (trunk ? " trunk" : " " + std::to_string((link - block.first) % ports));
}

}  // namespace colossus::topologies
