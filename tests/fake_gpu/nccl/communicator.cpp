// SPDX-License-Identifier: Apache-2.0
#include "communicator.hpp"

#include <cuda_runtime_api.h>
#include <unistd.h>

#include <algorithm>
#include <set>

void ncclComm::begin(std::uint64_t turn) {
  std::unique_lock lock{busy_};
  moved_.wait(lock, [&] { return !taken_ && (turn == fake_nccl::any_turn || turn == over); });
  taken_ = true;
}

void ncclComm::end(std::uint64_t turn) {
  {
    const std::scoped_lock lock{busy_};
    taken_ = false;
    if (turn != fake_nccl::any_turn) ++over;
  }
  moved_.notify_all();
}

namespace fake_nccl {
namespace {

std::mutex making;
std::set<const ncclComm*>& all_made() {
  static auto* made = new std::set<const ncclComm*>;  // threads may still ask while the process ends
  return *made;
}

ncclResult_t expect_own_devices(const ncclComm& comm) {
  for (int r = 0; r < comm.size; ++r) {
    const rank_state& other = comm.shared->ranks[r];
    if (r != comm.rank && other.process == ::getpid() && other.device == comm.device)
      return refuse(ncclInvalidUsage, "Duplicate GPU detected : rank " + std::to_string(comm.rank) + " and rank " +
                                          std::to_string(r) + " both on CUDA device " + std::to_string(comm.device));
  }
  return ncclSuccess;
}

std::string missing_ranks(const ncclComm& comm) {
  std::string missing;
  for (int r = 0; r < comm.size; ++r)
    if (comm.shared->ranks[r].present == 0) missing += (missing.empty() ? "" : ", ") + std::to_string(r);
  return missing;
}

}  // namespace

on_device_of::on_device_of(const ncclComm& comm) {
  cudaGetDevice(&before_);
  cudaSetDevice(comm.device);
}
on_device_of::~on_device_of() { cudaSetDevice(before_); }

void remember(ncclComm* made) {
  const std::scoped_lock lock{making};
  all_made().insert(made);
}

ncclResult_t usable(const ncclComm* comm, const char* call) {
  if (comm == nullptr) return refuse(ncclInvalidArgument, std::string{call} + " : comm argument is NULL");
  {
    const std::scoped_lock lock{making};
    if (!all_made().contains(comm)) stop(std::string{call} + " of a communicator that was never made");
  }
  if (comm->destroyed) stop(comm->who() + ": " + call + " of a communicator that was destroyed or aborted");
  if (comm->state == ncclInProgress)
    return refuse(ncclInvalidArgument, std::string{call} + " : Attempt to use communicator before the previous " +
                                           "operation returned ncclSuccess");
  return ncclSuccess;
}

void note(ncclComm* comm, const std::string& what) { write_text(comm->own().host, what); }

void report_deadlock(const ncclComm& comm, const std::string& what) {
  stop("deadlock in communicator " + comm.name + ": " + what + situation(*comm.shared, comm.size));
}

host_waits::host_waits(ncclComm* comm, const std::string& what) : comm_{comm} {
  note(comm, "waits " + what);
  comm->own().waiting.fetch_add(1);
}
host_waits::~host_waits() {
  comm_->own().waiting.fetch_sub(1);
  comm_->shared->progress.fetch_add(1);
}

ncclResult_t wait_for_all(ncclComm* comm) {
  const auto start = std::chrono::steady_clock::now();
  while (comm->shared->joined < comm->size) {
    if (comm->gives_up()) return refuse(ncclInternalError, "the communicator was aborted before all ranks came");
    const std::uint32_t heard = comm->own().bell;
    if (comm->blocking && std::chrono::steady_clock::now() - start > 2 * patience * deadlock_limit())
      return refuse(ncclSystemError,
                    comm->who() + " waits in ncclCommInitRank: " + std::to_string(comm->shared->joined) + " of " +
                        std::to_string(comm->size) + " ranks have come; missing: " + missing_ranks(*comm));
    listen(comm->own(), heard);
  }
  remove_name(comm->name);
  return expect_own_devices(*comm);
}

}  // namespace fake_nccl
