// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/queues.hpp>
#include <colossus/detail/route_draw.hpp>
#include <colossus/detail/timeline.hpp>

#include <bit>
#include <cstdint>
#include <utility>

namespace colossus::detail {

/// 64 well-mixed bits (splitmix64, Steele, Lea & Flood 2014).
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

/// Where ranks sit, and the copies of the schedule that they run side by side, in step: every group its own, in lanes.
struct crew {
  std::span<const std::span<const gpu_t>> groups;  // GPUs by rank; disjoint, equal in size
  int lanes = 1;
  rank_t rotation = 0;  // ranks of a node among which lane l is turned by l

  rank_t ranks() const { return static_cast<rank_t>(groups.front().size()); }
  int copies() const { return static_cast<int>(groups.size()) * lanes; }  // copy: group * lanes + lane
};

/// How busy links are over the operation, in seconds for each byte of the whole of one lane.
struct traffic {
  std::vector<double> mean{};  // by kind, of the links that have any
  double most = 0;
  link_t busiest = 0;
};

/// An outline on a topology under one draw of routes: everything about a schedule but the size of its data.
template <class Topology, class Model>
class study {
 public:
  study(const Topology& topology, const outline& outline, const crew& crew)
      : topology_{topology}, outline_{outline}, use_{crew}, ranks_{crew.ranks()} {
    for (const auto& pattern : outline.patterns) {
      edges_.emplace_back().messages = pattern;
      walks_.emplace_back();
    }
    for (const phase& phase : outline.phases)
      if (phase.period == 0 && phase.rounds > 1 && walks_[phase.pattern].all.empty())
        walks_[phase.pattern] = walks_of(outline.patterns[phase.pattern], ranks_);
    for (std::size_t pattern = 0; pattern < edges_.size(); ++pattern)
      turns_.push_back(turns_of(outline.patterns[pattern], period_of(pattern)));
  }

  /// What packets add, from the next draw on.
  void use(const packet_effects& packets) { packets_ = packets; }

  /// Draws the routes and solves every pattern. True where messages now go at another pace than after the last draw.
  bool draw(routing how, int queue_pairs, std::uint64_t seed) {
    how_ = how;
    paths_ = how == routing::ecmp ? queue_pairs : 1;
    drawn_ = route_draw{seed};
    link_busy_.assign(topology_.links(), 0);
    const auto before = std::exchange(slopes_, std::vector<std::vector<double>>(edges_.size()));
    const auto waited = std::exchange(waits_, std::vector<std::vector<double>>(edges_.size()));
    uses_.assign(edges_.size(), std::vector<double>(topology_.kinds().size(), 0));
    std::vector<double> times(edges_.size(), 0);
    for (const phase& phase : outline_.phases)
      times[phase.pattern] += phase.period == 0 ? static_cast<double>(phase.rounds) * outline_.scale : 1.0;
    for (std::size_t pattern = 0; pattern < edges_.size(); ++pattern) solve(pattern, times[pattern]);
    sum_up();
    if (before == slopes_ && waited == waits_) return false;
    choose_copy();
    streams_.assign(edges_.size(), {});
    return true;
  }

  const outline& what() const { return outline_; }
  const edges& edges_of(std::size_t pattern) const { return edges_[pattern]; }
  const walks& walks_in(std::size_t pattern) const { return walks_[pattern]; }
  /// How busy the busiest link of each kind is, in one round of the phase (a pipeline: in one generation).
  const std::vector<double>& use_in(std::size_t phase) const { return uses_[outline_.phases[phase].pattern]; }
  const traffic& busy() const { return traffic_; }
  /// What is known of the pipeline whose first generation the pattern is.
  pipeline& stream(std::size_t pattern) { return streams_[pattern]; }
  rank_t ranks() const { return ranks_; }

 private:
  round_t period_of(std::size_t pattern) const {
    for (const phase& phase : outline_.phases)
      if (phase.pattern == pattern) return phase.period;
    return 0;
  }

  /// The GPU of each rank of a copy.
  std::vector<gpu_t> turned(int copy) const {
    const auto placement = use_.groups[static_cast<std::size_t>(copy / use_.lanes)];
    const int lane = copy % use_.lanes;
    std::vector<gpu_t> gpus(placement.begin(), placement.end());
    if (use_.rotation > 1)
      for (rank_t rank = 0; rank < ranks_; ++rank) {
        const rank_t local = rank % use_.rotation;
        gpus[static_cast<std::size_t>(rank)] =
            placement[static_cast<std::size_t>(rank - local + (local + lane) % use_.rotation)];
      }
    return gpus;
  }

