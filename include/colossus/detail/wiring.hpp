// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/route_draw.hpp>
#include <colossus/price.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace colossus::detail {

/// A machine whose type is forgotten, under one draw of routes. Refers to the machine.
class wiring {
 public:
  template <topology T>
  wiring(const T& machine, const routing_options& routes, std::uint64_t seed, const packet_effects& packets = {})
      : packets_{packets},
        how_{routes.kind},
        paths_{routes.kind == routing::ecmp ? routes.queue_pairs : 1},
        drawn_{seed},
        machine_{&machine},
        links_{machine.links()} {
    capacity_ = [](const void* m, const packet_effects& p, link_t link) {
      return p.none() ? static_cast<const T*>(m)->capacity(link) : p.capacity(*static_cast<const T*>(m), link);
    };
    kind_ = [](const void* m, link_t link) { return static_cast<const T*>(m)->kind(link); };
    name_ = [](const void* m, link_t link) { return static_cast<const T*>(m)->link_name(link); };
    kinds_ = machine.kinds();
    distance_ = [](const void* m, gpu_t a, gpu_t b) { return static_cast<const T*>(m)->distance(a, b); };
    route_ = [](const void* m, gpu_t a, gpu_t b, routing how, std::uint64_t entropy, std::vector<link_t>& out) {
      static_cast<const T*>(m)->route(a, b, how, entropy, [&](link_t link) { out.push_back(link); });
    };
    for (int i = 0; i < machine.distances(); ++i) latency_.push_back(machine.distance_latency_s(i));
    slopes_.assign(latency_.size(), unknown);
    by_distance_ = paths_ == 1 && uniform(machine);
  }

  int paths() const { return paths_; }  ///< that each connection draws
  link_t links() const { return links_; }
  double capacity(link_t link) const { return capacity_(machine_, packets_, link); }  ///< bytes/s
  std::size_t kind(link_t link) const { return static_cast<std::size_t>(kind_(machine_, link)); }
  std::span<const std::string> kinds() const { return kinds_; }
  std::string link_name(link_t link) const { return name_(machine_, link); }
  int distance(gpu_t a, gpu_t b) const { return distance_(machine_, a, b); }
  double latency_s(int distance) const { return latency_[static_cast<std::size_t>(distance)]; }

  /// The links of path number `path` between two GPUs in lane `lane`, in order.
  std::span<const link_t> route(gpu_t a, gpu_t b, int lane, int path) {
    links_of_.clear();
    route_(machine_, a, b, how_, drawn_(a, b, lane * paths_ + path), links_of_);
    return links_of_;
  }

  /// Seconds for each byte of a message that is alone, evenly on all its paths.
  double slope(gpu_t a, gpu_t b, int lane, int distance) {
    double& known = slopes_[static_cast<std::size_t>(distance)];
    if (by_distance_ && known != unknown) return known;
    std::vector<link_t> used;
    for (int path = 0; path < paths_; ++path)
      for (const link_t link : route(a, b, lane, path)) used.push_back(link);
    std::ranges::sort(used);
    double most = 0;
    for (std::size_t first = 0, end; first < used.size(); first = end) {
      for (end = first + 1; end < used.size() && used[end] == used[first];) ++end;
      most = std::max(most, static_cast<double>(end - first) / paths_ / capacity(used[first]));
    }
    return known = most;
  }

 private:
  static constexpr double unknown = -1;

  /// True where all links of a kind are equally fast, so that equal distances are.
  template <topology T>
  bool uniform(const T& machine) const {
    std::vector<double> fast(machine.kinds().size(), unknown);
    for (link_t link = 0; link < machine.links(); ++link) {
      if (!machine.uses(how_, link)) continue;
      double& known = fast[static_cast<std::size_t>(machine.kind(link))];
      const double now = machine.capacity(link);
      if (known != unknown && known != now) return false;
      known = now;
    }
    return true;
  }

  packet_effects packets_;
  routing how_;
  int paths_;
  route_draw drawn_;
  const void* machine_;
  link_t links_;
  double (*capacity_)(const void*, const packet_effects&, link_t);
  int (*kind_)(const void*, link_t);
  std::string (*name_)(const void*, link_t);
  std::span<const std::string> kinds_;
  int (*distance_)(const void*, gpu_t, gpu_t);
  void (*route_)(const void*, gpu_t, gpu_t, routing, std::uint64_t, std::vector<link_t>&);
  bool by_distance_ = false;
  std::vector<double> latency_, slopes_;
  std::vector<link_t> links_of_;
};

}  // namespace colossus::detail
