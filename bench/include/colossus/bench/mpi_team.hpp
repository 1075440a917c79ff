// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/host_runs.hpp>
#include <colossus/transports/mpi.hpp>

#include <set>
#include <vector>

namespace colossus::bench {

/// Ranks that are MPI processes: each has a team object of its own, and all call the same members in the same order.
class mpi_team {
 public:
  using comm = transports::mpi;
  using member = participant<comm>;
  using runs = host_runs<mpi_team>;

  explicit mpi_team(std::chrono::milliseconds deadline)
      : comm_{MPI_COMM_WORLD, {.deadline = deadline}}, member_{comm_} {
    find_hosts();
  }

  rank_t ranks() const { return comm_.size(); }
  rank_t nodes() const { return static_cast<rank_t>(std::set<std::string>{hosts_.begin(), hosts_.end()}.size()); }
  rank_t ranks_here() const {
    return static_cast<rank_t>(std::count(hosts_.begin(), hosts_.end(), host(comm_.rank())));
  }
  bool speaks() const { return comm_.rank() == 0; }
  const std::string& host(rank_t rank) const { return hosts_[static_cast<std::size_t>(rank)]; }

  /// The hosts in words: the first of them where there are many.
  std::string hosts() const {
    return host(0) + (nodes() > 1 ? " and " + std::to_string(nodes() - 1) + " more hosts" : "");
  }

  /// True on all ranks where it is on one.
  bool any(bool here) const {
    int found = here ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &found, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return found != 0;
  }

  /// Calls `f`, which may throw on one rank: then all ranks throw, and only that one has something to say.
  template <class F>
  void together(F&& f) {
    std::exception_ptr thrown;
    try {
      f();
    } catch (const std::exception&) {
      thrown = std::current_exception();
    }
    if (!any(thrown != nullptr)) return;
    if (thrown) std::rethrow_exception(thrown);
    throw error{"another rank could not begin"};
  }

  template <class F>
  void each(F&& f) {
    f(member_);
  }

  /// The same between a barrier and the clock: the seconds that the slowest rank took, and which one it was.
  template <class F>
  slowest_rank timed(F&& f) {
    MPI_Barrier(MPI_COMM_WORLD);
    struct {
      double seconds;
      int rank;
    } slowest{seconds_of([&] { f(member_); }), comm_.rank()};
    MPI_Allreduce(MPI_IN_PLACE, &slowest, 1, MPI_DOUBLE_INT, MPI_MAXLOC, MPI_COMM_WORLD);
    return {slowest.seconds, slowest.rank};
  }

  /// The sum over ranks of what `f(member)` counts.
  template <class F>
  std::int64_t total(F&& f) {
    std::int64_t sum = f(member_);
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
    return sum;
  }

 private:
  /// Every rank learns the hosts of all: 64 bytes each.
  void find_hosts() {
    std::array<char, 64> mine{};
    const std::string name = host_name();
    std::copy_n(name.begin(), std::min(name.size(), mine.size() - 1), mine.begin());
    std::vector<std::array<char, 64>> all(static_cast<std::size_t>(comm_.size()));
    MPI_Allgather(mine.data(), 64, MPI_CHAR, all.data(), 64, MPI_CHAR, MPI_COMM_WORLD);
    for (const auto& one : all) hosts_.emplace_back(one.data());
  }

  comm comm_;
  member member_;
  std::vector<std::string> hosts_;
};

}  // namespace colossus::bench
