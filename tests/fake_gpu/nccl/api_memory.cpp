// SPDX-License-Identifier: Apache-2.0
// NCCL's entry points that allocate and register memory. Nothing gets faster by it here, but what the real ones refuse
// is refused.
#include "group.hpp"

#include <map>
#include <mutex>

using namespace fake_nccl;

namespace {

constexpr std::size_t page = 4096;  // NCCL_WIN_REQUIRED_ALIGNMENT
std::mutex allocating;
std::map<void*, std::size_t>& allocated() {
  static auto* all = new std::map<void*, std::size_t>;
  return *all;
}

bool comes_from_nccl(void* at, std::size_t bytes) {
  const std::scoped_lock lock{allocating};
  auto found = allocated().upper_bound(at);
  if (found == allocated().begin()) return false;
  --found;
  return static_cast<char*>(at) + bytes <= static_cast<char*>(found->first) + found->second;
}

void add(ncclComm& comm, void* handle, std::size_t bytes) {
  const std::scoped_lock lock{comm.registering};
  comm.registered[handle] = bytes;
}

ncclResult_t remove(ncclComm& comm, void* handle, const char* call) {
  const std::scoped_lock lock{comm.registering};
  if (comm.registered.erase(handle) == 0) stop(comm.who() + ": " + call + " of what is not registered");
  return ncclSuccess;
}

}  // namespace

extern "C" {

ncclResult_t ncclMemAlloc(void** at, std::size_t bytes) {
  const std::size_t whole = (bytes + page - 1) / page * page;
  if (at == nullptr) return ncclInvalidArgument;
  if (cudaMalloc(at, whole) != cudaSuccess) return refuse(ncclUnhandledCudaError, "cudaMalloc failed");
  const std::scoped_lock lock{allocating};
  allocated()[*at] = whole;
  return ncclSuccess;
}

ncclResult_t ncclMemFree(void* at) {
  {
    const std::scoped_lock lock{allocating};
    if (at != nullptr && allocated().erase(at) == 0) stop("ncclMemFree of memory that no ncclMemAlloc gave");
  }
  return cudaFree(at) == cudaSuccess ? ncclSuccess : refuse(ncclUnhandledCudaError, "cudaFree failed");
}

ncclResult_t ncclCommRegister(const ncclComm_t comm, void* at, std::size_t bytes, void** handle) {
  if (const auto bad = usable(comm, "ncclCommRegister")) return bad;
  if (bytes == 0 || !fakegpu_is_device_pointer(at))
    return refuse(ncclInvalidArgument, "ncclCommRegister: no device memory there");
  add(*comm, at, bytes);
  *handle = at;
  return ncclSuccess;
}

ncclResult_t ncclCommDeregister(const ncclComm_t comm, void* handle) {
  if (const auto bad = usable(comm, "ncclCommDeregister")) return bad;
  return remove(*comm, handle, "ncclCommDeregister");
}

/// All ranks call it, each with memory of ncclMemAlloc.
ncclResult_t ncclCommWindowRegister(ncclComm_t comm, void* at, std::size_t bytes, ncclWindow_t* window, int) {
  if (const auto bad = usable(comm, "ncclCommWindowRegister")) return bad;
  if (reinterpret_cast<std::uintptr_t>(at) % page != 0 || bytes == 0 || !comes_from_nccl(at, bytes))
    return refuse(ncclInvalidArgument, "ncclCommWindowRegister: not aligned memory of ncclMemAlloc");
  add(*comm, at, bytes);
  return registers(comm, window, at);
}

ncclResult_t ncclCommWindowDeregister(ncclComm_t comm, ncclWindow_t window) {
  if (const auto bad = usable(comm, "ncclCommWindowDeregister")) return bad;
  return remove(*comm, window, "ncclCommWindowDeregister");
}
}
