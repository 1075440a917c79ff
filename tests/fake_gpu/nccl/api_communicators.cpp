// SPDX-License-Identifier: Apache-2.0
// NCCL's entry points that make, ask and end communicators.
#include "group.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <random>
#include <thread>

using namespace fake_nccl;

namespace {

constexpr char name_prefix[] = "/fake-nccl-";

/// FAKE_NCCL_LOST=rank:0: that rank never comes.
bool never_comes(int rank) {
  const rank_and_number lost = rank_setting("FAKE_NCCL_LOST");
  return lost.rank == rank && lost.number == 0;
}

void come(ncclComm& comm) {
  rank_state& own = comm.own();
  if (own.present.exchange(1) != 0) stop(comm.who() + " joins its communicator twice: two ranks have the same number");
  own.process = ::getpid();
  own.device = comm.device;
  write_text(own.open, "nothing");
  write_text(own.host, "made its communicator");
  write_text(own.doing, "nothing yet");
  ++comm.shared->joined;
  for (int r = 0; r < comm.size; ++r) ring(comm.shared->ranks[r]);
}

ncclResult_t make(ncclComm_t* out, int size, const ncclUniqueId& id, int rank, bool blocking) {
  if (out == nullptr || size < 1 || rank < 0 || rank >= size)
    return refuse(ncclInvalidArgument, "Invalid rank requested : " + std::to_string(rank) + "/" + std::to_string(size));
  if (size > most_ranks) stop("more than " + std::to_string(most_ranks) + " ranks are not in this fake");
  const std::string name{id.internal, ::strnlen(id.internal, sizeof id.internal)};
  if (!name.starts_with(name_prefix)) stop("the unique id is not this fake's: has another rank loaded the real NCCL?");
  int device = 0;
  if (cudaGetDevice(&device) != cudaSuccess) return refuse(ncclUnhandledCudaError, "cudaGetDevice failed");
  world* shared = open_world(name, size);
  if (shared == nullptr) return refuse(ncclSystemError, "cannot open /dev/shm" + name);
  *out = new ncclComm{shared, name, size, rank, device, blocking};
  remember(*out);
  if (!never_comes(rank)) come(**out);
  return joins(*out);
}

/// The last groups of a communicator that goes must have run; graphs, which it cannot see, must be gone.
void settle(ncclComm& comm) {
  while (!comm.aborted && comm.over < comm.issued) std::this_thread::sleep_for(std::chrono::microseconds{100});
}

/// FAKE_NCCL_ASYNC_ERROR=rank:n: that rank's connection breaks with its n-th group.
bool is_broken(const ncclComm& comm) {
  const rank_and_number broken = rank_setting("FAKE_NCCL_ASYNC_ERROR");
  return broken.rank == comm.rank && comm.submitted >= broken.number;
}

}  // namespace

extern "C" {

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  if (id == nullptr) return ncclInvalidArgument;
  static std::atomic<unsigned> made;
  std::random_device any;
  *id = {};
  std::snprintf(id->internal, sizeof id->internal, "%s%d-%u-%08x", name_prefix, ::getpid(), made++, any());
  return ncclSuccess;
}

ncclResult_t ncclCommInitRank(ncclComm_t* comm, int size, ncclUniqueId id, int rank) {
  return make(comm, size, id, rank, true);
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t* comm, int size, ncclUniqueId id, int rank, ncclConfig_t* config) {
  if (config != nullptr && config->magic != 0xcafebeef)
    return refuse(ncclInvalidArgument, "ncclConfig_t argument not initialized via NCCL_CONFIG_INITIALIZER");
  return make(comm, size, id, rank, config == nullptr || config->blocking != 0);
}

ncclResult_t ncclCommInitAll(ncclComm_t* comms, int devices, const int* list) {
  ncclUniqueId id;
  ncclGetUniqueId(&id);
  int before = 0;
  cudaGetDevice(&before);
  ncclGroupStart();
  ncclResult_t result = ncclSuccess;
  for (int rank = 0; rank < devices && result == ncclSuccess; ++rank) {
    if (cudaSetDevice(list != nullptr ? list[rank] : rank) != cudaSuccess)
      result = refuse(ncclInvalidArgument, "no device for rank " + std::to_string(rank));
    else result = ncclCommInitRank(&comms[rank], devices, id, rank);
  }
  cudaSetDevice(before);
  const ncclResult_t ended = ncclGroupEnd();
  return result == ncclSuccess ? ended : result;
}

ncclResult_t ncclCommFinalize(ncclComm_t comm) {
  if (const auto bad = usable(comm, "ncclCommFinalize")) return bad;
  settle(*comm);
  return ncclSuccess;
}

ncclResult_t ncclCommDestroy(ncclComm_t comm) {
  if (const auto bad = usable(comm, "ncclCommDestroy")) return bad;
  if (group_is_open()) stop(comm->who() + ": ncclCommDestroy inside an open group");
  settle(*comm);
  note(comm, "destroyed its communicator");
  comm->destroyed = true;
  return ncclSuccess;
}

/// Ends whatever the communicator waits for, on the host and on the device.
ncclResult_t ncclCommAbort(ncclComm_t comm) {
  if (const auto bad = usable(comm, "ncclCommAbort"); bad != ncclSuccess && comm == nullptr) return bad;
  comm->aborted = true;
  if (comm->job != nullptr) *comm->job = true;
  comm->own().aborted = 1;
  note(comm, "aborted its communicator");
  ring(comm->own());
  while (comm->state == ncclInProgress) std::this_thread::sleep_for(std::chrono::microseconds{100});
  if (comm->shared->joined < comm->size) remove_name(comm->name);
  comm->destroyed = true;
  return ncclSuccess;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t* error) {
  if (error == nullptr) return ncclInvalidArgument;
  if (const auto bad = usable(comm, "ncclCommGetAsyncError"); bad != ncclSuccess && comm == nullptr) return bad;
  *error = comm->state;
  if (*error == ncclSuccess && is_broken(*comm)) *error = refuse(ncclRemoteError, "a remote process exited");
  return ncclSuccess;
}

ncclResult_t ncclCommCount(const ncclComm_t comm, int* count) {
  if (const auto bad = usable(comm, "ncclCommCount")) return bad;
  *count = comm->size;
  return ncclSuccess;
}

ncclResult_t ncclCommUserRank(const ncclComm_t comm, int* rank) {
  if (const auto bad = usable(comm, "ncclCommUserRank")) return bad;
  *rank = comm->rank;
  return ncclSuccess;
}

ncclResult_t ncclCommCuDevice(const ncclComm_t comm, int* device) {
  if (const auto bad = usable(comm, "ncclCommCuDevice")) return bad;
  *device = comm->device;
  return ncclSuccess;
}

/// For tests: how many groups a communicator has put on streams or into graphs.
unsigned long fakenccl_groups(ncclComm_t comm) { return comm->submitted; }
}