  /// Messages that are under way together: all of a pattern, in a pipeline those of equal round modulo the period.
  static std::vector<std::vector<std::uint32_t>> turns_of(std::span<const message> messages, round_t period) {
    std::vector<std::vector<std::uint32_t>> turns(static_cast<std::size_t>(std::max<round_t>(period, 1)));
    for (std::uint32_t i = 0; i < messages.size(); ++i)
      turns[period == 0 ? 0 : static_cast<std::size_t>(messages[i].round % period)].push_back(i);
    return turns;
  }

  void solve(std::size_t pattern, double times) {
    slopes_[pattern].assign(edges_[pattern].size() * static_cast<std::size_t>(use_.copies()), 0);
    for (const auto& turn : turns_[pattern]) {
      add_flows(outline_.patterns[pattern], turn);
      const auto rates = model_.rates(flows_);
      read_rates(pattern, turn, rates);
      if (packets_.queue_packets > 0) read_waits(pattern, turn, rates);
      add_use(pattern, turn, times);
    }
  }

  void add_flows(std::span<const message> messages, std::span<const std::uint32_t> turn) {
    flows_.clear(topology_.links());
    const packet_capacities<Topology> links{topology_, packets_};
    for (int copy = 0; copy < use_.copies(); ++copy) {
      const std::vector<gpu_t> gpus = turned(copy);
      const int lane = copy % use_.lanes;
      for (const std::uint32_t i : turn) {
        const gpu_t from = gpus[static_cast<std::size_t>(messages[i].from)],
                    to = gpus[static_cast<std::size_t>(messages[i].to)];
        for (int path = 0; path < paths_; ++path) {
          topology_.route(from, to, how_, drawn_(from, to, lane * paths_ + path),
                          [&](link_t link) { flows_.add_link(links, link); });
          flows_.end_flow();
        }
      }
    }
  }

  void read_rates(std::size_t pattern, std::span<const std::uint32_t> turn, std::span<const double> rates) {
    const auto& messages = outline_.patterns[pattern];
    auto rate = rates.begin();
    for (std::size_t copy = 0; copy < static_cast<std::size_t>(use_.copies()); ++copy)
      for (const std::uint32_t i : turn) {
        double slowest = *rate;
        for (int path = 0; path < paths_; ++path) slowest = std::min(slowest, *rate++);
        slopes_[pattern][copy * messages.size() + i] = rounded(messages[i].share / paths_ / slowest);
      }
  }

  void read_waits(std::size_t pattern, std::span<const std::uint32_t> turn, std::span<const double> rates) {
    const std::size_t messages = outline_.patterns[pattern].size();
    waits_[pattern].resize(messages * static_cast<std::size_t>(use_.copies()), 0);
    queues_.find(topology_, flows_, rates);
    std::size_t flow = 0;
    for (std::size_t copy = 0; copy < static_cast<std::size_t>(use_.copies()); ++copy)
      for (const std::uint32_t i : turn)
        for (int path = 0; path < paths_; ++path, ++flow)
          if (double& wait = waits_[pattern][copy * messages + i]; queues_.on_path_of(flows_, flow))
            wait = std::max(wait, packets_.wait_s(rates[flow], static_cast<double>(flows_.size())));
  }

  void add_use(std::size_t pattern, std::span<const std::uint32_t> turn, double times) {
    const auto& messages = outline_.patterns[pattern];
    busy_.assign(flows_.links(), 0);
    std::size_t flow = 0;
    for (int copy = 0; copy < use_.copies(); ++copy)
      for (const std::uint32_t i : turn) {
        const double share = messages[i].share / paths_;
        for (int path = 0; path < paths_; ++path)
          for (const std::uint32_t link : flows_.links_of(flow++)) busy_[link] += share;
      }
    std::vector<double> worst(uses_[pattern].size(), 0);
    for (std::uint32_t link = 0; link < flows_.links(); ++link) {
      const double busy = busy_[link] / flows_.capacity(link);
      const link_t id = flows_.topology_link(link);
      link_busy_[id] += busy * times;
      double& most = worst[static_cast<std::size_t>(topology_.kind(id))];
      most = std::max(most, busy);
    }
    for (std::size_t kind = 0; kind < worst.size(); ++kind) uses_[pattern][kind] += worst[kind];
  }

