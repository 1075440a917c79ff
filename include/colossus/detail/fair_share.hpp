// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/fairness.hpp>
#include <colossus/detail/flow_table.hpp>

#include <cmath>
#include <limits>

namespace colossus::detail {

/// Max-min fair rates of flows that come and go, exact after every `relax`; only what a change is felt by is touched.
///
/// The level of a link is the height at which it is full: sum over its flows of min(level, least level of the flow's
/// other links) = capacity; its capacity, where it never is. A flow's rate is the least level of its links. Levels that
/// agree with each other are the max-min fair allocation and there is only one, so links may be set right in any order:
/// here the first that was disturbed comes first.
class fair_share {
 public:
  using flow_id = flow_table::flow_id;

  /// Forgets all flows. Links are 0 .. capacities.size() - 1; capacities in bytes/s.
  void reset(std::span<const double> capacities) {
    table_.reset(capacities);
    level_.assign(capacities.begin(), capacities.end());
    dirty_.clear(), changed_.clear();
  }

  /// A flow over `links`, each once, that wants `most` bytes/s. Ids of removed flows are given out again, the last
  /// removed first.
  flow_id add(std::span<const std::uint32_t> links, double most = std::numeric_limits<double>::infinity()) {
    const flow_id id = table_.add(links, most);
    const double rate = table_.flow(id).rate = elsewhere(id, no_link);
    for (const std::uint32_t link : links) felt(link, rate);
    touch(id);
    return id;
  }

  void remove(flow_id id) {
    const double rate = table_.flow(id).rate;
    for (const std::uint32_t link : table_.route(id)) felt(link, -rate);
    table_.remove(id);
  }

  void set_capacity(std::uint32_t link, double bytes_per_s) {
    table_.link(link).capacity = bytes_per_s;
    mark(link);
  }

  /// Sets right what has changed since the last call. Returns the flows that have a new rate, new flows among them,
  /// each once; valid until the next call.
  std::span<const flow_id> relax() {
    for (std::size_t i = 0; i < dirty_.size(); ++i) evaluate(dirty_[i]);
    evaluations_ += dirty_.size();
    dirty_.clear();
    std::erase_if(changed_, [&](flow_id id) { return !table_.has(id); });
    reported_.swap(changed_);
    changed_.clear();
    ++epoch_;
    return reported_;
  }

  /// Takes over rates, by flow, that are max-min fair already; in place of the first `relax`, no flow
  /// removed.
  void adopt(std::span<const double> rates) {
    std::vector<double> top(table_.links(), 0);
    for (std::uint32_t link = 0; link < table_.links(); ++link) table_.link(link).used = 0, unmark(link);
    for (flow_id id = 0; id < table_.flows(); ++id)
      for (const std::uint32_t link : table_.route(id))
        table_.link(link).used += rates[id], top[link] = std::max(top[link], rates[id]);
    for (std::uint32_t link = 0; link < table_.links(); ++link)
      level_[link] =
          table_.link(link).used > table_.link(link).capacity * (1 - 1e-12) ? top[link] : table_.link(link).capacity;
    // But for rounding the same as `rates`: what is held by a link has exactly its level.
    for (flow_id id = 0; id < table_.flows(); ++id) table_.flow(id).rate = elsewhere(id, no_link);
    dirty_.clear(), changed_.clear();
    ++epoch_;
  }

  /// Throws `error` (broke) where the rates are not max-min fair, to 1e-9.
  void check() const {
    fairness test;
    test.clear(table_.links());
    for (flow_id id = 0; id < table_.flows(); ++id)
      if (table_.has(id)) test.add(table_.route(id), table_.flow(id).rate);
    for (std::uint32_t link = 0; link < table_.links(); ++link) test.close(link, table_.link(link).capacity);
    for (flow_id id = 0; id < table_.flows(); ++id)
      if (table_.has(id)) test.expect(id, table_.route(id), table_.flow(id).most, table_.flow(id).rate);
  }

  double rate(flow_id id) const { return table_.flow(id).rate; }                       ///< bytes/s
  double capacity(std::uint32_t link) const { return table_.link(link).capacity; }     ///< bytes/s
  std::span<const std::uint32_t> route(flow_id id) const { return table_.route(id); }  ///< links
  std::uint64_t evaluations() const { return evaluations_; }                           ///< links set right so far

 private:
  static constexpr std::uint32_t no_link = ~std::uint32_t{0};
  // Levels that differ by less are the same, lest rounding go round in circles.
  static constexpr double tolerance = 1e-14;
  // A link that is so far from full by its running sum is not full, whatever the sum's rounding.
  static constexpr double surely_free = 1 - 1e-9;

  void mark(std::uint32_t link) {
    if (table_.link(link).queued) return;
    table_.link(link).queued = true;
    dirty_.push_back(link);
  }
  void unmark(std::uint32_t link) { table_.link(link).queued = false; }
  void touch(flow_id id) {
    if (table_.flow(id).touched == epoch_) return;
    table_.flow(id).touched = epoch_;
    changed_.push_back(id);
  }
  /// A flow of the link has `more` bytes/s than before: that matters where the link is full, or may be now.
  void felt(std::uint32_t link, double more) {
    flow_table::link_state& l = table_.link(link);
    l.used += more;
    if (level_[link] < l.capacity || (l.size > 1 && l.used > l.capacity * surely_free)) mark(link);
  }
  /// The most that the links of a flow other than `without` let through.
  double elsewhere(flow_id id, std::uint32_t without) const {
    double least = table_.flow(id).most;
    for (const std::uint32_t link : table_.route(id))
      if (link != without) least = std::min(least, level_[link]);
    return least;
  }

  void evaluate(std::uint32_t at) {
    flow_table::link_state& l = table_.link(at);
    unmark(at);
    const auto all = table_.members(at);
    const double before = level_[at];
    offer_.resize(std::max(offer_.size(), all.size()));
    double wanted = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double rate = table_.flow(all[i]).rate;
      offer_[i] =
          rate < before * surely_free ? rate : elsewhere(all[i], at);  // a rate below the level is set elsewhere
      wanted += offer_[i];
    }
    const double now = wanted <= l.capacity ? l.capacity : full_at(l.capacity, all.size());
    if (std::abs(now - before) <= tolerance * now) return;
    level_[at] = now;
    l.used = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double rate = std::min(now, offer_[i]), more = rate - table_.flow(all[i]).rate;
      l.used += rate;
      if (more == 0) continue;
      table_.flow(all[i]).rate = rate;
      touch(all[i]);
      for (const std::uint32_t other : table_.route(all[i]))
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

  flow_table table_;
  std::vector<double> level_, offer_;
  std::vector<flow_id> changed_, reported_;
  std::vector<std::uint32_t> dirty_;
  std::uint32_t epoch_ = 1;
  std::uint64_t evaluations_ = 0;
};

}  // namespace colossus::detail
