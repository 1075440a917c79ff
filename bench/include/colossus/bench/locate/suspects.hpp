// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/parts.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace colossus::bench::locate {

/// Parts any one of which may be slow, and which no pair can tell apart: under adaptive routing each of parallel cables
/// takes the same share of every message; under ECMP nobody knows which of them a message takes.
struct suspect {
  topologies::part_class of;
  std::vector<std::int64_t> members;  ///< part numbers
};

/// What a link is left with where part `member` of suspect `who` has half of its rate.
struct hold {
  std::uint32_t who = 0, member = 0;
  double share = 1;
};

/// Every part of a machine that its pairs may depend on, and which links each holds.
class suspects {
 public:
  /// `used`: the links that routes under `how` take, for ECMP those of adaptive routing.
  template <class Network>
  suspects(const topologies::nodes_of<Network>& machine, routing how, const std::vector<bool>& used) {
    std::map<std::pair<std::size_t, effect>, std::uint32_t> alike;
    const auto classes = part_classes(machine);
    for (std::size_t c = 0; c < classes.size(); ++c)
      for (std::int64_t number = 0; number < classes[c].count; ++number) {
        const effect on_trunks = effect_of(machine, classes[c], number, how != routing::deterministic);
        if (std::ranges::none_of(on_trunks, [&](const auto& e) { return used[e.first]; })) continue;
        const auto known = alike.try_emplace({c, on_trunks}, static_cast<std::uint32_t>(all_.size())).first->second;
        if (known == all_.size()) all_.push_back({classes[c], {}});
        const auto member = static_cast<std::uint32_t>(all_[known].members.size());
        all_[known].members.push_back(number);
        if (how == routing::adaptive && member > 0) continue;  // the first holds the trunk for all
        for (const auto& [link, share] :
             how == routing::adaptive ? on_trunks : effect_of(machine, classes[c], number, false))
          holds_.push_back({link, {known, member, share}});
      }
    std::ranges::stable_sort(holds_, {}, [](const auto& h) { return h.first; });
    partial_ = how == routing::ecmp;
  }

  const std::vector<suspect>& all() const { return all_; }
  /// What a message that some member holds counts for, where one member is slow and nobody knows which.
  double weight(std::uint32_t who) const {
    return partial_ ? 1.0 / static_cast<double>(all_[who].members.size()) : 1.0;
  }
  /// Who holds a link.
  std::span<const std::pair<link_t, hold>> of_link(link_t link) const {
    const auto first = std::ranges::lower_bound(holds_, link, {}, [](const auto& h) { return h.first; });
    const auto last = std::find_if(first, holds_.end(), [&](const auto& h) { return h.first != link; });
    return {first, last};
  }

 private:
  using effect = std::vector<std::pair<link_t, double>>;  // links, and the share that is left of each

  template <class Machine>
  static effect effect_of(const Machine& machine, const topologies::part_class& of, std::int64_t number,
                          bool on_trunks) {
    std::map<link_t, double> left;
    topologies::for_each_link(machine, of, number, [&](link_t link, link_t trunk) {
      const double part = on_trunks ? machine.nominal_capacity(link) / machine.nominal_capacity(trunk) : 1;
      left.try_emplace(on_trunks ? trunk : link, 1).first->second -= part / 2;
    });
    return {left.begin(), left.end()};
  }

  std::vector<suspect> all_;
  std::vector<std::pair<link_t, hold>> holds_;  // in order of links
  bool partial_ = false;
};

}  // namespace colossus::bench::locate
