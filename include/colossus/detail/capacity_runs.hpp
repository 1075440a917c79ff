// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <vector>

namespace colossus::detail {

/// Links with consecutive numbers, up to `end`, that carry the same, in bytes/s.
struct capacity_run {
  link_t end;
  double bytes_per_s;
};

/// What all links carry, in few runs where neighbours are alike: far less to read than a number for each.
template <class Capacity>
std::vector<capacity_run> capacity_runs(link_t links, Capacity&& capacity) {
  std::vector<capacity_run> runs;
  for (link_t link = 0; link < links; ++link)
    if (const double bytes_per_s = capacity(link); runs.empty() || runs.back().bytes_per_s != bytes_per_s)
      runs.push_back({link + 1, bytes_per_s});
    else runs.back().end = link + 1;
  return runs;
}

}  // namespace colossus::detail
