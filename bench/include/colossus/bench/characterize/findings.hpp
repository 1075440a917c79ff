// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace colossus::bench::characterize {

// What rows say: the best algorithm at each size, where that changes, what ECMP costs. Nothing here knows where rows
// come from.

using row_list = std::vector<const row*>;

/// Which rows: those whose columns are as said; what is not said is left open.
struct question {
  std::string topology, collective = "all_reduce", placement = "packed", routing = "adaptive", scenario = "healthy",
                        algorithm{};
  integer ranks{}, queue_pairs{}, bytes{};

  bool matches(const row& r) const {
    return r.topology == topology && r.collective == collective && r.placement == placement && r.routing == routing &&
           r.scenario == scenario && (algorithm.empty() || r.algorithm == algorithm) && (!ranks || r.ranks == ranks) &&
           (!queue_pairs || r.queue_pairs == queue_pairs) && (!bytes || r.bytes == bytes);
  }
};

inline row_list select(const row_list& rows, const question& q) {
  row_list found;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(found), [&](const row* r) { return q.matches(*r); });
  return found;
}

/// The fastest row at each size, by size. Of equals the first.
inline std::map<std::int64_t, const row*> fastest(const row_list& rows) {
  std::map<std::int64_t, const row*> best;
  for (const row* r : rows)
    if (r->time_us && r->bytes)
      if (const row*& b = best[*r->bytes]; b == nullptr || *r->time_us < *b->time_us) b = r;
  return best;
}

/// The fastest row of one size, or none.
inline const row* fastest_at(const row_list& rows, std::int64_t bytes) {
  const auto best = fastest(rows);
  const auto found = best.find(bytes);
  return found == best.end() ? nullptr : found->second;
}

/// From size `bytes` on, `to` is faster than `from` was before.
struct crossover {
  std::string from, to;
  std::int64_t bytes = 0;
  bool operator==(const crossover&) const = default;
};

/// Where the fastest algorithm changes, in order of sizes.
inline std::vector<crossover> crossovers(const std::map<std::int64_t, const row*>& best) {
  std::vector<crossover> found;
  const row* last = nullptr;
  for (const auto& [bytes, r] : best) {
    if (last != nullptr && last->algorithm != r->algorithm) found.push_back({last->algorithm, r->algorithm, bytes});
    last = r;
  }
  return found;
}

/// The smallest and the largest size at which a change between the two algorithms is among `variants`; nothing where
/// one of them lacks it.
inline std::optional<std::pair<std::int64_t, std::int64_t>> range_of(
    const crossover& c, const std::vector<std::vector<crossover>>& variants) {
  std::pair range{c.bytes, c.bytes};
  for (const auto& variant : variants) {
    const crossover* nearest = nullptr;
    const auto distance = [&](const crossover& o) {
      return std::abs(std::log2(static_cast<double>(o.bytes)) - std::log2(static_cast<double>(c.bytes)));
    };
    for (const crossover& o : variant)
      if (o.from == c.from && o.to == c.to && (nearest == nullptr || distance(o) < distance(*nearest))) nearest = &o;
    if (nearest == nullptr) return std::nullopt;
    range = {std::min(range.first, nearest->bytes), std::max(range.second, nearest->bytes)};
  }
  return range;
}

/// Time that no algorithm can go below over the time taken: 0 to 1.
inline double share_of_light(const row& r) {
  return r.sol_us && r.time_us && *r.time_us > 0 ? *r.sol_us / *r.time_us : 0;
}

/// The bandwidth of the slowest draw, in GB/s.
inline double worst_busbw(const row& r) {
  if (!r.busbw_GBps) return 0;
  return r.time_us_max && *r.time_us_max > 0 ? *r.busbw_GBps * *r.time_us / *r.time_us_max : *r.busbw_GBps;
}

/// The share of the bandwidth that is lost from one row to another of the same size.
inline double loss(const row& from, const row& to) { return 1 - *to.busbw_GBps / *from.busbw_GBps; }

/// Files of one family differ by a number before "su": superpod-ndr-4su is one of superpod-ndr.
inline std::string family(std::string name) {
  if (!name.ends_with("su")) return name;
  const auto dash = name.find_last_not_of("0123456789", name.size() - 3);
  return dash != std::string::npos && name[dash] == '-' && dash + 3 < name.size() ? name.substr(0, dash) : name;
}

}  // namespace colossus::bench::characterize
