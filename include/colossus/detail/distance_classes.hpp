// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies/node_shape.hpp>

#include <algorithm>
#include <string>

namespace colossus::detail {

/// Pairs of GPUs that are equally far apart, numbered: by the way between them, and by the paces of their nodes.
/// Ways: 0 the same GPU, 1 one NVLink domain, then the levels of the network, again for each kind of `relays`: over
/// NVLink to another GPU before the network (bit 0), after it (bit 1).
class distance_classes {
 public:
  distance_classes() = default;
  /// `relay_kinds`: 1 where nothing is relayed, 2 where senders relay, 4 where receivers do too.
  template <topologies::network Network>
  distance_classes(const Network& network, const topologies::node_shape& nodes, int relay_kinds)
      : levels_{network.levels()}, relay_kinds_{relay_kinds}, local_{nodes.local} {
    for (const topologies::node_speed& speed : nodes.speeds) add_pace(speed);
    for (int level = 0; level < levels_; ++level) names_.push_back(network.level_name(level));
    for (int way = 0; way < ways(); ++way)
      for (const topologies::node_speed& a : paces_)
        for (const topologies::node_speed& b : paces_) latencies_.push_back(latency(network, way, a, b));
  }

  int count() const { return static_cast<int>(latencies_.size()); }
  int way(int level, int relays) const { return 2 + level + levels_ * relays; }
  /// The class of a way between nodes of types `a` and `b`.
  int number(int way, int a, int b) const {
    const auto pace = [&](int type) { return pace_of_type_[static_cast<std::size_t>(type)]; };
    return paces() == 1 ? way : (way * paces() + pace(a)) * paces() + pace(b);
  }
  double latency_s(int number) const { return latencies_[static_cast<std::size_t>(number)]; }
  std::string name(int number) const {
    const int way = number / (paces() * paces()), pair = number % (paces() * paces());
    std::string text = way == 0 ? "same GPU" : way == 1 ? "same " + local_ + " domain" : names_[level_of(way)];
    if (relays_of(way) & 1) text += relay_kinds_ == 2 ? ", other rail" : ", relayed by the sender's node";
    if (relays_of(way) & 2) text += ", relayed by the receiver's node";
    if (paces() > 1) text += ", node types " + std::to_string(pair / paces()) + ", " + std::to_string(pair % paces());
    return text;
  }

 private:
  int paces() const { return static_cast<int>(paces_.size()); }
  int ways() const { return 2 + levels_ * relay_kinds_; }
  int relays_of(int way) const { return way < 2 ? 0 : (way - 2) / levels_; }
  std::size_t level_of(int way) const { return static_cast<std::size_t>((way - 2) % levels_); }

  void add_pace(const topologies::node_speed& speed) {
    const auto same = std::find_if(paces_.begin(), paces_.end(), [&](const topologies::node_speed& pace) {
      return pace.local_latency_s == speed.local_latency_s && pace.nic_latency_s == speed.nic_latency_s;
    });
    pace_of_type_.push_back(static_cast<int>(same - paces_.begin()));
    if (same == paces_.end()) paces_.push_back(speed);
  }
  template <class Network>
  double latency(const Network& network, int way, const topologies::node_speed& a,
                 const topologies::node_speed& b) const {
    if (way < 2) return way == 0 ? 0 : a.local_latency_s;
    const double remote = a.nic_latency_s + b.nic_latency_s + network.level_latency_s(static_cast<int>(level_of(way)));
    const int relays = relays_of(way);
    return remote + (relays & 1 ? a.local_latency_s : 0) + (relays & 2 ? b.local_latency_s : 0);
  }

  int levels_ = 0, relay_kinds_ = 1;
  std::string local_;
  std::vector<std::string> names_;               // of the levels
  std::vector<topologies::node_speed> paces_{};  // speeds that differ in latency
  std::vector<int> pace_of_type_;
  std::vector<double> latencies_;
};

}  // namespace colossus::detail
