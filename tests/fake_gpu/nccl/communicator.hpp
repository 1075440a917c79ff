// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "finding.hpp"
#include "world.hpp"

#include <nccl.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

/// One rank of a communicator. Never freed: a stale handle must be recognised.
struct ncclComm {
  ncclComm(fake_nccl::world* shared_, std::string name_, int size_, int rank_, int device_, bool blocking_)
      : shared{shared_}, name{std::move(name_)}, size{size_}, rank{rank_}, device{device_}, blocking{blocking_} {}

  fake_nccl::rank_state& own() { return shared->ranks[rank]; }
  fake_nccl::channel& from_to(int from, int to) { return shared->channels[from * size + to]; }
  std::string who() const { return "rank " + std::to_string(rank); }
  bool gives_up() const { return aborted || (job != nullptr && *job); }
  /// Waits for the turn of a group that was submitted as the `turn`-th, and takes the communicator for it.
  void begin(std::uint64_t turn);
  void end(std::uint64_t turn);

  fake_nccl::world* const shared;
  const std::string name;
  const int size, rank, device;
  const bool blocking;
  std::atomic<ncclResult_t> state{ncclSuccess};  // ncclInProgress: a call without blocking is not over
  std::atomic<bool> aborted{false}, destroyed{false};
  std::shared_ptr<std::atomic<bool>>
      job;  // what it does without blocking, perhaps with others: one abort ends it for all
  std::atomic<std::uint64_t> submitted{0};        // groups so far, those in captures as well
  std::atomic<std::uint64_t> issued{0}, over{0};  // groups on streams, not in graphs
  std::map<void*, std::size_t> registered;        // handle, bytes
  std::mutex registering;

 private:
  std::mutex busy_;
  std::condition_variable moved_;
  bool taken_ = false;
};

namespace fake_nccl {

inline constexpr std::uint64_t any_turn = ~std::uint64_t{0};  // of a group in a graph: whenever no other runs

void remember(ncclComm* made);

/// ncclSuccess if `call` may use `comm`; ends the process where it never was one, or is no more.
ncclResult_t usable(const ncclComm* comm, const char* call);

/// Makes the communicator's device the thread's, for a while.
class on_device_of {
 public:
  explicit on_device_of(const ncclComm& comm);
  ~on_device_of();

 private:
  int before_ = 0;
};

/// Notes what the host did last, for the others' reports.
void note(ncclComm* comm, const std::string& what);

[[noreturn]] void report_deadlock(const ncclComm& comm, const std::string& what);

/// Tells the others that the host of a rank waits, and for what.
class host_waits {
 public:
  host_waits(ncclComm* comm, const std::string& what);
  ~host_waits();

 private:
  ncclComm* comm_;
};

/// Waits until all ranks have come; says what is wrong with the world that formed. ncclInternalError if aborted.
ncclResult_t wait_for_all(ncclComm* comm);

/// Waits on the host until `is_done()`. Names the deadlock where it never will be; false if aborted.
template <class Done>
bool wait_on_host(ncclComm* comm, const std::string& what, Done&& is_done) {
  watch quiet{*comm->shared, comm->size};
  rank_state& own = comm->own();
  const host_waits waiting{comm, what};
  while (!comm->gives_up()) {
    const std::uint32_t heard = own.bell;
    if (is_done()) return true;
    if (quiet.is_over()) report_deadlock(*comm, "the host of " + comm->who() + " waits " + what + " in vain");
    listen(own, heard);
  }
  return false;
}

}  // namespace fake_nccl
