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

/// The two directions of a cable, and the trunks that they are part of.
struct cable_links {
  link_t up, down, up_trunk, down_trunk;
};

/// What a Clos fabric consists of: switches, cables, links and their names; `clos` adds the routes.
///
/// A cable of tier t leads up from a switch of tier t. Its number is (switch * up + port); the number of a switch is
/// (plane * leaves + leaf), ((plane * groups + group) * spines + spine), (((plane * core sets + core set) * spines +
/// spine) * cores + core).
class clos_layout {
 public:
  explicit clos_layout(clos_shape shape);

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
  bool joins_rails() const {
    return shape_.rails == 1 || (tiers() == 3 && counts_.core_sets == 1) || (tiers() == 2 && counts_.groups == 1);
  }

  /// Switches of tier `tier` (0 the lowest), all planes.
  std::int64_t switches(int tier) const {
    const std::int64_t n = tier == 0   ? counts_.leaves
                           : tier == 1 ? std::int64_t{counts_.groups} * counts_.spines
                                       : std::int64_t{counts_.core_sets} * counts_.spines * counts_.cores;
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
  /// Such as "leaf p12 r3 up 17" and "spine g0 s5 down 3", with the plane where there are several; trunks end in
  /// "trunk".
  std::string link_name(link_t link) const;
  /// Such as "leaf p12 r3", "spine g0 s5", "core s5 c1"; a core's rail is the first of those that share it.
  std::string switch_name(int tier, std::uint32_t number) const;

  /// Twice for every route: a sixth of its time, where it is a call.
  [[gnu::always_inline]] attachment attach(std::int32_t node, std::int32_t nic) const {
    const std::uint32_t pod = nodes_per_pod_.quotient(node), in_pod = node - pod * nodes_per_pod_.value();
    const std::uint32_t per_node = rails_.quotient(nic), rail = nic - per_node * rails_.value();
    const std::uint32_t slot = in_pod * static_cast<std::uint32_t>(counts_.nics_per_rail) + per_node;
    const std::uint32_t leaf = (pod * rails_.value() + rail) * static_cast<std::uint32_t>(counts_.leaves_per_rail);
    const std::uint32_t row = group_rails_.quotient(rails_.value());
    return {leaf + slots_per_leaf_.quotient(slot), group_pods_.quotient(pod) * row + group_rails_.quotient(rail),
            pod * nodes_per_pod_.value() * static_cast<std::uint32_t>(counts_.nics_per_rail) + slot};
  }
  cable_links cable(int tier, std::uint32_t number) const {
    if (tier == 0) {
      const std::uint32_t leaf = up_.quotient(number) % static_cast<std::uint32_t>(counts_.leaves);
      return {leaf_.up + number, leaf_.down + number, leaf_.up_trunk + leaf, leaf_.down_trunk + leaf};
    }
    const std::uint32_t spine = spine_up_.quotient(number) / static_cast<std::uint32_t>(counts_.spines);
    const std::uint32_t group = spine % static_cast<std::uint32_t>(counts_.groups);
    return {spine_.up + number, spine_.down + number, spine_.up_trunk + group, spine_.down_trunk + group};
  }

 protected:
  using divider = detail::divider;
  struct tier_links {
    link_t up = 0, down = 0, up_trunk = 0, down_trunk = 0;
  };
  void add_links(tier_links& ids, int kind, std::int32_t bundles, std::int32_t width, double rate);
  std::string leaf_place(std::uint32_t leaf) const;

  clos_shape shape_;
  clos_counts counts_;
  divider nodes_per_pod_, rails_, planes_, slots_per_leaf_, group_pods_, group_rails_;
  divider up_, spine_up_, width_, wide_;  // ports up of a leaf, of a spine; of these to one spine, to one core
  tier_links leaf_, spine_;
  detail::link_blocks blocks_;
  std::vector<std::string> kinds_;
};

inline clos_layout::clos_layout(clos_shape shape) : shape_{std::move(shape)}, counts_{shape_} {
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

inline void clos_layout::add_links(tier_links& ids, int kind, std::int32_t bundles, std::int32_t width, double rate) {
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

inline std::string clos_layout::leaf_place(std::uint32_t leaf) const {
  const auto per_rail = static_cast<std::uint32_t>(counts_.leaves_per_rail), row = leaf / per_rail;
  std::string name = " p" + std::to_string(row / rails_.value());
  if (shape_.rails > 1) name += " r" + std::to_string(row % rails_.value());
  return per_rail > 1 ? name + " l" + std::to_string(leaf % per_rail) : name;
}

inline std::string clos_layout::link_name(link_t link) const {
  const detail::link_block& block = blocks_.find(link);
  const int tier = block.kind / 2;
  const std::uint32_t at = link - block.first, ports = (tier == 0 ? up_ : spine_up_).value();
  const bool trunk = block.bundled == detail::bundling::trunk;
  std::string name = shape_.tiers[static_cast<std::size_t>(tier)].name;
  if (!trunk) name = switch_name(tier, at / ports);
  else name += tier == 0 ? leaf_place(at) : " g" + std::to_string(at);
  name += block.kind % 2 ? " down" : " up";
  return name + (trunk ? " trunk" : " " + std::to_string(at % ports));
}

inline std::string clos_layout::switch_name(int tier, std::uint32_t number) const {
  const auto in_plane = static_cast<std::uint32_t>(switches(tier) / shape_.planes), at = number % in_plane;
  std::string name = shape_.tiers[static_cast<std::size_t>(tier)].name;
  if (shape_.planes > 1) name += " plane" + std::to_string(number / in_plane);
  if (tier == 0) return name + leaf_place(at);
  const auto spines = static_cast<std::uint32_t>(counts_.spines), cores = static_cast<std::uint32_t>(counts_.cores);
  if (tier == 1) return name + " g" + std::to_string(at / spines) + " s" + std::to_string(at % spines);
  if (const auto of = static_cast<std::int32_t>(at / cores / spines); counts_.core_sets > 1)
    name += " r" + std::to_string(of * counts_.core_rails);
  return name + " s" + std::to_string(at / cores % spines) + " c" + std::to_string(at % cores);
}

}  // namespace colossus::topologies
