// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "machine.hpp"

#include <colossus/detail/apply_faults.hpp>

#include <numeric>

namespace colossus::bench {

/// A machine one in a thousand of whose cables between switches, drawn, are down.
inline topologies::nodes_of<topologies::clos> broken_machine(gpu_t gpus) {
  auto machine = machine_of(gpus);
  for (const topologies::part_class& of : part_classes(machine)) {
    if (of.kind != topologies::part_kind::link) continue;
    std::vector<std::int64_t> all(static_cast<std::size_t>(of.count));
    std::iota(all.begin(), all.end(), 0);
    colossus::detail::draw_some(all, static_cast<std::size_t>((of.count + 999) / 1000), 1);
    for (const std::int64_t link : all) impair(machine, of, link);
  }
  return machine;
}

}  // namespace colossus::bench
