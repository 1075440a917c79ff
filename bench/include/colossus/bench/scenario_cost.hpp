// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/simulated_table.hpp>

#include <map>
#include <tuple>

namespace colossus::bench {

/// What each variation of a machine costs: the time in a scenario over that in the first scenario of the same
/// operation, over all sizes.
class scenario_cost {
 public:
  void add(const row& r) {
    if (!r.time_us || *r.time_us <= 0) return;
    const auto [entry, is_new] = first_.try_emplace(operation_of(r), scenario_time{r.scenario, *r.time_us});
    const scenario_time& first = entry->second;
    if (is_new || first.scenario == r.scenario) return;
    const double ratio = *r.time_us / first.us;
    const auto at = std::ranges::find_if(costs_, [&](const cost& c) { return c.is_of(r, first.scenario); });
    if (at == costs_.end()) costs_.push_back({r, first.scenario, ratio, ratio, *r.bytes});
    else if (ratio > at->most) at->most = ratio, at->bytes = *r.bytes;
    else at->least = std::min(at->least, ratio);
  }

  /// Lines of at most 100 columns for all but long names; none where there was one scenario.
  std::vector<std::string> lines() const {
    std::vector<std::string> text;
    std::string about;
    for (const cost& c : costs_) {
      std::string title = c.what.topology + ", " + with_commas(c.what.ranks.value_or(0)) +
                          " ranks: " + c.what.scenario + " against " + c.against;
      if (title != about) {
        text.push_back(about = std::move(title));
        text.push_back("   least      most  most at  routing        algorithm");
      }
      const std::string routing =
          c.what.routing + (c.what.queue_pairs ? " " + to_text(*c.what.queue_pairs) + " QP" : "");
      text.push_back(detail::format("%7.3fx%9.3fx%9s  %-15s", c.least, c.most, bytes_for_people(c.bytes).c_str(),
                                    routing.c_str()) +
                     c.what.algorithm + (c.what.cost_model == "max_min" ? "" : " (" + c.what.cost_model + ")"));
    }
    return text;
  }

 private:
  using way = std::tuple<std::string, integer, std::string, std::string, integer, std::string, std::string>;
  using operation = std::tuple<way, std::string, integer, integer>;
  struct scenario_time {
    std::string scenario;
    double us;
  };
  struct cost {
    row what;
    std::string against;
    double least, most;
    std::int64_t bytes;
    bool is_of(const row& r, const std::string& first) const {
      return what.scenario == r.scenario && against == first && way_of(what) == way_of(r);
    }
  };

  static way way_of(const row& r) {
    return {r.topology, r.ranks, r.placement, r.routing, r.queue_pairs, r.cost_model, r.algorithm};
  }
  static operation operation_of(const row& r) { return {way_of(r), r.dtype, r.root, r.bytes}; }

  std::map<operation, scenario_time> first_;
  std::vector<cost> costs_;
};

}  // namespace colossus::bench
