// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace colossus::detail {

/// Max-min fair rates of flows that come and go, exact after every `relax`; only what a change is felt by is touched.
///
/// The level of a link is the height at which it is full: sum over its flows of min(level, least level of the flow's
/// other links) = capacity; its capacity, where it never is. A flow's rate is the least level of its links. Levels that
/// agree with each other are the max-min fair allocation and there is only one, so links may be set right in any order:
/// here the first that was disturbed comes first.
class fair_share {
 public:
  using flow_id = std::uint32_t;

  /// Forgets all flows. Links are 0 .. capacities.size() - 1; capacities in bytes/s.
  void reset(std::span<const double> capacities) {
    flows_.clear(), free_.clear(), long_routes_.clear(), long_lists_.clear();
    dirty_.clear(), changed_.clear();
    links_.resize(capacities.size());
    level_.assign(capacities.begin(), capacities.end());
    for (std::size_t link = 0; link < links_.size(); ++link) links_[link] = {.capacity = capacities[link]};
  }

  /// A flow over `links`, each once, that wants `most` bytes/s. Ids of removed flows are given out again.
  flow_id add(std::span<const std::uint32_t> links, double most = std::numeric_limits<double>::infinity()) {
    const flow_id id = make_flow(links, most);
    double rate = most;
    for (const std::uint32_t link : links) rate = std::min(rate, level_[link]);
    flows_[id].rate = rate;
    for (const std::uint32_t link : links) {
      join(link, id);
      felt(link, rate);
    }
    touch(id);
    return id;
  }

  void remove(flow_id id) {
    const double rate = flows_[id].rate;
    for (const std::uint32_t link : route(id)) {
      leave(link, id);
      if (links_[link].size == 0) links_[link].used = 0, level_[link] = links_[link].capacity;
      else felt(link, -rate);
    }
    if (flows_[id].hops > short_route) long_routes_[flows_[id].links[0]].clear();
    flows_[id].hops = gone;
    free_.push_back(id);
  }

  void set_capacity(std::uint32_t link, double bytes_per_s) {
    links_[link].capacity = bytes_per_s;
    if (links_[link].size == 0) level_[link] = bytes_per_s;
    else mark(link);
  }

  /// Sets right what has changed since the last call. Returns the flows that have a new rate, new flows among them,
  /// each once; valid until the next call.
  std::span<const flow_id> relax() {
    for (std::size_t i = 0; i < dirty_.size(); ++i) evaluate(dirty_[i]);
    evaluations_ += dirty_.size();
    dirty_.clear();
    std::erase_if(changed_, [&](flow_id id) { return flows_[id].hops == gone; });
    reported_.swap(changed_);
    changed_.clear();
    ++epoch_;
    return reported_;
  }

  /// Takes over rates, by flow, that are max-min fair already; in place of the first `relax`.
  void adopt(std::span<const double> rates) {
    std::vector<double> top(links_.size(), 0);
    for (link_state& l : links_) l.used = 0, l.queued = false;
    for (flow_id id = 0; id < flows_.size(); ++id) {
      flows_[id].rate = rates[id];
      for (const std::uint32_t link : route(id))
        links_[link].used += rates[id], top[link] = std::max(top[link], rates[id]);
    }
    for (std::size_t link = 0; link < links_.size(); ++link)
      level_[link] = links_[link].used > links_[link].capacity * (1 - 1e-12) ? top[link] : links_[link].capacity;
    for (flow_id id = 0; id < flows_.size(); ++id) flows_[id].rate = elsewhere(id, none);  // but for rounding the same
    dirty_.clear(), changed_.clear();
    ++epoch_;
  }

  /// The links of a flow.
  std::span<const std::uint32_t> route(flow_id id) const {
    const flow_state& f = flows_[id];
    if (f.hops <= short_route) return {f.links.data(), f.hops};
    return long_routes_[f.links[0]];
  }
  double rate(flow_id id) const { return flows_[id].rate; }                    ///< bytes/s
  double capacity(std::uint32_t link) const { return links_[link].capacity; }  ///< bytes/s
  std::uint64_t evaluations() const { return evaluations_; }                   ///< links set right so far

 private:
  static constexpr std::uint32_t short_route = 10, short_list = 8, gone = ~std::uint32_t{0}, none = gone;
  // Levels that differ by less are the same, lest rounding go round in circles.
  static constexpr double tolerance = 1e-14;
  // A link that is so far from full by its running sum is not full, whatever the sum's rounding.
  static constexpr double surely_free = 1 - 1e-9;

