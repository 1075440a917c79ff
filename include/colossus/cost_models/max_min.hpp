// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/cost_model.hpp>
#include <colossus/detail/contention.hpp>
#include <colossus/detail/fairness.hpp>
#include <colossus/detail/tally.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>

namespace colossus::cost_models {

/// Max-min fair sharing (Bertsekas & Gallager, Data Networks, 6.5.2), exact: no flow can have more without taking from
/// one that has no more. Where a link's fair share is the least among the links of every one of its flows, these flows
/// are final: a share only rises while others freeze. All such links freeze in one pass; a pass is two sweeps over the
/// flows. Where passes grow many, the rest freezes link by link, the least share first. Every solve is checked.
class max_min {
 public:
  static constexpr std::string_view name = "max_min";

  std::span<const double> rates(const detail::flows& flows) {
    contention_.clear(flows.links());
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      for (const std::uint32_t link : flows.links_of(flow)) contention_.add_link(link);
      contention_.end_flow();
    }
    contention_.close(
        detail::capacity_runs(static_cast<link_t>(flows.links()), [&](link_t link) { return flows.capacity(link); }));
    return rates(contention_);
  }

  /// Bytes/s by flow, infinite where it uses no link; valid until the next call.
  std::span<const double> rates(const detail::contention& flows) {
    start(flows);
    flows.with_hops([&](auto hops) { sweep<hops()>(flows); });
    if (open_flows_ > 0) one_by_one(flows);
    const std::span<const double> rates{rate_.data(), rate_.size()};
    detail::check_fairness(flows, rates, fairness_);
    ++detail::tallied.solves, detail::tallied.passes += passes_;
    return rates;
  }

  /// Passes that the last solve took.
  int passes() const { return passes_; }

 private:
  // Flows visited, for each that there is, after which links freeze one by one: more than wide fabrics ever need.
  static constexpr std::size_t most_visits = 16;

  void start(const detail::contention& flows) {
    const std::size_t links = flows.links();
    passes_ = 0;
    rate_.resize(flows.size()), open_.resize(links), rest_.resize(links), share_.resize(links);
    denied_.assign(links, 0);
    for (std::size_t link = 1; link < links; ++link) {
      rest_[link] = flows.capacity(link), open_[link] = flows.degree(link);
      share_[link] = rest_[link] / open_[link];
    }
    carry_everything();
    active_.resize(flows.size()), frozen_.resize(flows.size());
    std::iota(active_.begin(), active_.end(), 0u);
  }

  /// Link 0, which fills up short routes.
  void carry_everything() {
    rest_[0] = share_[0] = std::numeric_limits<double>::infinity();
    open_[0] = std::numeric_limits<std::uint32_t>::max();
  }

  /// Passes over flows that share up to `Hops` links (0: any number).
  template <std::size_t Hops>
  void sweep(const detail::contention& flows) {
    open_flows_ = flows.size();
    for (std::size_t visits = 0; open_flows_ > 0 && visits <= most_visits * flows.size();) {
      visits += open_flows_;
      ++passes_;
      mark<Hops>(flows);
      freeze<Hops>(flows);
    }
  }

  /// Every flow finds its least share; links that offer it more cannot be final in this pass.
  template <std::size_t Hops>
  void mark(const detail::contention& flows) {
    const std::size_t hops = Hops ? Hops : flows.hops();
    const auto pass = static_cast<std::uint32_t>(passes_);
    for (std::size_t i = 0; i < open_flows_; ++i) {
      const std::uint32_t flow = active_[i];
      const std::uint32_t* const route = flows.route(flow);
      double least = flows.most(flow);
      for (std::size_t hop = 0; hop < hops; ++hop) least = std::min(least, share_[route[hop]]);
      for (std::size_t hop = 0; hop < hops; ++hop) denied_[share_[route[hop]] > least ? route[hop] : 0] = pass;
      rate_[flow] = least;
    }
    denied_[0] = pass;
  }

