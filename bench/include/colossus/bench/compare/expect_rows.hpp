// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/expectation.hpp>

#include <tuple>

namespace colossus::bench::compare {

/// Finds what rows of another file expect: those that differ in no column of the key that both fill, but for where the
/// figure comes from. Of several the fastest stands for all.
class row_matcher {
 public:
  explicit row_matcher(std::span<const row> rows) : known_{configurations_of(rows)} {
    for (const asked& each : known_)
      if (each.trouble().empty()) by_size_[size_of(each.of)].push_back(&each.of);
  }

  answer operator()(const asked& of) const {
    answer a{&of, {}, of.trouble()};
    const auto found = by_size_.find(size_of(of.of));
    if (!a.why_not.empty() || found == by_size_.end()) {
      if (a.why_not.empty()) a.why_not = "no such row is expected";
      return a;
    }
    const row* best = nullptr;
    for (const row* each : found->second)
      if (fits(of.of, *each) && (!best || each->time_us < best->time_us)) best = each;
    if (best) a.expected = *best;
    else a.why_not = "no such row is expected";
    return a;
  }

  /// True where every row that is expected is a price without software.
  bool is_bound() const {
    return std::all_of(known_.begin(), known_.end(), [](const asked& each) { return each.of.profile == "none"; });
  }

 private:
  using size = std::tuple<std::string, integer, integer>;
  static size size_of(const row& r) { return {r.collective, r.bytes, r.ranks}; }

  static bool fits(const row& of, const row& with) {
    for (const column& c : columns) {
      if (!c.key || is_provenance(c.name)) continue;
      std::string mine = text_of(of, c), theirs = text_of(with, c);
      if (c.name == "algorithm") {
        mine = our_name(mine), theirs = our_name(theirs);
        if (is_any(mine)) continue;
      }
      if (!mine.empty() && !theirs.empty() && mine != theirs) return false;
    }
    return true;
  }
  /// NCCL's own choice, or that of whom it was not said.
  static bool is_any(const std::string& algorithm) { return algorithm.empty() || algorithm == "nccl"; }

  std::vector<asked> known_;
  std::map<size, std::vector<const row*>> by_size_;
};

}  // namespace colossus::bench::compare