  // One cache line each: a change visits flows and links at random.
  struct alignas(64) flow_state {
    double rate = 0, most = 0;
    std::uint32_t hops = 0, touched = 0;
    std::array<std::uint32_t, short_route> links{};  // where the route is longer: [0] is its place in long_routes_
  };
  struct alignas(64) link_state {
    double capacity = 0, used = 0;
    std::uint32_t size = 0;
    bool queued = false, is_long = false;
    std::array<flow_id, short_list> members{};  // where the list is longer: [0] is its place in long_lists_
  };

  std::span<flow_id> members(std::uint32_t at) {
    link_state& l = links_[at];
    return {l.is_long ? long_lists_[l.members[0]].data() : l.members.data(), l.size};
  }

  flow_id make_flow(std::span<const std::uint32_t> links, double most) {
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
    return id;
  }
  void join(std::uint32_t at, flow_id id) {
    link_state& l = links_[at];
    if (l.size == short_list && !l.is_long) {
      long_lists_.emplace_back(l.members.begin(), l.members.end());
      l.members[0] = static_cast<std::uint32_t>(long_lists_.size() - 1);
      l.is_long = true;
    }
    if (l.is_long && l.size == long_lists_[l.members[0]].size()) long_lists_[l.members[0]].emplace_back();
    ++l.size;
    members(at).back() = id;
  }
  void leave(std::uint32_t at, flow_id id) {
    const auto all = members(at);
    *std::ranges::find(all, id) = all.back();
    --links_[at].size;
  }

  void mark(std::uint32_t at) {
    if (links_[at].queued) return;
    links_[at].queued = true;
    dirty_.push_back(at);
  }
  void touch(flow_id id) {
    if (flows_[id].touched == epoch_) return;
    flows_[id].touched = epoch_;
    changed_.push_back(id);
  }
  /// A flow of the link has `more` bytes/s than before: that matters where the link is full, or may be now.
  void felt(std::uint32_t at, double more) {
    link_state& l = links_[at];
    l.used += more;
    if (level_[at] < l.capacity || (l.size > 1 && l.used > l.capacity * surely_free)) mark(at);
  }
  /// The most that the links of a flow other than `without` let through.
  double elsewhere(flow_id id, std::uint32_t without) const {
    double least = flows_[id].most;
    for (const std::uint32_t at : route(id))
      if (at != without) least = std::min(least, level_[at]);
    return least;
  }

  void evaluate(std::uint32_t at) {
    link_state& l = links_[at];
    l.queued = false;
    const auto all = members(at);
    const double before = level_[at];
    offer_.resize(std::max(offer_.size(), all.size()));
    double wanted = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double rate = flows_[all[i]].rate;
      offer_[i] =
          rate < before * surely_free ? rate : elsewhere(all[i], at);  // a rate below the level is set elsewhere
      wanted += offer_[i];
    }
    const double now = wanted <= l.capacity ? l.capacity : full_at(l.capacity, all.size());
    if (std::abs(now - before) <= tolerance * now) return;
    level_[at] = now;
    l.used = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double rate = std::min(now, offer_[i]), more = rate - flows_[all[i]].rate;
      l.used += rate;
      if (more == 0) continue;
      flows_[all[i]].rate = rate;
      touch(all[i]);
      for (const std::uint32_t other : route(all[i]))
        if (other != at) felt(other, more);
    }
  }
  /// Raises the water until nobody who still takes a share wants less.
  double full_at(double capacity, std::size_t flows) const {
    double below = 0;
    for (std::size_t open = flows;;) {
      const double level = (capacity - below) / static_cast<double>(open);
      double sum = 0;
      std::size_t still = 0;
      for (std::size_t i = 0; i < flows; ++i)
        if (offer_[i] < level) sum += offer_[i];
        else ++still;
      if (still >= open || still == 0) return level;  // 0: full but for rounding
      open = still, below = sum;
    }
  }

  std::vector<flow_state> flows_;
  std::vector<link_state> links_;
  std::vector<double> level_, offer_;
  std::vector<flow_id> free_, changed_, reported_;
  std::vector<std::uint32_t> dirty_;
  std::vector<std::vector<std::uint32_t>> long_routes_;
  std::vector<std::vector<flow_id>> long_lists_;
  std::uint32_t epoch_ = 1;
  std::uint64_t evaluations_ = 0;
};

}  // namespace colossus::detail
