// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launches.hpp>
#include <colossus/bench/measured_main.hpp>
#include <colossus/bench/mpi_team.hpp>
#include <colossus/bench/pairs_main.hpp>
#include <colossus/bench/program.hpp>

namespace colossus::bench {
namespace detail {

/// MPI from beginning to end of a scope, and this process's place in it.
class mpi_scope {
 public:
  mpi_scope(int* argc, char*** argv) {
    int provided = 0;
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  mpi_scope(const mpi_scope&) = delete;
  mpi_scope& operator=(const mpi_scope&) = delete;
  ~mpi_scope() { MPI_Finalize(); }
  int rank() const { return rank_; }
  int size() const { return size_; }

 private:
  int rank_ = 0, size_ = 1;
};

/// All processes think that they are rank 0 where a launcher started many and MPI knows of one only.
inline void expect_launcher_agrees(int size) {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"})
    if (const char* const text = std::getenv(name)) {
      const int launched = to_number<int>(std::string_view{text}).value_or(size);
      if (launched > size && size == 1)
        throw error{std::string{name} + " says " + text +
                        " processes, and MPI knows of 1: use the launcher of the MPI that this was built with (srun "
                        "--mpi=pmix)",
                    failure::unavailable};
      return;
    }
}

/// An error that all ranks meet is said once, by rank 0; any other by the rank that met it, which takes the others
/// along.
inline int end_mpi(const mpi_scope& mpi) {
  const ending e = ending_of_error();
  if (e.status != static_cast<int>(failure::broke)) {
    if (mpi.rank() == 0) say_line(std::string{program_of(tool::mpi)} + ": " + e.line);
    return e.status;
  }
  say_line("[" + std::to_string(mpi.rank()) + " " + host_name() + "] " + std::string{program_of(tool::mpi)} + ": " +
           e.line);
  MPI_Abort(MPI_COMM_WORLD, e.status);
  return e.status;
}

}  // namespace detail

/// The main program of colossus-mpi for the algorithms of `List`: every rank is a process that mpirun or srun started.
template <class List>
int mpi_main(int argc, char** argv) {
  if (asks_for_launches(argc, argv)) return launches_main(argc, argv, tool::mpi, catalogue{List{}});
  const detail::mpi_scope mpi{&argc, &argv};
  try {
    detail::expect_launcher_agrees(mpi.size());
    std::ostream nowhere{nullptr};
    const auto o = parse_command_line(argc, argv, tool::mpi, catalogue{List{}}, mpi.rank() == 0 ? std::cout : nowhere);
    if (!o) return 0;
    catch_interrupts();
    mpi_team team{std::chrono::milliseconds{static_cast<std::int64_t>(o->deadline_s * 1e3)}};
    if (!o->pairs.empty()) return measure_every_pair(team, *o, tool::mpi);
    return run_measured<List>(team, *o, tool::mpi);
  } catch (...) {
    return detail::end_mpi(mpi);
  }
}

}  // namespace colossus::bench
