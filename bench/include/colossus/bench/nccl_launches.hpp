// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/nccl_timing.hpp>
#include <colossus/bench/row.hpp>
#include <colossus/bench/table.hpp>

#include <string>

namespace colossus::bench {

/// Whether launches, not links, set the time of operations: what a launch costs here, and how many there are.
class nccl_launches {
 public:
  void costs(const nccl_timing::launch_costs& measured) { costs_ = measured; }
  /// Of the operation that is timed next; groups of messages are among the launches.
  void of_operation(int launches, int groups) { launches_ = launches, groups_ = groups; }
  int per_operation() const { return launches_; }

  /// Fills what a row with a time says of launches.
  void conclude(row& r) {
    r.launches_per_op = launches_;
    const bool by_host = r.timing == "back_to_back";
    const auto cost = [by_host](const nccl_timing::launch_cost& one) { return by_host ? one.host_us : one.gpu_us; };
    const double launching = groups_ * cost(costs_.group) + (launches_ - groups_) * cost(costs_.kernel);
    if (++rows_; 2 * launching < *r.time_us) return;
    r.limit = "launches";
    ++limited_;
  }

  std::string costs_in_words() const {
    return detail::format(
        "a kernel takes %.1f us to launch, a group of messages %.1f us; %.1f and %.1f us where they "
        "are enqueued already",
        costs_.kernel.host_us, costs_.group.host_us, costs_.kernel.gpu_us, costs_.group.gpu_us);
  }
  /// Empty where links set the time of all rows.
  std::string limited_in_words() const {
    if (limited_ == 0) return {};
    return "launches, not links, set the time of " + std::to_string(limited_) + " of " + std::to_string(rows_) +
           " rows (column limit of --csv): they take half of it or more";
  }

 private:
  nccl_timing::launch_costs costs_;
  int launches_ = 1, groups_ = 1;
  std::int64_t rows_ = 0, limited_ = 0;
};

}  // namespace colossus::bench
