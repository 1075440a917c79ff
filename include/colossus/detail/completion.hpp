// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/cost_models/max_min.hpp>
#include <colossus/detail/fair_share.hpp>

#include <cmath>
#include <queue>

namespace colossus::detail {

/// When flows end that begin together and share their links max-min fairly; exact at every end.
///
/// Of equal size, they need one solve: when a flow of rate r ends, all faster ones are gone, its bottleneck's flows end
/// with it, and what is slower never depended on it. Else each end is felt only where it frees something; the rates
/// are checked whenever half of the flows have gone.
class completion {
 public:
  /// Seconds, by flow; infinite for a flow that nothing gets through. `bytes` by flow. Valid until the next call.
  std::span<const double> ends(const contention& flows, std::span<const double> bytes) {
    const std::span<const double> rates = solver_.rates(flows);
    end_.resize(flows.size());
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      end_[flow] = bytes[flow] > 0 ? bytes[flow] / rates[flow] : 0;
    if (std::ranges::adjacent_find(bytes, std::not_equal_to<>{}) != bytes.end()) follow(flows, rates);
    return {end_.data(), end_.size()};
  }
  /// Levels of links and rates of flows that were set again, in all calls so far.
  std::uint64_t evaluations() const { return share_.evaluations(); }
  std::uint64_t updates() const { return updates_; }

 private:
  struct event {
    double at;
    std::uint32_t flow;
    bool operator>(const event& other) const { return at > other.at; }
  };
  static constexpr double together = 1 + 1e-13;  // ends so close are one

  void follow(const contention& flows, std::span<const double> rates) {
    load(flows, rates);
    open_.resize(flows.size());
    std::iota(open_.begin(), open_.end(), 0u);
    for (std::size_t checked = flows.size(); look_ahead();) {
      if (open_.size() <= checked / 2) share_.check(), checked = open_.size();
      while (!near_.empty()) {
        const double now = near_.top().at;
        for (; !near_.empty() && near_.top().at <= now * together; near_.pop()) finish(near_.top());
        update(now);
      }
    }
  }

  /// The flows to come next, as a heap that stays small: what ends later is kept in no order. False when none is left.
  bool look_ahead() {
    std::size_t kept = 0;
    double first = std::numeric_limits<double>::infinity(), sum = 0;
    for (const std::uint32_t flow : open_) {
      if (is_over_[flow] || std::isinf(end_[flow])) continue;
      open_[kept++] = flow;
      first = std::min(first, end_[flow]), sum += end_[flow];
    }
    open_.resize(kept);
    if (kept == 0) return false;
    horizon_ = std::max(first + (sum / static_cast<double>(kept) - first) / 32, std::nextafter(first, 2 * first + 1));
    for (const std::uint32_t flow : open_)
      if (end_[flow] < horizon_) near_.push({end_[flow], flow});
    return true;
  }

  void finish(const event& e) {
    if (is_over_[e.flow] || e.at != end_[e.flow]) return;  // its end has moved since
    is_over_[e.flow] = true;
    share_.remove(e.flow);
  }
  void update(double now) {
    for (const std::uint32_t flow : share_.relax()) {
      ++updates_;
      const double rate = share_.rate(flow);
      end_[flow] = now + (end_[flow] - now) * (rate_[flow] / rate);
      rate_[flow] = rate;
      if (end_[flow] < horizon_) near_.push({end_[flow], flow});
    }
  }

  void load(const contention& flows, std::span<const double> rates) {
    capacity_.resize(flows.links());
    for (std::size_t link = 0; link < flows.links(); ++link) capacity_[link] = flows.capacity(link);
    share_.reset({capacity_.data(), capacity_.size()});
    for (std::size_t flow = 0; flow < flows.size(); ++flow) {
      const std::uint32_t* const route = flows.route(flow);
      const std::uint32_t* const end = std::find(route, route + flows.hops(), 0u);
      share_.add({route, end}, flows.most(flow));
    }
    share_.adopt(rates);
    rate_.resize(rates.size()), is_over_.assign(rates.size(), 0);
    std::ranges::copy(rates, rate_.begin());
  }

  cost_models::max_min solver_;
  fair_share share_;
  raw_list<double> end_, rate_, capacity_;
  raw_list<std::uint8_t> is_over_;
  raw_list<std::uint32_t> open_;
  std::priority_queue<event, std::vector<event>, std::greater<>> near_;
  double horizon_ = 0;
  std::uint64_t updates_ = 0;
};

}  // namespace colossus::detail
