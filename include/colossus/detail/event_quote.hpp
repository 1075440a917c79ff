// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/data_flow.hpp>
#include <colossus/detail/quote.hpp>
#include <colossus/detail/survey.hpp>
#include <colossus/detail/time_order.hpp>

#include <optional>

namespace colossus::detail {

/// Steps (a rank, a round, a lane) that discrete events follow: some ten seconds' work, or a minute's where they share
/// links.
inline constexpr double most_free_steps = 1e9, most_shared_steps = 1e8;

/// A schedule on a machine under one draw of routes, event by event: in order of data where nothing contends, else in
/// order of time.
class event_pricing {
 public:
  event_pricing(const script& s, wiring& machine, std::span<const gpu_t> placement)
      : script_{s}, machine_{machine}, placement_{placement} {
    expect_feasible(most_free_steps, "");
    load_.emplace(s, machine, placement);
    if (load_->contends()) expect_feasible(most_shared_steps, " that share links");
  }

  double seconds(double bytes, const delays& waits, const message_watch& watch = {}) {
    if (load_->contends()) return time_order<sharing::max_min>{script_, machine_, placement_, watch}(bytes, waits);
    data_flow flow{script_, machine_, placement_, watch};
    const double end = flow(bytes, waits);
    tallied.messages += flow.messages();
    return end;
  }

  /// What set the time, and how busy each kind of link was.
  void explain(price& p, double bytes) const {
    std::vector<double> links(machine_.kinds().size(), 0);
    p.utilisation.assign(links.size(), 0);
    double most = 0;
    link_t busiest = 0;
    for (link_t link = 0; link < machine_.links(); ++link) {
      const double busy = load_->seconds(link) * bytes;
      if (busy <= 0) continue;
      p.utilisation[machine_.kind(link)] += busy / p.seconds;
      ++links[machine_.kind(link)];
      if (busy > most * (1 + 1e-9)) most = busy, busiest = link;
    }
    for (std::size_t kind = 0; kind < links.size(); ++kind)
      if (links[kind] > 0) p.utilisation[kind] /= links[kind];
    const bool by_bandwidth = most > 0 && most >= 0.5 * p.seconds;
    p.limit = by_bandwidth ? machine_.kinds()[machine_.kind(busiest)] : "latency";
    p.limit_link = by_bandwidth ? machine_.link_name(busiest) : "";
    p.wire_factor = load_->most_sent();
  }

 private:
  void expect_feasible(double most, const std::string& which) const {
    const double steps = 1.0 * script_.ranks() * script_.lanes() * static_cast<double>(script_.rounds());
    if (steps <= most) return;
    const auto millions = [](double n) { return std::to_string(static_cast<std::int64_t>(n / 1e6)) + " million"; };
    throw error{"discrete events: " + millions(steps) + " steps" + which + ", expected at most " + millions(most) +
                ": choose fewer ranks, an algorithm of fewer rounds, or --cost-model max_min"};
  }

  const script& script_;
  wiring& machine_;
  std::span<const gpu_t> placement_;
  std::optional<survey> load_;
};

/// One price a request under each of the options, prices[option][request], by discrete events. Requests are followed
/// one by one: nothing is taken from one size for another.
template <class Collective, class Requests, topology T>
std::vector<std::vector<price>> quote_events(const Requests& requests, const T& machine, placements groups,
                                             std::span<const simulate_options> options) {
  std::vector<gpu_t> placement;
  for (const auto& group : groups) placement.insert(placement.end(), group.begin(), group.end());
  std::vector prices(options.size(), std::vector<price>(requests.size()));
  for (std::size_t option = 0; option < options.size(); ++option) {
    const simulate_options& asked = options[option];
    expects(asked.packets.queue_packets == 0, "discrete events: waits in queues (queue_packets) are not modelled");
    const delays waits{asked.disturbed, static_cast<rank_t>(placement.size())};
    for (int draw = 0; draw < (asked.routing.kind == routing::ecmp ? asked.routing.seeds : 1); ++draw) {
      wiring wires{machine, asked.routing, asked.routing.seed + static_cast<std::uint64_t>(draw), asked.packets};
      std::optional<script> what;
      std::optional<event_pricing> events;
      for (std::size_t i = 0; i < requests.size(); ++i) {
        if (i == 0 || !same(requests[i - 1].schedule, requests[i].schedule)) {
          what.emplace(requests[i].schedule, static_cast<rank_t>(groups.size()));
          events.emplace(*what, wires, placement);
        }
        const double bytes = copies<Collective>() * static_cast<double>(requests[i].bytes);
        price& p = prices[option][i];
        p.draws.push_back(events->seconds(bytes, waits));
        p.seconds = median(p.draws);
        p.kind = "events";
        if (draw != 0) continue;
        events->explain(p, bytes);
        p.wire_factor *= copies<Collective>();
        p.lanes = what->lanes();
        p.chunk_bytes = static_cast<std::int64_t>(std::ceil(bytes / requests[i].schedule.blocks()));
      }
    }
  }
  return prices;
}

}  // namespace colossus::detail
