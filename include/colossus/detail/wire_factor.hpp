// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/crew.hpp>
#include <colossus/detail/edges.hpp>
#include <colossus/detail/outline.hpp>

#include <algorithm>
#include <numeric>

namespace colossus::detail {

/// Share of the whole that the busiest rank sends, all lanes together; `told` are the messages of each pattern between
/// ranks that `level` tells apart, or all. Lanes that do not go in step are told by the first.
inline double wire_factor(const outline& what, const crew& use, const fold& level, std::span<const edges> told,
                          bool in_step) {
  std::vector<double> sent(static_cast<std::size_t>(use.ranks() / level.order()), 0);
  for (const phase& phase : what.phases) {
    const double often = phase.period != 0 ? 1.0 : static_cast<double>(phase.rounds) * phase.stretch;
    const edges& e = told[phase.pattern];
    if (!e.shift.none())
      for (double& of_rank : sent) of_rank += what.share(e.messages.front()) * often;
    else e.for_each_sender([&](std::size_t from, const message& m) { sent[from] += what.share(m) * often; });
  }
  const bool rails = level.none() || level.digits().front().stride > 1;
  if (use.rotation > 1 && in_step && rails && use.root != crew::no_root) {
    std::vector<double> of_all(sent.size(), 0);
    for (int lane = 0; lane < use.lanes; ++lane)
      for (rank_t rank = 0; rank < use.ranks(); ++rank)
        of_all[static_cast<std::size_t>(use.actor(rank, lane))] += sent[static_cast<std::size_t>(rank)] / use.lanes;
    sent.swap(of_all);
  } else if (use.rotation > 1 && in_step && rails) {  // lanes take turns at the places of a node
    for (auto node = sent.begin(); node != sent.end(); node += use.rotation)
      std::fill_n(node, use.rotation, std::accumulate(node, node + use.rotation, 0.0) / use.rotation);
  }
  return *std::ranges::max_element(sent);
}

}  // namespace colossus::detail
