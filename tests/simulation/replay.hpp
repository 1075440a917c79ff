// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/study.hpp>

#include <map>
#include <vector>

namespace colossus::test {

/// The definition of a schedule's time, rank by rank and round by round, with nothing folded: the oracle of the
/// simulator. `slope(from, to)` is seconds for each byte of a message alone, `latency(from, to)` seconds.
template <schedule S, class Slope, class Latency>
double replay(const S& s, double bytes, Slope slope, Latency latency) {
  std::vector<double> end(static_cast<std::size_t>(s.ranks()), 0), port = end;
  for (round_t round = 0; round < s.rounds(); ++round) {
    const std::vector<double> before = end;
    for (rank_t rank = 0; rank < s.ranks(); ++rank) {
      const transfer out = s.at(rank, round).send;
      if (!out || out.peer == rank) continue;
      const auto from = static_cast<std::size_t>(rank), to = static_cast<std::size_t>(out.peer);
      const double busy = bytes * out.blocks.count / s.blocks() * slope(rank, out.peer);
      port[to] = std::max(port[to] + busy, before[from] + busy + latency(rank, out.peer));
      end[to] = std::max(end[to], port[to]);
      end[from] = std::max(end[from], before[from] + busy);
    }
  }
  return *std::ranges::max_element(end);
}

}  // namespace colossus::test
