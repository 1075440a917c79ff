// SPDX-License-Identifier: Apache-2.0
// A group: what one communicator does between ncclGroupStart and ncclGroupEnd. It is one kernel on the device.
#pragma once

#include "communicator.hpp"
#include "reduction.hpp"

#include <fake_gpu.hpp>

#include <memory>
#include <string>
#include <vector>

namespace fake_nccl {

/// One message, one way.
struct transfer {
  bool sends;
  int peer;
  char* at;
  std::size_t bytes;
  std::string kind;  // must be the same at both ends
};

/// Bytes that one call of a group uses.
struct use {
  fakegpu::range range;
  std::size_t call;
};

struct group {
  ncclComm* comm;
  std::vector<cudaStream_t> streams;            // the first gets the kernel; it behaves as if it were on each
  std::vector<transfer> collectives, messages;  // collectives go first, as in NCCL
  std::vector<std::unique_ptr<reduction>> reductions;
  std::vector<use> uses;
  std::size_t calls = 0;
  bool captured = false;
  std::uint64_t turn = any_turn;
  std::string text;
};

std::string describe(const transfer& one);  // "send 64 B to 3"

/// The group of `comm` that is open on this thread, and its next call.
group& open_group(ncclComm* comm, cudaStream_t stream);

/// Notes that the group's present call reads or writes memory, which must be the device's.
void uses_memory(group& in, const char* call, const void* at, std::size_t bytes, bool writes);

/// Ends a call: submits it unless a group is open.
ncclResult_t call_done(group& in, const char* call);

/// A communicator that is being made: ready when the open group ends and all ranks have come.
ncclResult_t joins(ncclComm* comm);

/// Whether a group is open on this thread.
bool group_is_open();

/// A window of `comm` that all ranks register; given out when the open group ends.
ncclResult_t registers(ncclComm* comm, ncclWindow_t* window, void* memory);

/// Moves the bytes of a group, on the thread of its stream, once for each launch or replay.
void run(const group& what);

}  // namespace fake_nccl
