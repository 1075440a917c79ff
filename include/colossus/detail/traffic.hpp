// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <algorithm>
#include <vector>

namespace colossus::detail {

/// How busy links are over the operation, in seconds for each byte of the whole of one lane.
struct traffic {
  std::vector<double> mean{};  // by kind, of the links that have any
  double most = 0;
  link_t busiest = 0;
};

/// Adds up what links carry, by number: a link, or a class of them. `links` knows, of a number, the kind, the capacity,
/// how many links it stands for, and one of them.
class traffic_sum {
 public:
  void clear(std::size_t links) {
    for (const link_t link : touched_) load_[link] = 0;
    touched_.clear();
    load_.resize(links, 0);
  }
  void add(link_t link, double load) {
    double& sum = load_[link];
    if (sum == 0) touched_.push_back(link);
    sum += load;
  }

  /// By kind, how busy the busiest link is.
  template <class Links>
  std::vector<double> most(const Links& links) const {
    std::vector<double> most(links.kinds(), 0);
    for (const link_t at : touched_) {
      double& of_kind = most[static_cast<std::size_t>(links.kind(at))];
      of_kind = std::max(of_kind, load_[at] / links.capacity(at));
    }
    return most;
  }
  template <class Links>
  traffic sum(const Links& links) const {
    traffic all{std::vector<double>(links.kinds(), 0)};
    std::vector<double> count(links.kinds(), 0);
    for (const link_t at : touched_) {
      const auto kind = static_cast<std::size_t>(links.kind(at));
      const double busy = load_[at] / links.capacity(at);
      all.mean[kind] += busy * links.count(at);
      count[kind] += links.count(at);
      const bool same = busy == all.most && links.link(at) < all.busiest;
      if (busy > all.most || same) all.most = busy, all.busiest = links.link(at);
    }
    for (std::size_t kind = 0; kind < count.size(); ++kind)
      if (count[kind] > 0) all.mean[kind] /= count[kind];
    return all;
  }
  /// Visits (number, load) of all that carry something.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const link_t at : touched_) visit(at, load_[at]);
  }

 private:
  std::vector<double> load_;
  std::vector<link_t> touched_;
};

}  // namespace colossus::detail
