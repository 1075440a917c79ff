// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/contention.hpp>
#include <colossus/detail/headcount.hpp>
#include <colossus/detail/phases.hpp>
#include <colossus/detail/queues.hpp>
#include <colossus/detail/tally.hpp>
#include <colossus/detail/traffic.hpp>

#include <bit>

namespace colossus::detail {

/// How fast the messages of a pattern go when they are under way together.
struct pace {
  std::vector<double> slopes{};  // [copy * messages + message]: seconds for each byte of the whole
  std::vector<double> waits{};   // the same: seconds in queues; empty: none
  std::vector<double> use{};     // by kind of link: the busiest one's seconds for each byte of the whole
};

/// Messages of a pattern, which copies of a schedule send over so many paths each.
struct crowd {
  std::span<const message> messages;
  double share = 1;    // of the whole that one block is
  round_t period = 0;  // those are under way together whose rounds are equal modulo the period; 0: all
  int copies = 1, paths = 1;
  double often = 1;                  // how often the pattern comes
  bool once = false;                 // in one round only, by paths that are drawn
  std::span<const rank_t> images{};  // heads are counted: a message stands for those between ranks so much higher

  std::size_t flows() const { return of_a_copy() * static_cast<std::size_t>(copies) * static_cast<std::size_t>(paths); }
  std::size_t of_a_copy() const { return messages.size() * std::max<std::size_t>(1, images.size()); }
  /// Message `at` of all copies and images.
  const message& of(std::size_t at) const {
    return messages[at % of_a_copy() / std::max<std::size_t>(1, images.size())];
  }
  /// Whether all are of one size.
  bool alike() const {
    return std::ranges::all_of(messages, [&](const message& m) { return m.blocks == messages.front().blocks; });
  }
  /// Of the whole, on each path of a message.
  double load(const message& m) const { return share * m.blocks / paths; }
};

/// Messages of a pattern on the links that they share: from routes to rates to the pace of each message.
template <class Model>
class pacing {
 public:
  /// `route(copy, message, path, visit)` tells the links of one of a message's paths, in the numbers of `links`. Adds
  /// what links carry to `carried`. Tells the `use` of links only where it is asked for.
  template <class Links, class Route>
  pace operator()(const crowd& who, Links& links, const packet_effects& packets, bool tell_use, Route&& route,
                  traffic_sum& carried) {
    const std::size_t all = who.of_a_copy() * static_cast<std::size_t>(who.copies);
    pace found;
    found.slopes.resize(all);
    if (packets.queue_packets > 0) found.waits.assign(all, 0);
    if (tell_use) found.use.assign(links.kinds(), 0);
    if constexpr (dense) {
      if (counts_heads(who, packets)) {
        count_heads(who, links, route, carried, found);
        return found;
      }
    }
    turns_of(who);
    const bool sparse = !dense || packets.queue_packets > 0 || 16 * who.flows() < links.size() * turns_.size();
    for (const auto& turn : turns_) {
      if (turn.empty()) continue;
      flow_of_.clear();
      if (sparse) flows_.clear(links.size());
      else contention_.clear(links.size(), who.flows() / turns_.size(), 6);
      if (tell_use) turn_.clear(links.size());
      for (int copy = 0; copy < who.copies; ++copy)
        for (const std::uint32_t i : turn) {
          const double load = who.load(who.messages[i]);
          for (int path = 0; path < who.paths; ++path) {
            route(copy, who.messages[i], path, [&](link_t at) {
              carried.add(at, load * who.often);
              if (tell_use) turn_.add(at, load);
              if (sparse) flows_.add_link(links, at);
              else contention_.add_link(at);
            });
            if (sparse) flows_.end_flow();
            else if (who.copies == 1) contention_.end_flow();
            else flow_of_.push_back(contention_.join_flow());
          }
        }
      std::span<const double> rates;
      if (sparse) {
        rates = model_.rates(flows_);
      } else if constexpr (dense) {
        contention_.close(links.capacities());
        rates = model_.rates(contention_);
      }
      end_turn(who, turn, rates, links, packets, found);
    }
    return found;
  }

  /// Whether heads are counted: exact solves take milliseconds where flows are few.
  static bool counts_heads(const crowd& who, const packet_effects& packets) {
    constexpr std::size_t few = 1 << 15;
    return dense && who.once && packets.queue_packets == 0 && who.flows() > few;
  }

