// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/raw_list.hpp>
#include <colossus/topology.hpp>

#include <cstdint>
#include <limits>

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
    written_.clear(), end_.clear();
  }

  /// Adds `link` to the flow that is being described, each once; `end_flow` ends it.
  void add_link(link_t link) { written_.push_back(link); }
  void end_flow() { end_.push_back(static_cast<std::uint32_t>(written_.size())); }

  /// Ends the description: `capacity(link)` is what a link carries, in bytes/s.
  template <class Capacity>
  void close(Capacity&& capacity) {
    number_links();
    capacity_.resize(links() + 1);
    for (std::size_t i = 0; i < links(); ++i) capacity_[i] = capacity(link_[i]);
    capacity_[links()] = std::numeric_limits<double>::infinity();
    write_routes(capacity);
  }

  std::size_t size() const { return end_.size(); }
  std::size_t links() const { return link_.size(); }  ///< that are shared
  /// The most links that a flow shares, made even. All routes have this many: link number `links()`, which carries
  /// everything, fills up those that are shorter.
  std::size_t hops() const { return hops_; }
  const std::uint32_t* route(std::size_t flow) const { return routes_.data() + flow * pitch_; }
  double most(std::size_t flow) const { return most_[flow]; }             ///< bytes/s: what a flow may have alone
  double capacity(std::size_t link) const { return capacity_[link]; }     ///< bytes/s
  std::uint32_t degree(std::size_t link) const { return degree_[link]; }  ///< flows that use it
  link_t described(std::size_t link) const { return link_[link]; }        ///< its number when flows were described

 private:
  /// Numbers the links that several flows use; the others are numbered `links()`.
  void number_links() {
    std::fill(number_.begin(), number_.end(), 0u);
    for (const link_t link : written_) ++number_[link];
    const std::size_t shared =
        static_cast<std::size_t>(std::count_if(number_.begin(), number_.end(), [](auto flows) { return flows > 1; }));
    link_.resize(shared + 1), degree_.resize(shared + 1);
    std::uint32_t next = 0;
    for (link_t link = 0; link < number_.size(); ++link) {
      const std::uint32_t flows = number_[link];
      link_[next] = link, degree_[next] = flows;
      number_[link] = flows > 1 ? next : static_cast<std::uint32_t>(shared);
      next += flows > 1;
    }
    link_.resize(shared), degree_.resize(shared);
  }

  template <class Capacity>
  void write_routes(Capacity&& capacity) {
    const auto nothing = static_cast<std::uint32_t>(links());
    std::uint32_t at = 0;
    pitch_ = 0, hops_ = 2;
    for (const std::uint32_t end : end_) pitch_ = std::max<std::size_t>(pitch_, end - at), at = end;
    pitch_ = std::max<std::size_t>(2, pitch_ + pitch_ % 2);
    most_.resize(size()), routes_.resize(size() * pitch_ + 1), alone_.resize(pitch_ + 1);
    at = 0;
    std::uint32_t* out = routes_.data();
    for (std::size_t flow = 0; flow < size(); ++flow, out += pitch_) {
      std::size_t shared = 0, alone = 0;
      std::fill_n(out, pitch_, nothing);
      for (; at < end_[flow]; ++at) {
        const std::uint32_t number = number_[written_[at]];
        out[shared] = number, alone_[alone] = written_[at];
        shared += number != nothing, alone += number == nothing;
      }
      hops_ = std::max(hops_, shared + shared % 2);
      double most = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < alone; ++i) most = std::min(most, capacity(alone_[i]));
      most_[flow] = most;
    }
  }

  raw_list<std::uint32_t> number_;         // by link as described: flows, then its number among those that are shared
  raw_list<std::uint32_t> written_, end_;  // the routes as described
  raw_list<link_t> link_, alone_;
  raw_list<std::uint32_t> degree_, routes_;
  raw_list<double> capacity_, most_;
  std::size_t hops_ = 0, pitch_ = 0;
};

}  // namespace colossus::detail
