// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/host_pair_rank.hpp>
#include <colossus/bench/system_memory.hpp>

#include <map>
#include <mutex>

namespace colossus::bench {

/// The ranks of a team of threads or of MPI processes while they meet each other, round by round.
template <class Team>
class host_pairs {
 public:
  using member = typename Team::member;
  using pair_rank = detail::host_pair_rank<member>;

  host_pairs(Team& team, std::int64_t bytes, const options& o) : team_{&team} {
    const std::int64_t room = std::max(bytes, pair_rank::small_bytes);
    expect_memory(2.0 * static_cast<double>(room) * team.ranks_here());
    std::mutex one_by_one;
    team.each([&](member& m) {
      const std::lock_guard lock{one_by_one};
      const rank_t rank = m.comm->rank();
      m.in.reserve(room), m.out.reserve(room);
      players_.try_emplace(rank, m, team.end(rank), bytes, o);
    });
  }

  /// Lets all pairs of a round meet at once. The pairs that ranks of this process tell of: the lower rank of each does.
  std::vector<named_pair> meet(const pair_plan& plan, int round) {
    each([&](pair_rank& p, rank_t rank) { p.begin(round, plan.partner(round, rank)); });
    each([](pair_rank& p, rank_t) { p.time_both_ways(); });
    each([](pair_rank& p, rank_t) { p.time_there_and_back(); });
    each([](pair_rank& p, rank_t) { p.end(); });
    std::vector<named_pair> mine;
    for (const auto& [rank, p] : players_)
      if (p.meets() && p.serves()) mine.push_back(p.found());
    return mine;
  }

  /// The ranks of this process.
  std::vector<named_rank> ends() const {
    std::vector<named_rank> mine;
    for (const auto& [rank, p] : players_) mine.push_back({rank, team_->end(rank)});
    return mine;
  }

 private:
  /// On all ranks at once, none of which begins before all have ended what was before.
  template <class F>
  void each(F&& f) {
    team_->any(false);
    team_->each([&](member& m) { f(players_.at(m.comm->rank()), m.comm->rank()); });
  }

  Team* team_;
  std::map<rank_t, pair_rank> players_;
};

}  // namespace colossus::bench
