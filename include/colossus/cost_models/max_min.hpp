// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/cost_model.hpp>

#include <algorithm>
#include <limits>

namespace colossus::cost_models {

/// Max-min fair sharing (Bertsekas & Gallager, Data Networks, 6.5.2), exact: no flow can have more without taking from
/// one that has no more. Where a link's fair share is the least among the links of every one of its flows, these flows
/// are final: a share only rises while others freeze. All such links freeze in one pass; a pass is two sweeps over the
/// flows.
class max_min {
 public:
  static constexpr std::string_view name = "max_min";

  std::span<const double> rates(const detail::flows& flows) {
    start(flows);
    while (!active_.empty()) {
      mark(flows);
      freeze(flows);
    }
    return rate_;
  }
  /// Passes that the last solve took.
  int passes() const { return passes_; }

 private:
  struct room {
    double rest;           // capacity that the frozen flows leave
    double share;          // rest / open
    std::uint32_t open;    // flows that are not frozen
    std::uint32_t denied;  // last pass in which some flow has a smaller share elsewhere
  };

  void start(const detail::flows& flows) {
    passes_ = 0;
    rate_.assign(flows.size(), std::numeric_limits<double>::infinity());
    room_.resize(flows.links());
    for (std::uint32_t link = 0; link < flows.links(); ++link) {
      const double capacity = flows.capacity(link);
      room_[link] = {capacity, capacity / flows.degree(link), flows.degree(link), 0};
    }
    active_.clear();
    for (std::uint32_t flow = 0; flow < flows.size(); ++flow)
      if (!flows.links_of(flow).empty()) active_.push_back(flow);
  }

  /// Every flow finds its least share; links that offer it more cannot be final in this pass.
  void mark(const detail::flows& flows) {
    ++passes_;
    const auto pass = static_cast<std::uint32_t>(passes_);
    for (const std::uint32_t flow : active_) {
      double least = std::numeric_limits<double>::infinity();
      for (const std::uint32_t link : flows.links_of(flow)) least = std::min(least, room_[link].share);
      for (const std::uint32_t link : flows.links_of(flow))
        if (room_[link].share > least) room_[link].denied = pass;
      rate_[flow] = least;
    }
  }

  /// Flows on a link that nobody denied are final.
  void freeze(const detail::flows& flows) {
    const auto pass = static_cast<std::uint32_t>(passes_);
    std::size_t kept = 0;
    touched_.clear();
    for (const std::uint32_t flow : active_) {
      const auto links = flows.links_of(flow);
      const auto binds = [&](std::uint32_t link) { return room_[link].denied != pass; };
      if (std::none_of(links.begin(), links.end(), binds)) {
        active_[kept++] = flow;
        continue;
      }
      for (const std::uint32_t link : links) {
        room_[link].rest -= rate_[flow];
        if (--room_[link].open != 0) touched_.push_back(link);
      }
    }
    active_.resize(kept);
    for (const std::uint32_t link : touched_)
      room_[link].share = std::max(room_[link].rest, 0.0) / std::max(1u, room_[link].open);
  }

  int passes_ = 0;
  std::vector<double> rate_;
  std::vector<room> room_;
  std::vector<std::uint32_t> active_, touched_;
};

static_assert(cost_model<max_min>);

}  // namespace colossus::cost_models
