// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/event_queue.hpp>
#include <colossus/detail/fair_share.hpp>

namespace colossus::detail {

/// Messages under way on links that they share max-min fairly; exact whenever one starts or ends. A message goes by as
/// many flows as a connection has paths, and is out when the last of them is. Flow i is event first + i of the queue.
class shared_links {
 public:
  shared_links(std::span<const double> capacities, std::size_t flows, event_queue& queue, std::uint32_t first)
      : flows_(flows), queue_{queue}, first_{first} {
    share_.reset(capacities);
  }

  /// So many bytes are to go by a flow, which is not under way yet.
  void put(std::uint32_t flow, double bytes) { flows_[flow] = {bytes, 0, 0, absent}; }
  double left(std::uint32_t flow) const { return flows_[flow].left; }

  void start(std::uint32_t flow, std::span<const std::uint32_t> links, double now) {
    flow_state& f = flows_[flow];
    f.since = now;
    if (links.empty()) return queue_.set(first_ + flow, now);
    f.id = share_.add(links);
    if (f.id >= flow_of_.size()) flow_of_.resize(f.id + 1);
    flow_of_[f.id] = flow;
  }
  void end(std::uint32_t flow) {
    if (flows_[flow].id != absent) share_.remove(flows_[flow].id);
    put(flow, 0);
  }
  /// True for a flow that has ended, or will by then.
  bool ending(std::uint32_t flow, double by) const {
    const flow_state& f = flows_[flow];
    return f.left <= 0 || (f.rate > 0 && f.since + f.left / f.rate <= by);
  }
  void pause(std::uint32_t flow, double now) {
    const flow_state f = flows_[flow];
    if (f.id == absent) return;
    queue_.remove(first_ + flow);
    share_.remove(f.id);
    put(flow, std::max(f.left - f.rate * (now - f.since), least));
  }
  /// Gives every flow the rate that it has from `now` on, and moves its end.
  void settle(double now) {
    for (const std::uint32_t id : share_.relax()) {
      flow_state& f = flows_[flow_of_[id]];
      if (f.rate > 0) f.left = std::max(f.left - f.rate * (now - f.since), 0.0), f.since = now;
      f.rate = share_.rate(id);
      queue_.set(first_ + flow_of_[id], f.since + f.left / f.rate);
    }
  }
  std::uint64_t evaluations() const { return share_.evaluations(); }

 private:
  static constexpr double least = 1e-9;  // bytes of a flow that has not ended
  static constexpr std::uint32_t absent = ~std::uint32_t{0};
  struct flow_state {
    double left = 0, since = 0, rate = 0;  // bytes left at `since`, bytes/s from then on
    std::uint32_t id = absent;
  };

  fair_share share_;
  std::vector<flow_state> flows_;
  std::vector<std::uint32_t> flow_of_;  // by id
  event_queue& queue_;
  std::uint32_t first_;
};

}  // namespace colossus::detail