 private:
  // Whether the model knows flows that are told by link: for many flows on all links of a machine.
  static constexpr bool dense = requires(Model model, const contention& flows) { model.rates(flows); };

  template <class Links, class Route>
  void count_heads(const crowd& who, Links& links, Route&& route, traffic_sum& carried, pace& found) {
    constexpr rank_t itself[] = {0};
    const std::span images = who.images.empty() ? std::span{itself} : who.images;
    headcount_.clear(links.size(), who.flows(), 8);
    for (int copy = 0; copy < who.copies; ++copy)
      for (const message& m : who.messages)
        for (const rank_t by : images)
          for (int path = 0; path < who.paths; ++path)
            headcount_.add_flow([&](auto&& visit) {
              route(copy, message{m.from + by, m.to + by, m.round, m.blocks}, path, visit);
            });
    load_with(who, who.often, carried);
    if (!found.use.empty()) {
      turn_.clear(links.size());
      load_with(who, 1, turn_);
      found.use = turn_.most(links);
    }
    headcount_.close(links.capacities());
    const double load = who.load(who.messages.front());
    const bool alike = who.alike();
    headcount_.for_each(who.paths, [&](std::size_t at, double seconds_per_byte) {
      found.slopes[at] = rounded((alike ? load : who.load(who.of(at))) * seconds_per_byte);
    });
  }
  /// Adds what links carry whose heads were counted.
  void load_with(const crowd& who, double often, traffic_sum& carried) const {
    const auto paths = static_cast<std::size_t>(who.paths);
    if (who.alike()) return carried.add_counts(headcount_.counts(), who.load(who.messages.front()) * often);
    for (std::size_t flow = 0; flow < headcount_.size(); ++flow)
      for (const link_t link : headcount_.links_of(flow)) carried.add(link, who.load(who.of(flow / paths)) * often);
  }

  void turns_of(const crowd& who) {
    turns_.resize(static_cast<std::size_t>(std::max<round_t>(who.period, 1)));
    for (auto& turn : turns_) turn.clear();
    for (std::uint32_t i = 0; i < who.messages.size(); ++i)
      turns_[who.period == 0 ? 0 : static_cast<std::size_t>(who.messages[i].round % who.period)].push_back(i);
  }
  template <class Links>
  void end_turn(const crowd& who, std::span<const std::uint32_t> turn, std::span<const double> rates, Links& links,
                const packet_effects& packets, pace& found) {
    tallied.flows += static_cast<std::int64_t>(turn.size()) * who.copies * who.paths;
    const auto rate_of = [&](std::size_t flow) { return rates[flow_of_.size() == 0 ? flow : flow_of_[flow]]; };
    if (!found.waits.empty()) queues_.find(links, flows_, rates);
    std::size_t flow = 0;
    for (std::size_t copy = 0; copy < static_cast<std::size_t>(who.copies); ++copy)
      for (const std::uint32_t i : turn) {
        double slowest = rate_of(flow), wait = 0;
        for (int path = 0; path < who.paths; ++path, ++flow) {
          slowest = std::min(slowest, rate_of(flow));
          if (!found.waits.empty() && queues_.on_path_of(flows_, flow))
            wait = std::max(wait, packets.wait_s(rates[flow], static_cast<double>(rates.size())));
        }
        const std::size_t at = copy * who.messages.size() + i;
        found.slopes[at] = rounded(who.share * who.messages[i].blocks / who.paths / slowest);
        if (!found.waits.empty()) found.waits[at] = wait;
      }
    if (found.use.empty()) return;
    const std::vector<double> most = turn_.most(links);
    for (std::size_t kind = 0; kind < most.size(); ++kind) found.use[kind] += most[kind];
  }

  /// To 40 bits, so that rates which differ by the order of a sum are equal.
  static double rounded(double x) {
    constexpr std::uint64_t dropped = 1 << 12;
    return std::bit_cast<double>((std::bit_cast<std::uint64_t>(x) + dropped / 2) & ~(dropped - 1));
  }

  Model model_;
  contention contention_;
  headcount headcount_;
  raw_list<std::uint32_t> flow_of_;  // of the flows of all copies, where those over the same links are one
  flows flows_;                      // where few flows use few links, and where it matters who queues
  queues queues_;
  traffic_sum turn_;
  std::vector<std::vector<std::uint32_t>> turns_;  // messages that are under way together
};

}  // namespace colossus::detail
