// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/schedule.hpp>

#include <ostream>

namespace colossus {

/// Writes a schedule as a table, a line for each round: `0>1 b2` is block 2 from rank 0 to rank 1, `+` means reduced
/// there.
///
///   round 0   0>1 b0+   1>2 b1+   2>0 b2+
template <schedule S>
void draw(const S& s, std::ostream& out) {
  for (round_t round = 0; round < s.rounds(); ++round) {
    out << "round " << round;
    for (rank_t rank = 0; rank < s.ranks() + extra_ranks(s); ++rank) {
      const step now = s.at(rank, round);
      if (!now.send) continue;
      out << "   " << rank << '>' << now.send.peer;
      for_each_run(s, now, rank, round, side::send, [&](block_range run) {
        out << " b" << run.first;
        if (run.count > 1) out << '-' << run.first + run.count - 1;
      });
      if (reduces(s.at(now.send.peer, round).arrival)) out << '+';
    }
    out << '\n';
  }
}

}  // namespace colossus
