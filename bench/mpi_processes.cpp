// SPDX-License-Identifier: Apache-2.0
// A module beside the programs: the processes of a run by MPI, for programs that start where no MPI is installed.
#include <colossus/bench/processes_abi.hpp>

#include <mpi.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

using colossus::bench::mpi_processes;
using clock = std::chrono::steady_clock;

constexpr int abort_tag = 1, here_tag = 2;
MPI_Comm world = MPI_COMM_NULL;
int world_rank = 0, world_size = 1;
bool begun_here = false;

clock::time_point after(long milliseconds) { return clock::now() + std::chrono::milliseconds{milliseconds}; }
void pause() { std::this_thread::sleep_for(std::chrono::microseconds{50}); }

int say(int result, const std::string& text, char* why, int why_bytes) {
  std::snprintf(why, static_cast<std::size_t>(why_bytes), "%s", text.c_str());
  return result;
}

int check(int code, const char* what, char* why, int why_bytes) {
  if (code == MPI_SUCCESS) return mpi_processes::done;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  return say(mpi_processes::failed, std::string{"MPI could not "} + what + ": " + text, why, why_bytes);
}

int begin(int* rank, int* size, char* why, int why_bytes) {
  int ready = 0, provided = 0;
  MPI_Initialized(&ready);
  if (ready == 0) MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  begun_here = ready == 0;
  if (const int bad = check(MPI_Comm_dup(MPI_COMM_WORLD, &world), "begin", why, why_bytes); bad != 0) return bad;
  MPI_Comm_set_errhandler(world, MPI_ERRORS_RETURN);
  MPI_Comm_rank(world, &world_rank);
  MPI_Comm_size(world, &world_size);
  *rank = world_rank;
  *size = world_size;
  return mpi_processes::done;
}

/// The reason for which another process ended the run, once it has come.
bool ended_by_another(std::string& reason) {
  int there = 0, bytes = 0;
  MPI_Status status{};
  MPI_Iprobe(MPI_ANY_SOURCE, abort_tag, world, &there, &status);
  if (there == 0) return false;
  MPI_Get_count(&status, MPI_CHAR, &bytes);
  reason.resize(static_cast<std::size_t>(bytes));
  MPI_Recv(reason.data(), bytes, MPI_CHAR, status.MPI_SOURCE, abort_tag, world, MPI_STATUS_IGNORE);
  return true;
}

int all_gather(const void* mine, void* all, long bytes, long milliseconds, char* why, int why_bytes) {
  MPI_Request request = MPI_REQUEST_NULL;
  const int count = static_cast<int>(bytes);
  const int code = MPI_Iallgather(mine, count, MPI_BYTE, all, count, MPI_BYTE, world, &request);
  if (const int bad = check(code, "gather", why, why_bytes); bad != 0) return bad;
  const auto until = after(milliseconds);
  for (;;) {
    int ended = 0;
    std::string reason;
    if (const int bad = check(MPI_Test(&request, &ended, MPI_STATUS_IGNORE), "gather", why, why_bytes); bad != 0)
      return bad;
    if (ended != 0) return mpi_processes::done;
    if (ended_by_another(reason)) return say(mpi_processes::ended, reason, why, why_bytes);
    if (clock::now() > until) return mpi_processes::late;
    pause();
  }
}

void roll_call(unsigned char* here, long milliseconds) {
  const auto until = after(milliseconds);
  if (world_rank != 0) {
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Isend(nullptr, 0, MPI_BYTE, 0, here_tag, world, &request);
    for (int ended = 0; ended == 0 && clock::now() < until; pause()) MPI_Test(&request, &ended, MPI_STATUS_IGNORE);
    return;
  }
  here[0] = 1;
  for (; clock::now() < until; pause()) {
    int there = 0;
    MPI_Status status{};
    MPI_Iprobe(MPI_ANY_SOURCE, here_tag, world, &there, &status);
    if (there == 0) continue;
    MPI_Recv(nullptr, 0, MPI_BYTE, status.MPI_SOURCE, here_tag, world, MPI_STATUS_IGNORE);
    here[status.MPI_SOURCE] = 1;
  }
}

void abort_all(const char* why) {
  std::vector<MPI_Request> requests;
  for (int rank = 0; rank < world_size; ++rank)
    if (rank != world_rank)
      MPI_Isend(why, static_cast<int>(std::strlen(why)), MPI_CHAR, rank, abort_tag, world, &requests.emplace_back());
  const auto until = after(500);
  for (int ended = 0; ended == 0 && clock::now() < until; pause())
    MPI_Testall(static_cast<int>(requests.size()), requests.data(), &ended, MPI_STATUSES_IGNORE);
}

void end() {
  MPI_Comm_free(&world);
  if (begun_here) MPI_Finalize();
}

constexpr mpi_processes functions{begin, all_gather, roll_call, abort_all, end};

}  // namespace

extern "C" const mpi_processes* colossus_mpi_processes_1() { return &functions; }
