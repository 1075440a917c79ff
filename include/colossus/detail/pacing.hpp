// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/phases.hpp>
#include <colossus/detail/queues.hpp>
#include <colossus/detail/tally.hpp>

#include <bit>

namespace colossus::detail {

/// How fast the messages of a pattern go when they are under way together.
struct pace {
  std::vector<double> slopes{};  // [copy * messages + message]: seconds for each byte of the whole
  std::vector<double> waits{};   // the same: seconds in queues; empty: none
  std::vector<double> use{};     // by kind of link: the busiest one's seconds for each byte of the whole
};

/// Messages of a pattern on the links that they share: from routes to rates to the pace of each message.
template <class Model>
class pacing {
 public:
  /// `route(copy, message, path, visit)` tells the links of one of a message's `paths`, in the numbers of `links`;
  /// `add(link, busy)` hears how busy each is, in seconds for each byte of the whole. Messages are under way together
  /// whose rounds are equal modulo `period` (0: all).
  template <class Links, class Route, class Add>
  pace operator()(const outline& what, std::span<const message> messages, round_t period, int copies, int paths,
                  const packet_effects& packets, Links& links, std::size_t kinds, Route&& route, Add&& add) {
    const std::size_t all = messages.size() * static_cast<std::size_t>(copies);
    pace found{std::vector<double>(all, 0), {}, std::vector<double>(kinds, 0)};
    if (packets.queue_packets > 0) found.waits.assign(all, 0);
    std::vector<double> worst(kinds);
    for_each_turn(messages, period, [&](std::span<const std::uint32_t> turn) {
      flows_.clear(links.size());
      for (int copy = 0; copy < copies; ++copy)
        for (const std::uint32_t i : turn)
          for (int path = 0; path < paths; ++path) {
            route(copy, messages[i], path, [&](link_t link) { flows_.add_link(links, link); });
            flows_.end_flow();
          }
      const std::span<const double> rates = model_.rates(flows_);
      tallied.flows += static_cast<std::int64_t>(flows_.size());
      if (!found.waits.empty()) queues_.find(links, flows_, rates);
      busy_.assign(flows_.links(), 0);
      std::size_t flow = 0;
      for (std::size_t copy = 0; copy < static_cast<std::size_t>(copies); ++copy)
        for (const std::uint32_t i : turn) {
          const double share = what.share(messages[i]) / paths;
          double slowest = rates[flow], wait = 0;
          for (int path = 0; path < paths; ++path, ++flow) {
            slowest = std::min(slowest, rates[flow]);
            for (const std::uint32_t link : flows_.links_of(flow)) busy_[link] += share;
            if (!found.waits.empty() && queues_.on_path_of(flows_, flow))
              wait = std::max(wait, packets.wait_s(rates[flow], static_cast<double>(flows_.size())));
          }
          const std::size_t at = copy * messages.size() + i;
          found.slopes[at] = rounded(share / slowest);
          if (!found.waits.empty()) found.waits[at] = wait;
        }
      worst.assign(kinds, 0);
      for (std::uint32_t link = 0; link < flows_.links(); ++link) {
        const link_t at = flows_.topology_link(link);
        const double busy = busy_[link] / flows_.capacity(link);
        add(at, busy);
        double& most = worst[static_cast<std::size_t>(links.kind(at))];
        most = std::max(most, busy);
      }
      for (std::size_t kind = 0; kind < kinds; ++kind) found.use[kind] += worst[kind];
    });
    return found;
  }

 private:
  template <class Visit>
  static void for_each_turn(std::span<const message> messages, round_t period, Visit&& visit) {
    std::vector<std::vector<std::uint32_t>> turns(static_cast<std::size_t>(std::max<round_t>(period, 1)));
    for (std::uint32_t i = 0; i < messages.size(); ++i)
      turns[period == 0 ? 0 : static_cast<std::size_t>(messages[i].round % period)].push_back(i);
    for (const auto& turn : turns) visit(std::span<const std::uint32_t>{turn});
  }

  /// To 40 bits, so that rates which differ by the order of a sum are equal.
  static double rounded(double x) {
    constexpr std::uint64_t dropped = 1 << 12;
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(x) + dropped / 2) & ~(dropped - 1));
  }

  Model model_;
  flows flows_;
  queues queues_;
  std::vector<double> busy_;
};

}  // namespace colossus::detail
