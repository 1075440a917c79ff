// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/clos_layout.hpp>

namespace colossus::topologies {

/// The cables of a route between two leaves, by port: up from the sender's leaf, up from its spine, down to the
/// receiver's spine, down to its leaf.
struct clos_way {
  std::uint32_t plane, leaf_up, spine_up, spine_down, leaf_down;
};

/// A Clos (fat tree) of one to three tiers of switches, as a network between NICs; routes in closed form, none stored.
///
///   core    spine i of every group meets core set i              (third tier; it may be one for each few rails)
///   spine   a group of pods and rails shares its spines            (second tier)
///   leaf    serves one rail of one pod, in one plane              (lowest tier)
///
/// Leaf link u leads to spine u / (up / spines) of the group, and likewise one tier higher.
/// A message that changes rails in the fabric goes as far up as any other between two leaves: to a spine that serves
/// both rails, else to the cores, which join all groups. Whether it does, or takes NVLink, is up to `nodes_of`.
class clos : public clos_layout {
 public:
  explicit clos(clos_shape shape) : clos_layout{std::move(shape)} {}

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

  /// Visits the links between the NIC ports of a message, in order. `plane` is drawn by the caller, from `draw` under
  /// ecmp and by `plane_to` under deterministic routing.
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
    along(a, b, {plane, u, v, w, d}, visit);
  }

  /// Visits the links of one way between two leaves.
  template <class Visit>
  void along(const attachment& a, const attachment& b, const clos_way& way, Visit&& visit) const {
    if (a.leaf == b.leaf) return;
    const std::uint32_t spine = width_.quotient(way.leaf_up), spines = static_cast<std::uint32_t>(counts_.spines);
    const std::uint32_t leaves = static_cast<std::uint32_t>(counts_.leaves) * way.plane;
    const std::uint32_t groups = static_cast<std::uint32_t>(counts_.groups) * way.plane;
    visit(leaf_.up + (leaves + a.leaf) * up_.value() + way.leaf_up);
    if (a.group != b.group) {
      visit(spine_.up + ((groups + a.group) * spines + spine) * spine_up_.value() + way.spine_up);
      visit(spine_.down + ((groups + b.group) * spines + spine) * spine_up_.value() + way.spine_down);
    }
    visit(leaf_.down + (leaves + b.leaf) * up_.value() + way.leaf_down);
  }

  /// Visits every way from NIC to NIC in a plane all of whose links are `alive(link)`, in order of ports.
  template <class Alive, class Visit>
  void for_each_way(std::int32_t from_node, std::int32_t from_nic, std::int32_t to_node, std::int32_t to_nic,
                    std::uint32_t plane, Alive&& alive, Visit&& visit) const {
    const attachment a = attach(from_node, from_nic), b = attach(to_node, to_nic);
    if (a.leaf == b.leaf) return visit(clos_way{plane, 0, 0, 0, 0});
    const bool far = a.group != b.group;
    const auto open = [&](const clos_way& way, bool above) {  // the cables at the leaves, or those at the spines
      bool good = true;
      int at = 0;
      along(a, b, way, [&](link_t link) {
        const bool outer = at == 0 || at == (far ? 3 : 1);
        good &= outer == above || alive(link), ++at;
      });
      return good;
    };
    const std::uint32_t width = width_.value(), wide = wide_.value(), spine_up = far ? spine_up_.value() : 1;
    for (std::uint32_t u = 0; u < up_.value(); ++u)
      for (std::uint32_t d = u - width_.remainder(u), end = d + width; d < end; ++d) {
        if (!open({plane, u, 0, 0, d}, false)) continue;
        for (std::uint32_t v = 0; v < spine_up; ++v)
          for (std::uint32_t w = v - wide_.remainder(v), last = w + (far ? wide : 1); w < last; ++w)
            if (const clos_way way{plane, u, v, w, d}; open(way, true)) visit(way);
      }
  }

  /// The plane that deterministic routing takes to a NIC.
  std::uint32_t plane_to(std::int32_t node, std::int32_t nic) const {
    return planes_.remainder(attach(node, nic).slot);
  }

 private:
  template <class Visit>
  void spray(const attachment& a, const attachment& b, Visit&& visit) const {
    visit(leaf_.up_trunk + a.leaf);
    if (a.group != b.group) visit(spine_.up_trunk + a.group), visit(spine_.down_trunk + b.group);
    visit(leaf_.down_trunk + b.leaf);
  }
};

}  // namespace colossus::topologies
