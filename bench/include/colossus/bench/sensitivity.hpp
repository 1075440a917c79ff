// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/priced_operation.hpp>
#include <colossus/bench/retuned.hpp>
#include <colossus/bench/simulated_table.hpp>

namespace colossus::bench {

/// How the time of a row answers to the speed of one class of links or switches, schedule and routes held as they are.
struct response {
  std::string of;
  double bandwidth = 0;  ///< elasticity: percent of time for one percent of bandwidth, between 1/1.1 and 1.1 of it
  double latency = 0;    ///< the same for latency
  double doubled = 1;    ///< time over time with twice the bandwidth
  double halved = 1;     ///< time over time with half the latency
};

/// The time of every row of `operations` on `s` with one speed of class `of` times `factor`. `keep` gets the rows.
template <class Keep>
std::vector<double> retimed(const scene& s, std::span<const priced_operation> operations, const speed_class& of,
                            aspect what, double factor, Keep&& keep) {
  const std::string change = of.name + " " + std::string{to_string(what)} + "=x" + brief(factor);
  const scene other =
      std::visit([&](const auto& fabric) { return changed(s, retuned(fabric, of.index, what, factor), change); },
                 s.machine->fabric);
  std::vector<double> us;
  for (const priced_operation& o : operations)
    for (auto& of_way : o.on(other))
      for (priced_row& r : of_way) us.push_back(r.figures.time_us.value_or(0)), keep(r.figures);
  return us;
}

/// The responses of every row of `operations`, by row and class. What only differs by latencies and bytes over
/// bandwidths grows as they all do together, so that elasticities of latency less those of bandwidth add up to 1
/// (Euler). One by one they may be negative where lanes share links: who is late may meet fewer others (Graham, Bounds
/// on Multiprocessing Timing Anomalies, 1969). `tell(done, of, class)` hears of progress.
template <class Keep, class Tell>
std::vector<std::vector<response>> responses(const scene& s, std::span<const priced_operation> operations, Keep&& keep,
                                             Tell&& tell) {
  constexpr double step = 1.1;
  std::vector<double> before;
  for (const priced_operation& o : operations)
    for (const auto& of_way : o.rows)
      for (const priced_row& r : of_way) before.push_back(r.figures.time_us.value_or(0));
  std::vector<std::vector<response>> found(before.size());
  const auto classes = std::visit([](const auto& fabric) { return speed_classes(fabric); }, s.machine->fabric);
  for (const speed_class& of : classes) {
    tell(static_cast<std::size_t>(&of - classes.data()), classes.size(), of.name);
    for (auto& row : found) row.push_back({of.name});
    for (const aspect what : {aspect::latency, aspect::bandwidth}) {
      if (what == aspect::bandwidth && !of.has_bandwidth) continue;
      const bool delays = what == aspect::latency;
      const auto more = retimed(s, operations, of, what, step, keep),
                 less = retimed(s, operations, of, what, 1 / step, keep),
                 better = retimed(s, operations, of, what, delays ? 0.5 : 2, keep);
      for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] <= 0) continue;  // one rank
        response& r = found[i].back();
        (delays ? r.latency : r.bandwidth) = std::log(more[i] / less[i]) / (2 * std::log(step));
        (delays ? r.halved : r.doubled) = better[i] / before[i];
      }
    }
  }
  return found;
}

/// The responses of one row in words; what answers by less than 0.5% to 100% is left out.
inline std::vector<std::string> lines_of(const row& r, std::span<const response> found) {
  std::vector<std::string> lines{row_text(r)};
  const auto part = [](double elasticity, double ratio) {
    return std::abs(elasticity) < 0.005 && std::abs(ratio - 1) < 0.005
               ? detail::format("%22s", "-")
               : detail::format("%+12.3f%9.3fx", elasticity, ratio);
  };
  for (const response& f : found) {
    const std::string text = part(f.bandwidth, f.doubled) + part(f.latency, f.halved);
    if (text.find('x') != std::string::npos) lines.push_back(detail::format("  %-22s", f.of.c_str()) + text);
  }
  return lines;
}

inline std::vector<std::string> head_of_responses() {
  return {"sensitivity: percent of time for one percent more of each, from 1/1.1 to 1.1 of it; and the time",
          "with twice the bandwidth or half the latency, over the time now. Schedules stay as they are.",
          "Slower parts, sooner done: lanes a level apart then meet less on their links, in events as well.",
          detail::format("  %-22s%22s%22s", "", "bandwidth     doubled", "latency      halved")};
}

}  // namespace colossus::bench
