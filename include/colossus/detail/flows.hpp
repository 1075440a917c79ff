// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace colossus::detail {

/// Flows over links, flat: which links each flow uses, and what each used link can carry. Links are numbered densely in
/// the order in which they first appear, so that the cost of a solve does not depend on the size of the machine.
class flows {
 public:
  /// Forgets the flows, keeps the memory. `links` bounds the link numbers of the topology.
  void clear(std::size_t links) {
    for (const link_t link : topology_link_) dense_[link] = none;
    dense_.resize(links, none);
    first_.assign(1, 0);
    link_.clear();
    topology_link_.clear();
    capacity_.clear();
    degree_.clear();
  }

  /// Adds `link` to the flow that is being described; `end_flow` ends it.
  template <class Topology>
  void add_link(const Topology& topology, link_t link) {
    std::uint32_t& dense = dense_[link];
    if (dense == none) {
      dense = static_cast<std::uint32_t>(capacity_.size());
      topology_link_.push_back(link);
      capacity_.push_back(topology.capacity(link));
      degree_.push_back(0);
    }
    ++degree_[dense];
    link_.push_back(dense);
  }
  void end_flow() { first_.push_back(static_cast<std::uint32_t>(link_.size())); }

  std::size_t size() const { return first_.size() - 1; }
  std::size_t links() const { return capacity_.size(); }
  std::span<const std::uint32_t> links_of(std::size_t flow) const {
    return std::span{link_}.subspan(first_[flow], first_[flow + 1] - first_[flow]);
  }
  double capacity(std::uint32_t link) const { return capacity_[link]; }     ///< bytes/s
  std::uint32_t degree(std::uint32_t link) const { return degree_[link]; }  ///< flows that use it
  link_t topology_link(std::uint32_t link) const { return topology_link_[link]; }

 private:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  std::vector<std::uint32_t> dense_;  // by link of the topology
  std::vector<std::uint32_t> first_{0}, link_;
  std::vector<link_t> topology_link_;
  std::vector<double> capacity_;
  std::vector<std::uint32_t> degree_;
};

}  // namespace colossus::detail