  /// Flows that have all they can have alone, and those on a link that nobody denied, are final.
  template <std::size_t Hops>
  void freeze(const detail::contention& flows) {
    const std::size_t hops = Hops ? Hops : flows.hops();
    const auto pass = static_cast<std::uint32_t>(passes_);
    std::size_t kept = 0, frozen = 0;
    for (std::size_t i = 0; i < open_flows_; ++i) {
      const std::uint32_t flow = active_[i];
      const std::uint32_t* const route = flows.route(flow);
      bool last = rate_[flow] == flows.most(flow);
      for (std::size_t hop = 0; hop < hops; ++hop) last |= denied_[route[hop]] != pass;
      active_[kept] = frozen_[frozen] = flow;
      kept += !last, frozen += last;
    }
    open_flows_ = kept;
    for (std::size_t i = 0; i < frozen; ++i)
      take(flows.route(frozen_[i]), hops, rate_[frozen_[i]], flows.members(frozen_[i]));
    for (std::size_t i = 0; i < frozen; ++i) renew(flows.route(frozen_[i]), hops);
    carry_everything();
  }
  void take(const std::uint32_t* route, std::size_t hops, double rate, std::uint32_t members) {
    const double all = rate * members;
    for (std::size_t hop = 0; hop < hops; ++hop) rest_[route[hop]] -= all, open_[route[hop]] -= members;
  }
  void renew(const std::uint32_t* route, std::size_t hops) {
    for (std::size_t hop = 0; hop < hops; ++hop)
      share_[route[hop]] = std::max(rest_[route[hop]], 0.0) / std::max(1u, open_[route[hop]]);
  }

  /// The textbook with a heap: what is full first freezes first. Shares only rise, so an old one that is on top is
  /// looked at again.
  void one_by_one(const detail::contention& flows) {
    struct candidate {
      double share;
      std::uint32_t link, flow;  // a shared link, or 0 and a flow that has all it can have alone
      bool operator>(const candidate& other) const { return share > other.share; }
    };
    const std::size_t hops = flows.hops();
    std::vector<candidate> all;
    std::vector<std::uint32_t> first(flows.links() + 2, 0), users;
    std::vector<bool> open(flows.size(), false);
    for (std::size_t i = 0; i < open_flows_; ++i) {
      const std::uint32_t flow = active_[i];
      open[flow] = true;
      all.push_back({flows.most(flow), 0, flow});
      for (std::size_t hop = 0; hop < hops; ++hop) ++first[flows.route(flow)[hop] + 1];
    }
    for (std::uint32_t link = 1; link < flows.links(); ++link)
      if (first[link + 1] > 0) all.push_back({share_[link], link, 0});
    std::partial_sum(first.begin(), first.end(), first.begin());
    users.resize(first.back());
    for (std::size_t i = open_flows_; i-- > 0;)
      for (std::size_t hop = 0; hop < hops; ++hop) users[--first[flows.route(active_[i])[hop] + 1]] = active_[i];
    const auto end_flow = [&](std::uint32_t flow, double rate) {
      if (!open[flow]) return;
      open[flow] = false, --open_flows_, rate_[flow] = rate;
      take(flows.route(flow), hops, rate, flows.members(flow)), renew(flows.route(flow), hops);
    };
    std::priority_queue heap{std::greater<>{}, std::move(all)};
    while (open_flows_ > 0) {
      const candidate least = heap.top();
      heap.pop();
      if (least.link == 0) {
        end_flow(least.flow, least.share);
      } else if (open_[least.link] > 0 && share_[least.link] > least.share) {
        heap.push({share_[least.link], least.link, 0});
      } else if (open_[least.link] > 0) {
        const double rate = share_[least.link];
        for (auto at = first[least.link + 1]; at < first[least.link + 2]; ++at) end_flow(users[at], rate);
      }
    }
  }

  detail::contention contention_;
  detail::fairness fairness_;
  int passes_ = 0;
  std::size_t open_flows_ = 0;
  detail::raw_list<double> rate_, rest_, share_;
  detail::raw_list<std::uint32_t> open_;             // flows of the link that are not frozen, all members
  detail::raw_list<std::uint32_t> denied_;           // last pass in which some flow had a smaller share elsewhere
  detail::raw_list<std::uint32_t> active_, frozen_;  // flows that are not final, and those that became so in this pass
};

static_assert(cost_model<max_min>);

}  // namespace colossus::cost_models
