// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/capacity_runs.hpp>
#include <colossus/detail/raw_list.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <vector>

namespace colossus::detail {

/// Rates of flows by counting heads: every link gives each of its flows an equal part, and what a flow leaves of it
/// because it gets less elsewhere is lost. No flow has more than it has max-min fairly, and the slowest have just that.
/// Two sweeps over the flows, two over the links in use; nothing is solved.
class headcount {
 public:
  /// Forgets the flows, keeps the memory. `links` bounds the link numbers, `hops` is how many to expect of each flow.
  void clear(std::size_t links, std::size_t flows, std::size_t hops) {
    count_.assign(links, 0);
    touched_.assign((links + block - 1) / block, 0);
    written_.reserve(flows * hops), first_.reserve(flows + 1);
    written_.clear(), first_.assign(1, 0);
  }

  /// Adds a flow: `route(visit)` tells its links, each once.
  template <class Route>
  void add_flow(Route&& route) {
    std::uint32_t* const count = count_.data();
    std::uint8_t* const touched = touched_.data();
    route([&](link_t link) { ++count[link], touched[link / block] = 1, written_.push_back(link); });
    first_.push_back(static_cast<std::uint32_t>(written_.size()));
  }

  std::size_t size() const { return first_.size() - 1; }
  std::span<const link_t> links_of(std::size_t flow) const {
    return {written_.data() + first_[flow], written_.data() + first_[flow + 1]};
  }
  /// How many flows use each link, until `close`.
  std::span<const std::uint32_t> counts() const { return {count_.data(), count_.size()}; }

  /// Ends the description. What links give is one of few values: from here each has the rank of its own, the most
  /// first.
  void close(std::span<const capacity_run> capacities) {
    const std::vector<std::uint32_t> most = most_in(capacities);
    std::map<double, std::uint32_t> ranks{{0.0, 0}};
    const auto slope = [&](std::size_t run, std::uint32_t flows) { return flows / capacities[run].bytes_per_s; };
    for (std::size_t run = 0; run < most.size(); ++run)
      for (std::uint32_t flows = 1; flows <= most[run]; ++flows) ranks[slope(run, flows)] = 0;
    slopes_.clear();
    for (auto& [of, rank] : ranks) rank = static_cast<std::uint32_t>(slopes_.size()), slopes_.push_back(of);
    std::vector<std::uint32_t> rank_of;
    for (std::size_t run = 0, first = 0; run < most.size(); first = capacities[run++].end) {
      if (most[run] == 0) continue;
      rank_of.assign(most[run] + 1, 0);
      for (std::uint32_t flows = 1; flows <= most[run]; ++flows) rank_of[flows] = ranks[slope(run, flows)];
      for_each_block(first, capacities[run].end, [&](std::size_t link, std::size_t end) {
        for (; link < end; ++link) count_[link] = rank_of[count_[link]];
      });
    }
  }

  /// Visits every `paths` flows in a row as (their number, seconds per byte of the slowest of them), once closed.
  template <class Visit>
  void for_each(int paths, Visit&& visit) const {
    const auto many = static_cast<std::size_t>(paths);
    const link_t* at = written_.data();
    for (std::size_t i = 0; i * many < size(); ++i) {
      std::uint32_t slowest = 0;
      for (const link_t* const end = written_.data() + first_[(i + 1) * many]; at < end; ++at)
        slowest = std::max(slowest, count_[*at]);
      visit(i, slopes_[slowest]);
    }
  }

 private:
  static constexpr std::size_t block = 512;  // links that are touched together

  /// The most flows that a link of each run has.
  std::vector<std::uint32_t> most_in(std::span<const capacity_run> runs) const {
    std::vector<std::uint32_t> most;
    std::size_t first = 0;
    for (const capacity_run& run : runs) {
      std::uint32_t here = 0;
      for_each_block(first, run.end, [&](std::size_t link, std::size_t end) {
        for (; link < end; ++link) here = std::max(here, count_[link]);
      });
      most.push_back(here), first = run.end;
    }
    return most;
  }
  /// Visits (first, end) of the links from `first` to `end` that may have flows.
  template <class Visit>
  void for_each_block(std::size_t first, std::size_t end, Visit&& visit) const {
    for (std::size_t at = first; at < end;) {
      const std::size_t until = std::min(end, (at / block + 1) * block);
      if (touched_[at / block]) visit(at, until);
      at = until;
    }
  }

  raw_list<std::uint32_t> count_;   // by link: its flows; once closed, the rank of what it gives each of them
  raw_list<std::uint8_t> touched_;  // by block of links
  raw_list<link_t> written_;        // the routes
  raw_list<std::uint32_t> first_;   // of each flow in `written_`, and the end
  std::vector<double> slopes_;      // seconds per byte, by rank
};

}  // namespace colossus::detail
