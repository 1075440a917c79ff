// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace colossus::topologies {

/// One tier of switches; rate and latency are of the cables below it (to the NICs for the lowest).
struct clos_tier {
  std::string name;
  std::int32_t down = 1;       ///< links to below a switch has room for
  std::int32_t up = 0;         ///< links to above
  double bytes_per_s = 0;      ///< of one link below, efficiency included
  double cable_latency_s = 0;  ///< of one link below: error correction, optics, metres
  double switch_latency_s = 0;
  std::int32_t group_pods = 0;   ///< second tier: pods that share one set of switches (0: all)
  std::int32_t group_rails = 0;  ///< second and third tier: rails that do (0: all)
  std::int32_t count = 0;        ///< switches of a set, where the file overrides the stripe rule
};

/// The parameters of a Clos fabric. Counts of switches follow from them by the stripe rule.
struct clos_shape {
  std::int32_t pods = 1;
  std::int32_t nodes_per_pod = 1;
  std::int32_t nics_per_node = 1;
  std::int32_t rails = 1;   ///< NIC k of a node is on rail k mod rails: leaves serve one rail of one pod
  std::int32_t planes = 1;  ///< disjoint copies of the fabric, one port of every NIC in each
  std::vector<clos_tier> tiers;
};

/// Switches above `lower` switches with `up` links each, when a switch above has `down`: the smallest number that
/// carries them all and divides `up`, so that every pair is joined by the same whole number of links. 0: there is none.
constexpr std::int32_t stripe(std::int32_t lower, std::int32_t up, std::int32_t down) {
  const std::int64_t least = (std::int64_t{lower} * up + down - 1) / down;
  for (std::int64_t count = least; count <= up; ++count)
    if (up % count == 0) return static_cast<std::int32_t>(count);
  return 0;
}

/// What follows from a shape: leaves, groups and sets of switches. Throws `error` (input) where the shape does not add
/// up; the message begins with the key that is to blame.
struct clos_counts {
  std::int32_t nics_per_rail = 1;    ///< of one node
  std::int32_t leaves_per_rail = 1;  ///< in one pod and plane
  std::int32_t slots_per_leaf = 1;   ///< NIC ports on one leaf
  std::int32_t leaves = 1;           ///< in one plane
  std::int32_t group_pods = 1, group_rails = 1;
  std::int32_t groups = 1;                     ///< in one plane: sets of second-tier switches
  std::int32_t spines = 0;                     ///< switches of a group
  std::int32_t core_rails = 1, core_sets = 1;  ///< rails that share cores, and how many times such rails there are
  std::int32_t cores = 0;                      ///< third-tier switches that spine i of every group of such rails meets

  explicit clos_counts(const clos_shape& s) {
    const auto tiers = s.tiers.size();
    check(tiers >= 1 && tiers <= 3, "/tiers: 1 to 3 tiers are supported, found " + std::to_string(tiers));
    check_sizes(s);
    divides(s.rails, s.nics_per_node, "/rails", "the NICs of a node");
    nics_per_rail = s.nics_per_node / s.rails;
    const std::int32_t slots = s.nodes_per_pod * nics_per_rail;
    leaves_per_rail = (slots + s.tiers[0].down - 1) / s.tiers[0].down;
    slots_per_leaf = (slots + leaves_per_rail - 1) / leaves_per_rail;
    leaves = s.pods * s.rails * leaves_per_rail;
    if (tiers == 1) {
      check_single_tier(s);
      return;
    }
    group_second_tier(s);
    spines = set_size(s.tiers[1], "/tiers/1", group_pods * group_rails * leaves_per_rail, s.tiers[0].up);
    if (tiers == 3) group_third_tier(s);
    check(tiers == 3 || group_pods == s.pods, "/tiers/1/group/pods: " + std::to_string(s.pods / group_pods) +
                                                  " groups of pods are not joined by any tier above: expected all " +
                                                  std::to_string(s.pods) + " pods or a third tier");
  }

 private:
  static void check(bool good, const std::string& message) { expects(good, message, failure::input); }
  static void divides(std::int32_t part, std::int32_t whole, const std::string& key, const std::string& of_what) {
    check(part >= 1 && whole % part == 0, key + ": expected a divisor of " + of_what + " (" + std::to_string(whole) +
                                              "), found " + std::to_string(part));
  }
  static void check_sizes(const clos_shape& s) {
    for (const std::int32_t count : {s.pods, s.nodes_per_pod, s.nics_per_node, s.rails, s.planes})
      check(count >= 1, ": expected pods, nodes, NICs, rails and planes of 1 or more, found " + std::to_string(count));
    check(1.0 * s.pods * s.nodes_per_pod * s.nics_per_node * s.planes < (1 << 28),
          ": expected fewer than 2^28 NIC ports");
    for (const clos_tier& t : s.tiers)
      check(t.down >= 1 && t.up >= 0 && std::max(t.down, t.up) <= 65536,
            "/tiers: expected switches with 1 to 65536 links down and at most as many up");
  }
  void check_single_tier(const clos_shape& s) const {
    check(s.pods == 1 && leaves_per_rail == 1, "/tiers: one tier joins one leaf per rail, found " +
                                                   std::to_string(s.pods * leaves_per_rail) +
                                                   " leaves on each rail: expected a second tier");
  }
  void group_second_tier(const clos_shape& s) {
    group_pods = s.tiers[1].group_pods ? s.tiers[1].group_pods : s.pods;
    group_rails = s.tiers[1].group_rails ? s.tiers[1].group_rails : s.rails;
    divides(group_pods, s.pods, "/tiers/1/group/pods", "the pods");
    divides(group_rails, s.rails, "/tiers/1/group/rails", "the rails");
    groups = s.pods / group_pods * (s.rails / group_rails);
  }
  void group_third_tier(const clos_shape& s) {
    core_rails = s.tiers[2].group_rails ? s.tiers[2].group_rails : s.rails;
    divides(core_rails, s.rails, "/tiers/2/group/rails", "the rails");
    divides(group_rails, core_rails, "/tiers/1/group/rails", "the rails that share cores");
    core_sets = s.rails / core_rails;
    cores = set_size(s.tiers[2], "/tiers/2", groups / core_sets, s.tiers[1].up);
  }
  static std::int32_t set_size(const clos_tier& t, const std::string& key, std::int32_t lower, std::int32_t up) {
    check(up >= 1, key + ": the tier below has no links up: expected \"up\" of 1 or more there");
    const std::int32_t size = t.count ? t.count : stripe(lower, up, t.down);
    const std::string load = std::to_string(lower) + " switches with " + std::to_string(up) + " links up each";
    check(size > 0, key + ": no even stripe: " + load + " do not fit on switches with " + std::to_string(t.down) +
                        " links down: expected fewer switches below, or more links down");
    check(up % size == 0, key + "/count: expected a divisor of the " + std::to_string(up) +
                              " links up of a switch below, found " + std::to_string(size));
    check(std::int64_t{lower} * up <= std::int64_t{size} * t.down, key + "/count: " + load + " do not fit on " +
                                                                       std::to_string(size) + " switches with " +
                                                                       std::to_string(t.down) + " links down");
    return size;
  }
};

}  // namespace colossus::topologies
