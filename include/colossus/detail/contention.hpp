// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/capacity_runs.hpp>
#include <colossus/detail/raw_list.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

namespace colossus::detail {

/// Flows over the links that they share: a link with one flow is no more than a bound on that flow's rate. In a
/// permutation this leaves few links, no NIC among them.
///
/// Flat arrays, swept in order, and no branch that depends on which link it is: a wrong guess costs more than a look.
class contention {
 public:
  /// Forgets the flows, keeps the memory. `links` bounds the link numbers, `flows` and `hops` are what to expect.
  void clear(std::size_t links, std::size_t flows = 0, std::size_t hops = 0) {
    number_.resize(links);
    written_.reserve(flows * hops), end_.reserve(flows);
    written_.clear(), end_.clear(), members_.clear();
  }

  /// Adds `link` to the flow that is being described, each once; `end_flow` ends it.
  void add_link(link_t link) { written_.push_back(link); }
  void end_flow() { end_.push_back(static_cast<std::uint32_t>(written_.size())); }
  /// The same for descriptions in which flows over the same links are one, with many members: the number of the flow.
  std::uint32_t join_flow() {
    if (end_.size() == 0) std::fill(number_.begin(), number_.end(), 0u);  // holds the last flow on a first link, from 1
    const std::uint32_t first = end_.size() == 0 ? 0 : end_[end_.size() - 1];
    std::uint32_t& last = number_[written_.size() > first ? written_[first] : 0];
    if (last != 0 && is_like(last - 1, first)) {
      written_.resize(first), ++members_[last - 1];
      return last - 1;
    }
    end_flow(), members_.push_back(1);
    return last = static_cast<std::uint32_t>(end_.size()), last - 1;
  }

  /// Ends the description: what each link carries, all links together.
  void close(std::span<const capacity_run> capacities) {
    number_links(capacities);
    write_routes();
  }

  std::size_t size() const { return end_.size(); }
  /// How many flows a flow is, all at its rate.
  std::uint32_t members(std::size_t flow) const { return members_.size() == 0 ? 1 : members_[flow]; }
  /// Shared links, and 0, which is none: it carries everything and fills up routes that are shorter than others.
  std::size_t links() const { return degree_.size(); }
  /// The most links that a flow shares, made even: all routes have this many.
  std::size_t hops() const { return hops_; }
  /// The same as a constant, or 0 where that is more than 8: calls `use` with it.
  template <class Use>
  void with_hops(Use&& use) const {
    switch (hops_) {
      case 2:
        return use(std::integral_constant<std::size_t, 2>{});
      case 4:
        return use(std::integral_constant<std::size_t, 4>{});
      case 6:
        return use(std::integral_constant<std::size_t, 6>{});
      case 8:
        return use(std::integral_constant<std::size_t, 8>{});
      default:
        return use(std::integral_constant<std::size_t, 0>{});
    }
  }
  const std::uint32_t* route(std::size_t flow) const { return routes_.data() + flow * pitch_; }
  double most(std::size_t flow) const { return most_[flow]; }             ///< bytes/s: what a flow may have alone
  double capacity(std::size_t link) const { return capacity_[link]; }     ///< bytes/s
  std::uint32_t degree(std::size_t link) const { return degree_[link]; }  ///< flows that use it
  link_t described(std::size_t link) const { return link_[link]; }        ///< its number when flows were described

 private:
  /// Whether a flow uses the links that were written from `first` on.
  bool is_like(std::uint32_t flow, std::uint32_t first) const {
    const std::uint32_t begin = flow == 0 ? 0 : end_[flow - 1];
    return std::equal(written_.data() + begin, written_.data() + end_[flow], written_.data() + first, written_.end());
  }

  static constexpr std::uint32_t alone = std::uint32_t{1} << 31;

  /// Numbers the links that several flows use, from 1. One that has one flow is marked `alone` and has the place of its
  /// capacity among `bounds_`.
  void number_links(std::span<const capacity_run> capacities) {
    std::fill(number_.begin(), number_.end(), 0u);
    if (members_.size() == 0) {
      for (const link_t link : written_) ++number_[link];
    } else {
      for (std::uint32_t flow = 0, at = 0; flow < size(); ++flow)
        for (; at < end_[flow]; ++at) number_[written_[at]] += members_[flow];
    }
    const std::size_t twice = members_.size() == 0 ? 2 : 1;  // a link is shared by two flows, or by members of one
    const std::size_t most = std::min(number_.size(), written_.size() / twice) + 2;
    link_.resize(most), degree_.resize(most), capacity_.resize(most);
    link_[0] = 0, degree_[0] = std::numeric_limits<std::uint32_t>::max();
    capacity_[0] = std::numeric_limits<double>::infinity();
    bounds_.assign(1, capacity_[0]);
    std::uint32_t next = 1;
    link_t link = 0;
    for (const auto& [end, bytes_per_s] : capacities) {
      const auto place = static_cast<std::uint32_t>(bounds_.size()) | alone;
      bounds_.push_back(bytes_per_s);
      const std::uint32_t first = next, *const flows_of = number_.data();
      if (std::all_of(flows_of + link, flows_of + end, [](std::uint32_t flows) { return flows == 0; })) link = end;
      for (; link < end; ++link) {
        const std::uint32_t flows = number_[link], shared = flows > 1;
        link_[next] = link, degree_[next] = flows;
        number_[link] = (next & -shared) | (place & (shared - 1));
        next += shared;
      }
      std::fill(capacity_.data() + first, capacity_.data() + next, bytes_per_s);
    }
    link_.resize(next), degree_.resize(next), capacity_.resize(next);
  }

  void write_routes() {
    std::uint32_t at = 0;
    pitch_ = 0, hops_ = 2;
    for (const std::uint32_t end : end_) pitch_ = std::max<std::size_t>(pitch_, end - at), at = end;
    pitch_ = std::max<std::size_t>(2, pitch_ + pitch_ % 2);
    most_.resize(size()), routes_.assign((size() + 1) * pitch_, 0);
    at = 0;
    std::uint32_t* out = routes_.data();
    for (std::size_t flow = 0; flow < size(); ++flow, out += pitch_) {
      std::size_t shared = 0;
      double most = bounds_[0];
      for (; at < end_[flow]; ++at) {
        const std::uint32_t number = number_[written_[at]], is_alone = number >> 31;
        out[shared] = number & (is_alone - 1);
        shared += 1 - is_alone;
        most = std::min(most, bounds_[number & -is_alone & ~alone]);
      }
      hops_ = std::max(hops_, shared + shared % 2);
      most_[flow] = most;
    }
  }

  raw_list<std::uint32_t> number_;  // by link as described: its flows, then its number
  raw_list<double> bounds_;
  raw_list<std::uint32_t> written_, end_;  // the routes as described
  raw_list<std::uint32_t> members_;        // by flow; empty: one each
  raw_list<link_t> link_;
  raw_list<std::uint32_t> degree_, routes_;
  raw_list<double> capacity_, most_;
  std::size_t hops_ = 0, pitch_ = 0;
};

}  // namespace colossus::detail
