// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/packets.hpp>

#include <vector>

namespace colossus::detail {

/// How busy links are over the operation, in seconds for each byte of the whole of one lane.
struct traffic {
  std::vector<double> mean{};  // by kind, of the links that have any
  double most = 0;
  link_t busiest = 0;
};

/// Adds up what links carry, by number: a link, or a class of them.
class traffic_sum {
 public:
  void clear(std::size_t links) {
    for (const link_t link : touched_) busy_[link] = 0;
    touched_.clear();
    busy_.resize(links, 0);
  }
  void add(link_t link, double busy) {
    if (busy_[link] == 0) touched_.push_back(link);
    busy_[link] += busy;
  }

  /// `links` knows the kind of a number, how many links it stands for, and one of them.
  template <class Links>
  traffic sum(const Links& links, std::size_t kinds) const {
    traffic all{std::vector<double>(kinds, 0)};
    std::vector<double> count(kinds, 0);
    for (const link_t at : touched_) {
      const auto kind = static_cast<std::size_t>(links.kind(at));
      all.mean[kind] += busy_[at] * links.count(at);
      count[kind] += links.count(at);
      const bool same = busy_[at] == all.most && links.link(at) < all.busiest;
      if (busy_[at] > all.most || same) all.most = busy_[at], all.busiest = links.link(at);
    }
    for (std::size_t kind = 0; kind < kinds; ++kind)
      if (count[kind] > 0) all.mean[kind] /= count[kind];
    return all;
  }

 private:
  std::vector<double> busy_;
  std::vector<link_t> touched_;
};

/// Links that stand for themselves, with what packets leave of their capacity.
template <topology T>
struct single_links {
  const T& machine;
  packet_effects packets{};

  link_t size() const { return machine.links(); }
  int kind(link_t at) const { return machine.kind(at); }
  bool uses(routing kind, link_t at) const { return machine.uses(kind, at); }
  link_t link(link_t at) const { return at; }
  double count(link_t) const { return 1; }
  double capacity(link_t at) const { return packets.none() ? machine.capacity(at) : packets.capacity(machine, at); }
};

}  // namespace colossus::detail
