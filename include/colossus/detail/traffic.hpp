// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <algorithm>
#include <span>
#include <vector>

namespace colossus::detail {

/// How busy links are over the operation, in seconds for each byte of the whole of one lane.
struct traffic {
  std::vector<double> mean{};  // by kind, of the links that have any
  double most = 0;
  link_t busiest = 0;
};

/// Adds up what links carry, by number: a link, or a class of them. `links` knows, of a number, the kind, the capacity,
/// how many links it stands for, one of them, and until which number the first three stay what they are.
class traffic_sum {
 public:
  void clear(std::size_t links) {
    for_each_block([&](link_t first, link_t end) { std::fill(load_.begin() + first, load_.begin() + end, 0.0); });
    load_.resize(links, 0);
    touched_.assign((links + block - 1) / block, 0);
  }
  void add(link_t link, double load) {
    load_[link] += load;
    touched_[link / block] = 1;
  }
  /// Adds `load` to a link for each of its `counts`, by link.
  void add_counts(std::span<const std::uint32_t> counts, double load) {
    for (std::size_t b = 0; b < touched_.size(); ++b) {
      const std::size_t first = b * block, end = std::min(counts.size(), first + block);
      std::uint32_t some = 0;
      for (std::size_t link = first; link < end; ++link) some |= counts[link];
      if (some == 0) continue;
      touched_[b] = 1;
      for (std::size_t link = first; link < end; ++link) load_[link] += static_cast<std::int32_t>(counts[link]) * load;
    }
  }

  /// By kind, how busy the busiest link is.
  template <class Links>
  std::vector<double> most(const Links& links) const {
    std::vector<double> most(links.kinds(), 0);
    for_each_run(links, [&](link_t first, link_t end) {
      const double load = *std::max_element(load_.begin() + first, load_.begin() + end);
      double& of_kind = most[static_cast<std::size_t>(links.kind(first))];
      of_kind = std::max(of_kind, load / links.capacity(first));
    });
    return most;
  }
  template <class Links>
  traffic sum(const Links& links) const {
    traffic all{std::vector<double>(links.kinds(), 0)};
    std::vector<double> count(links.kinds(), 0);
    for_each_run(links, [&](link_t first, link_t end) {
      const double capacity = links.capacity(first), each = links.count(first);
      double loads = 0, used = 0, most = 0;
      for (link_t at = first; at < end; ++at)
        loads += load_[at], used += load_[at] > 0, most = std::max(most, load_[at]);
      if (used == 0) return;
      const auto kind = static_cast<std::size_t>(links.kind(first));
      all.mean[kind] += loads / capacity * each;
      count[kind] += used * each;
      if (most / capacity < all.most) return;
      const auto at = static_cast<link_t>(std::find(load_.begin() + first, load_.begin() + end, most) - load_.begin());
      const bool same = most / capacity == all.most && links.link(at) > all.busiest;
      if (!same) all.most = most / capacity, all.busiest = links.link(at);
    });
    for (std::size_t kind = 0; kind < count.size(); ++kind)
      if (count[kind] > 0) all.mean[kind] /= count[kind];
    return all;
  }
  /// Visits (number, load) of all that carry something.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for_each_block([&](link_t first, link_t end) {
      for (link_t at = first; at < end; ++at)
        if (load_[at] > 0) visit(at, load_[at]);
    });
  }

 private:
  static constexpr std::size_t block = 512;  // links that are touched together

  template <class Visit>
  void for_each_block(Visit&& visit) const {
    for (std::size_t b = 0; b < touched_.size(); ++b)
      if (touched_[b])
        visit(static_cast<link_t>(b * block), static_cast<link_t>(std::min(load_.size(), (b + 1) * block)));
  }
  /// Visits what was touched in stretches of one kind and capacity.
  template <class Links, class Visit>
  void for_each_run(const Links& links, Visit&& visit) const {
    for_each_block([&](link_t first, link_t end) {
      while (first < end) {
        const link_t until = std::min(end, links.same_until(first));
        visit(first, until), first = until;
      }
    });
  }

  std::vector<double> load_;
  std::vector<std::uint8_t> touched_;  // by block
};

}  // namespace colossus::detail
