// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/expect_whole_world.hpp>
#include <colossus/bench/processes_over_mpi.hpp>
#include <colossus/bench/rendezvous.hpp>

namespace colossus::bench {

struct join_options {
  std::string id_file{};    ///< a path that all hosts share; empty: none
  bool standalone = false;  ///< each process by itself, whatever started it
  std::chrono::milliseconds deadline{30'000};
};

namespace detail {

inline std::unique_ptr<process_group> join_by_mpi(const launch& l, const join_options& o) {
  std::string why;
  if (const mpi_processes* const functions = load_mpi_processes(why)) {
    auto all = std::make_unique<processes_over_mpi>(*functions, o.deadline);
    expect_whole_world(l, all->size(), o.standalone);
    return all;
  }
  if (!l.address.empty() && l.size > 0) return meet_at_address(l, o.deadline);
  throw error{l.launcher + " started this, and MPI cannot be opened (" + why + "): name a path that all hosts share (" +
                  "--id-file PATH), or set MASTER_ADDR to the host of rank 0",
              failure::unavailable};
}

}  // namespace detail

/// The processes that the launcher started together with this one. They find each other through the file if one is
/// named, else through MPI if its launcher started them, else at the address that the launcher tells. Throws (broke) at
/// the deadline and names who is missing; (unavailable) where there is no way to find them.
inline std::unique_ptr<process_group> join(const launch& l, const join_options& o) {
  if (!o.id_file.empty() && !o.standalone && (!l.launched() || l.size < 1))
    throw error{"--id-file: expected RANK and WORLD_SIZE in the environment, found none: set both for each process"};
  if (o.standalone || l.size == 1) return std::make_unique<alone>();
  if (!o.id_file.empty()) return meet_by_file(l, o.id_file, o.deadline);
  if (l.mpi) return detail::join_by_mpi(l, o);
  if (!l.address.empty()) return meet_at_address(l, o.deadline);
  throw error{l.launcher + " started " + std::to_string(l.size) + " processes and says not where rank 0 is: set " +
                  "MASTER_ADDR to its host, or name a path that all hosts share (--id-file PATH)",
              failure::unavailable};
}

/// The place of this process among those of its host, where the launcher did not tell. Called by all.
inline void find_local_place(launch& l, process_group& all) {
  l.rank = all.rank();
  l.size = all.size();
  if (!any(all, l.local_rank < 0 || l.local_size < 0)) return;
  const std::vector<std::string> hosts = gather_text(all, host_name());
  const auto mine = hosts.begin() + all.rank();
  if (l.local_rank < 0) l.local_rank = static_cast<int>(std::count(hosts.begin(), mine, *mine));
  if (l.local_size < 0) l.local_size = static_cast<int>(std::count(hosts.begin(), hosts.end(), *mine));
}

}  // namespace colossus::bench
