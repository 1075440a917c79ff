// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/trace/traced.hpp>

#include <map>

namespace colossus::bench {

/// Where a track is: a GPU and a lane, or a NIC and the lane of one of its GPUs.
struct track_place {
  std::int32_t node = 0, gpu = 0;  ///< the GPU of the node; NICs have a name
  int lane = 0;
  std::string nic{};
};

/// The tracks of one array: one for each lane of each GPU of the pod of rank 0, then those of NICs as they are asked
/// for.
class array_tracks {
 public:
  static constexpr std::size_t none = ~std::size_t{0}, most_cursors = 32'768;

  /// Of very many ranks in the pod, those that come first.
  explicit array_tracks(const traced& what)
      : what_{what}, pod_{what.pod_of(what.gpu(0))}, local_(what.placement.size(), none) {
    const auto lanes = static_cast<std::size_t>(what.script.lanes());
    for (rank_t rank = 0; rank < what.script.ranks(); ++rank) {
      if (what.pod_of(what.gpu(rank)) != pod_) continue;
      if (!ranks_.empty() && (ranks_.size() + 1) * lanes > most_cursors) {
        ++left_out_;
        continue;
      }
      local_[static_cast<std::size_t>(rank)] = ranks_.size();
      ranks_.push_back(rank);
      for (std::size_t lane = 0; lane < lanes; ++lane)
        places_.push_back({what.node(rank), what.gpu(rank) % what.gpus_per_node, static_cast<int>(lane)});
    }
  }

  std::int32_t pod() const { return pod_; }
  const std::vector<rank_t>& ranks() const { return ranks_; }
  std::size_t left_out() const { return left_out_; }
  const std::vector<track_place>& places() const { return places_; }
  bool has(rank_t rank) const { return local_[static_cast<std::size_t>(rank)] != none; }

  std::size_t cursor(rank_t rank, int lane) const {
    return local_[static_cast<std::size_t>(rank)] * static_cast<std::size_t>(what_.script.lanes()) +
           static_cast<std::size_t>(lane);
  }
  /// The track of the NIC by which a message of the rank's lane leaves its node; `none` where it does not.
  std::size_t nic_track(rank_t rank, int lane, rank_t to) {
    if (what_.node(rank) == what_.node(to)) return none;
    const auto [known, is_new] = by_receiver_.try_emplace({cursor(rank, lane), to}, none);
    if (!is_new) return known->second;
    const std::string name = nic_name(rank, lane, to);
    if (name.empty()) return none;
    const auto [track, first] = by_name_.try_emplace({cursor(rank, lane), name}, places_.size());
    if (first) places_.push_back({what_.node(rank), 0, lane, name});
    return known->second = track->second;
  }

 private:
  /// Such as "NIC 3", from "NIC out p0-n0 nic3"; empty where the message takes NVLink.
  std::string nic_name(rank_t rank, int lane, rank_t to) const {
    for (const link_t link : what_.wires.route(what_.gpu(rank), what_.gpu(to), lane, 0))
      if (what_.wires.kinds()[what_.wires.kind(link)] == "NIC out") {
        const std::string name = what_.wires.link_name(link);
        return "NIC " + name.substr(name.find(" nic") + 4);
      }
    return {};
  }

  const traced& what_;
  std::int32_t pod_;
  std::size_t left_out_ = 0;
  std::vector<rank_t> ranks_;
  std::vector<std::size_t> local_;  // by rank: which of `ranks_`
  std::vector<track_place> places_;
  std::map<std::pair<std::size_t, rank_t>, std::size_t> by_receiver_;  // of a cursor
  std::map<std::pair<std::size_t, std::string>, std::size_t> by_name_;
};

}  // namespace colossus::bench
