// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace colossus::detail {

/// Who uses which link, as flows come and go: the links of each flow, the flows of each link. One cache line for
/// either, since changes visit them at random; long routes and long lists of flows are kept elsewhere.
class flow_table {
 public:
  using flow_id = std::uint32_t;
  static constexpr std::uint32_t short_route = 10, short_list = 8;

  struct alignas(64) flow_state {
    double rate = 0, most = 0;  ///< bytes/s: now, and wanted
    std::uint32_t hops = 0;
    std::uint32_t touched = 0;                       ///< for the user to mark
    std::array<std::uint32_t, short_route> links{};  ///< where the route is longer: [0] is its place in long_routes_
  };
  struct alignas(64) link_state {
    double capacity = 0, used = 0;  ///< bytes/s
    std::uint32_t size = 0;         ///< flows
    bool queued = false;            ///< for the user to mark
    bool is_long = false;
    std::array<flow_id, short_list> members{};  ///< where the list is longer: [0] is its place in long_lists_
  };

  void reset(std::span<const double> capacities) {
    flows_.clear(), free_.clear(), long_routes_.clear(), long_lists_.clear();
    links_.resize(capacities.size());
    for (std::size_t link = 0; link < links_.size(); ++link) links_[link] = {.capacity = capacities[link]};
  }

  /// Ids of removed flows are given out again, the last removed first.
  flow_id add(std::span<const std::uint32_t> links, double most) {
    flow_id id = static_cast<flow_id>(flows_.size());
    if (free_.empty()) flows_.emplace_back();
    else id = free_.back(), free_.pop_back();
    flow_state& f = flows_[id];
    f.most = most;
    f.hops = static_cast<std::uint32_t>(links.size());
    if (f.hops <= short_route) {
      std::copy(links.begin(), links.end(), f.links.begin());
    } else {
      f.links[0] = static_cast<std::uint32_t>(long_routes_.size());
      long_routes_.emplace_back(links.begin(), links.end());
    }
    for (const std::uint32_t link : links) join(link, id);
    return id;
  }
  void remove(flow_id id) {
    for (const std::uint32_t link : route(id)) {
      const auto all = members(link);
      *std::ranges::find(all, id) = all.back();
      if (--links_[link].size == 0) links_[link].used = 0;  // what rounding has left
    }
    if (flows_[id].hops > short_route) long_routes_[flows_[id].links[0]] = {};
    flows_[id].hops = gone;
    free_.push_back(id);
  }

  std::size_t flows() const { return flows_.size(); }  ///< ids given out so far
  std::size_t links() const { return links_.size(); }
  bool has(flow_id id) const { return flows_[id].hops != gone; }
  flow_state& flow(flow_id id) { return flows_[id]; }
  const flow_state& flow(flow_id id) const { return flows_[id]; }
  link_state& link(std::uint32_t link) { return links_[link]; }
  const link_state& link(std::uint32_t link) const { return links_[link]; }

  std::span<const std::uint32_t> route(flow_id id) const {
    const flow_state& f = flows_[id];
    if (f.hops <= short_route) return {f.links.data(), f.hops};
    return long_routes_[f.links[0]];
  }
  std::span<flow_id> members(std::uint32_t link) {
    link_state& l = links_[link];
    return {l.is_long ? long_lists_[l.members[0]].data() : l.members.data(), l.size};
  }

 private:
  static constexpr std::uint32_t gone = ~std::uint32_t{0};

  void join(std::uint32_t link, flow_id id) {
    link_state& l = links_[link];
    if (l.size == short_list && !l.is_long) {
      long_lists_.emplace_back(l.members.begin(), l.members.end());
      l.members[0] = static_cast<std::uint32_t>(long_lists_.size() - 1);
      l.is_long = true;
    }
    if (l.is_long && l.size == long_lists_[l.members[0]].size()) long_lists_[l.members[0]].emplace_back();
    ++l.size;
    members(link).back() = id;
  }

  std::vector<flow_state> flows_;
  std::vector<link_state> links_;
  std::vector<flow_id> free_;
  std::vector<std::vector<std::uint32_t>> long_routes_;
  std::vector<std::vector<flow_id>> long_lists_;
};

}  // namespace colossus::detail
