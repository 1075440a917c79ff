// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/host_runs.hpp>
#include <colossus/bench/mpi_pairs.hpp>
#include <colossus/bench/pairs.hpp>
#include <colossus/transports/mpi.hpp>

#include <map>
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
  rank_t nodes() const { return nodes_; }
  rank_t ranks_here() const { return ranks_here_; }
  bool speaks() const { return comm_.rank() == 0; }

  /// The host of a rank, which all ranks ask for together: it tells the others, once.
  const std::string& host(rank_t rank) {
    const auto [entry, is_new] = hosts_.try_emplace(rank);
    if (is_new) {
      short_text<64> name{host_name()};
      MPI_Bcast(&name, sizeof name, MPI_BYTE, rank, MPI_COMM_WORLD);
      entry->second = name.view();
    }
    return entry->second;
  }

  /// The hosts in words: the first of them where there are many.
  std::string hosts() const {
    return hosts_.at(0) + (nodes() > 1 ? " and " + std::to_string(nodes() - 1) + " more hosts" : "");
  }

  /// The node of every rank, as a number; all ranks ask together.
  std::vector<int> nodes_of_ranks() const {
    std::vector<int> all(static_cast<std::size_t>(ranks()));
    MPI_Allgather(&first_here_, 1, MPI_INT, all.data(), 1, MPI_INT, MPI_COMM_WORLD);
    return all;
  }
  /// Where a rank of this process sits: its number on its host stands for a device.
  pair_end end(rank_t) const { return {.host = host_name(), .gpu = place_here_, .pci = {}, .is_gpu = false}; }
  mpi_pairs pair_channel() const { return mpi_pairs{MPI_COMM_WORLD}; }

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
  /// Ranks on a host can share memory; a host is known by its lowest rank.
  void find_hosts() {
    MPI_Comm here{};
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, comm_.rank(), MPI_INFO_NULL, &here);
    MPI_Comm_rank(here, &place_here_);
    MPI_Comm_size(here, &ranks_here_);
    first_here_ = comm_.rank();
    MPI_Bcast(&first_here_, 1, MPI_INT, 0, here);
    MPI_Comm_free(&here);
    nodes_ = place_here_ == 0 ? 1 : 0;
    MPI_Allreduce(MPI_IN_PLACE, &nodes_, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    host(0);
  }

  comm comm_;
  member member_;
  std::map<rank_t, std::string> hosts_;  ///< of the ranks that were asked for: few
  int nodes_ = 1, ranks_here_ = 1, place_here_ = 0, first_here_ = 0;
};

}  // namespace colossus::bench