  void sum_up() {
    traffic_ = {std::vector<double>(topology_.kinds().size(), 0)};
    std::vector<double> links(traffic_.mean.size(), 0);
    for (link_t link = 0; link < link_busy_.size(); ++link) {
      const double busy = link_busy_[link];
      if (busy <= 0) continue;
      const auto kind = static_cast<std::size_t>(topology_.kind(link));
      traffic_.mean[kind] += busy;
      ++links[kind];
      if (busy > traffic_.most) traffic_.most = busy, traffic_.busiest = link;
    }
    for (std::size_t kind = 0; kind < links.size(); ++kind)
      if (links[kind] > 0) traffic_.mean[kind] /= links[kind];
  }

  /// To 40 bits, so that rates which differ by the order of a sum are equal.
  static double rounded(double x) {
    constexpr std::uint64_t dropped = 1 << 12;
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(x) + dropped / 2) & ~(dropped - 1));
  }

  /// Copies are alike but for their draws and places: the one with the slowest message stands for all, among equals the
  /// one with the longest ways.
  void choose_copy() {
    const auto copies = static_cast<std::size_t>(use_.copies());
    std::size_t chosen = 0;
    double slowest = -1, longest = -1;
    for (std::size_t copy = 0; copy < copies; ++copy) {
      double slope = 0;
      for (std::size_t pattern = 0; pattern < edges_.size(); ++pattern) {
        const std::size_t n = edges_[pattern].size();
        for (std::size_t i = copy * n; i < (copy + 1) * n; ++i) slope = std::max(slope, slopes_[pattern][i]);
      }
      if (slope < slowest * (1 - 1e-12)) continue;
      const double way = use_.groups.size() > 1 ? latencies(static_cast<int>(copy)) : 0;
      if (slope > slowest * (1 + 1e-12) || way > longest) slowest = slope, longest = way, chosen = copy;
    }
    const std::vector<gpu_t> gpus = turned(static_cast<int>(chosen));
    for (std::size_t pattern = 0; pattern < edges_.size(); ++pattern)
      take_copy(edges_[pattern], slopes_[pattern], waits_[pattern], chosen, gpus);
  }

  double latencies(int copy) const {
    const std::vector<gpu_t> gpus = turned(copy);
    double sum = 0;
    for (const edges& e : edges_)
      for (std::size_t i = 0; i < e.size(); ++i) sum += topology_.latency_s(gpus[e.from(i)], gpus[e.to(i)]);
    return sum;
  }

  void take_copy(edges& e, const std::vector<double>& slopes, const std::vector<double>& waits, std::size_t copy,
                 std::span<const gpu_t> gpus) {
    const auto first = slopes.begin() + static_cast<std::ptrdiff_t>(copy * e.size());
    e.slope.assign(first, first + static_cast<std::ptrdiff_t>(e.size()));
    e.latency.resize(e.size());
    for (std::size_t i = 0; i < e.size(); ++i) e.latency[i] = topology_.latency_s(gpus[e.from(i)], gpus[e.to(i)]);
    for (std::size_t i = 0; !waits.empty() && i < e.size(); ++i) e.latency[i] += waits[copy * e.size() + i];
    const auto alike = [](const std::vector<double>& v) {
      const auto [low, high] = std::ranges::minmax_element(v);
      return v.empty() || *high - *low <= 1e-12 * *high;
    };
    std::vector<bool> receives(static_cast<std::size_t>(ranks_), false);
    for (std::size_t i = 0; i < e.size(); ++i) receives[e.to(i)] = true;
    e.uniform = e.size() == static_cast<std::size_t>(ranks_) && std::ranges::count(receives, true) == ranks_ &&
                alike(e.slope) && alike(e.latency);
  }

  const Topology& topology_;
  const outline& outline_;
  crew use_;
  rank_t ranks_;
  routing how_ = routing::adaptive;
  int paths_ = 1;  // that each connection draws
  route_draw drawn_;
  packet_effects packets_;
  Model model_;
  flows flows_;
  queues queues_;
  std::vector<std::vector<std::vector<std::uint32_t>>> turns_;  // of each pattern
  std::vector<edges> edges_;
  std::vector<walks> walks_;
  std::vector<pipeline> streams_;
  std::vector<std::vector<double>> slopes_, waits_;  // [pattern][copy * messages + message]
  std::vector<std::vector<double>> uses_;
  std::vector<double> link_busy_, busy_;
  traffic traffic_;
};

}  // namespace colossus::detail
