// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/pricing.hpp>
#include <colossus/bench/table.hpp>

namespace colossus::bench {

/// An operation that was priced on a scene, and can be priced again on one that differs from it.
struct priced_operation {
  priced_algorithm what;
  row common;  ///< of all its rows
  std::int64_t type_size = 1;
  std::vector<std::int64_t> counts;
  std::span<const pricing> ways;
  std::vector<std::vector<priced_row>> rows{};  ///< by way of pricing and size

  /// Its rows on scene `s`, by way of pricing and size.
  std::vector<std::vector<priced_row>> on(const scene& s) const {
    row there = common;
    describe_scene(there, s);
    return priced_rows(there, s, what, type_size, counts, ways);
  }
};

/// Scene `s` with another fabric, which differs from its own by what `change` says (k=v).
template <class Fabric>
scene changed(const scene& s, Fabric fabric, const std::string& change) {
  scene other = s;
  auto machine = std::make_shared<loaded>(*s.machine);
  machine->fabric = std::move(fabric);
  other.machine = std::move(machine);
  other.scenario += (s.scenario.empty() ? "" : ";") + change;
  return other;
}

/// Such as "1734 us: 1 GiB, ecmp 4 QP, ring", to find a row of the table again.
inline std::string row_text(const row& r) {
  return detail::figure(r.time_us, 0) + " us: " + bytes_for_people(r.bytes.value_or(0)) + ", " + r.routing +
         (r.queue_pairs ? " " + to_text(*r.queue_pairs) + " QP" : "") +
         (r.cost_model == "max_min" ? "" : ", " + r.cost_model) + ", " + r.algorithm;
}

}  // namespace colossus::bench
