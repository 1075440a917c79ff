// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/priced_operation.hpp>
#include <colossus/bench/simulated_table.hpp>

#include <map>
#include <tuple>

namespace colossus::bench {

/// What drawn paths cost: the time under ecmp over that under adaptive routing of the same operation, for the median
/// and for the worst draw. Of all sizes that where the median costs most.
class ecmp_cost {
 public:
  void add(const row& r) {
    if (!r.time_us || *r.time_us <= 0) return;
    if (r.routing == "adaptive") adaptive_[operation_of(r)] = *r.time_us;
    if (r.routing == "ecmp")
      drawn_.push_back({operation_of(r), *r.queue_pairs, *r.time_us, r.time_us_max.value_or(*r.time_us)});
  }

  /// Lines of at most 100 columns for all but long names; none where nothing was priced both ways.
  std::vector<std::string> lines() const {
    std::map<std::tuple<std::string, std::string, std::int64_t>, cost> worst;  // by cost model, algorithm, queue pairs
    for (const draw& d : drawn_) {
      const auto even = adaptive_.find(d.what);
      if (even == adaptive_.end()) continue;
      const auto& [model, algorithm, type, root, bytes] = d.what;
      cost& most = worst[{model, algorithm, d.queue_pairs}];
      if (d.median_us / even->second > most.median)
        most = {d.median_us / even->second, d.worst_us / even->second, bytes};
    }
    if (worst.empty()) return {};
    std::vector<std::string> text{"ecmp against adaptive: time over time, at the size where the median draw costs most",
                                  "  median     worst  queue pairs        size  algorithm"};
    for (const auto& [key, c] : worst)
      text.push_back(detail::format("%8.3f%10.3f%13lld%12s  ", c.median, c.worst,
                                    static_cast<long long>(std::get<2>(key)), bytes_for_people(c.bytes).c_str()) +
                     std::get<1>(key) + (std::get<0>(key) == "max_min" ? "" : " (" + std::get<0>(key) + ")"));
    return text;
  }

 private:
  using operation = std::tuple<std::string, std::string, std::string, std::int64_t, std::int64_t>;
  struct draw {
    operation what;
    std::int64_t queue_pairs;
    double median_us, worst_us;
  };
  struct cost {
    double median = 0, worst = 0;
    std::int64_t bytes = 0;
  };

  static operation operation_of(const row& r) {
    return {r.cost_model, r.algorithm, r.dtype, r.root.value_or(-1), r.bytes.value_or(0)};
  }

  std::map<operation, double> adaptive_;
  std::vector<draw> drawn_;
};

/// Notes in the tags of rows under ecmp what their paths cost, where `o` was priced under adaptive routing too.
inline void tag_ecmp_cost(priced_operation& o) {
  const auto adaptive = std::ranges::find(o.ways, "adaptive", &pricing::routing);
  if (adaptive == o.ways.end()) return;
  for (std::size_t way = 0; way < o.ways.size(); ++way)
    for (std::size_t i = 0; i < o.counts.size() && o.ways[way].draws(); ++i) {
      row& r = o.rows[way][i].figures;
      const double even = o.rows[static_cast<std::size_t>(adaptive - o.ways.begin())][i].figures.time_us.value_or(0);
      if (even <= 0) continue;
      r.tags += (r.tags.empty() ? "over_adaptive=" : ";over_adaptive=") + to_text(*r.time_us / even) +
                ";over_adaptive_worst=" + to_text(r.time_us_max.value_or(*r.time_us) / even);
    }
}

}  // namespace colossus::bench
