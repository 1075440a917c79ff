// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/table.hpp>
#include <colossus/bench/topology_text.hpp>

namespace colossus::bench {

/// nccl-tests' table for prices: one time, in place or not; energy, and what limits it in place of #wrong. A line of
/// its own says how the rows below it were priced.
class simulated_table {
 public:
  explicit simulated_table(std::ostream& out) : out_{&out} {}

  void head() {
    *out_ << "#\n"
          << detail::format("#%10s%12s%6s%6s%5s%9s%8s%8s%6s%8s %-11s%s\n", "size", "count", "type", "redop", "root",
                            "time", "algbw", "busbw", "%sol", "energy", "limit", "algorithm")
          << detail::format("#%10s%12s%17s%9s%8s%8s", "(B)", "(elements)", "", "(us)", "(GB/s)", "(GB/s)") << std::endl;
    how_.clear();
  }

  void end() const { out_->flush(); }

  void add(const row& r) {
    if (const std::string how = pricing_text(r); how != std::exchange(how_, how)) *out_ << "# " << how << '\n';
    *out_ << detail::format("%11lld%12lld%6s%6s%5lld", static_cast<long long>(r.bytes.value_or(0)),
                            static_cast<long long>(r.count.value_or(0)), r.dtype.c_str(),
                            r.redop.empty() ? "none" : r.redop.c_str(), static_cast<long long>(r.root.value_or(-1)))
          << detail::figure(r.time_us, 9) << detail::figure(r.algbw_GBps, 8) << detail::figure(r.busbw_GBps, 8)
          << detail::share_of_light(r) << detail::format("%8s %-11s", energy_text(r).c_str(), r.limit.c_str())
          << r.algorithm << '\n';
  }

 private:
  /// Such as "routing ecmp, 4 queue pairs, median of 16 draws; cost model max_min".
  static std::string pricing_text(const row& r) {
    std::string text = "routing " + r.routing;
    if (r.queue_pairs) text += ", " + to_text(*r.queue_pairs) + (r.queue_pairs == 1 ? " queue pair" : " queue pairs");
    if (r.iters.value_or(1) > 1) text += ", median of " + to_text(*r.iters) + " draws";
    return text + "; cost model " + r.cost_model;
  }
  static std::string energy_text(const row& r) { return r.energy_J ? scaled(*r.energy_J, "J") : "-"; }

  std::ostream* out_;
  std::string how_;
};

}  // namespace colossus::bench
