// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <unordered_map>
#include <vector>

namespace colossus::detail {

/// What is left of the capacity of links, where it is not all; nothing is stored for a healthy machine.
class impairments {
 public:
  bool none() const { return touched_.empty(); }
  bool dead(link_t link) const { return !none() && bit(dead_, link); }
  /// The share of a link's capacity that is left: 0 dead, 1 healthy.
  double left(link_t link) const { return none() || !bit(touched_, link) ? 1 : left_.at(link); }

  /// Leaves `share` of what the link has; returns by how much the share of the whole changed. `links`: of the machine.
  double keep(link_t link, double share, link_t links) {
    const double before = left(link);
    add(link, before * (share - 1), links);
    return left(link) - before;
  }
  /// Changes the share that is left by `change`.
  void add(link_t link, double change, link_t links) {
    touched_.resize((links + 63) / 64), dead_.resize(touched_.size());
    double now = left(link) + change;
    if (now < 1e-9) now = 0;  // what sums of shares leave of nothing
    left_[link] = now;
    set(touched_, link, true), set(dead_, link, now == 0);
  }

 private:
  using bits = std::vector<std::uint64_t>;
  static bool bit(const bits& of, link_t link) { return of[link / 64] >> link % 64 & 1; }
  static void set(bits& of, link_t link, bool to) {
    const std::uint64_t mask = std::uint64_t{1} << link % 64;
    of[link / 64] = to ? of[link / 64] | mask : of[link / 64] & ~mask;
  }

  bits touched_, dead_;
  std::unordered_map<link_t, double> left_;
};

}  // namespace colossus::detail
