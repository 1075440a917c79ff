// SPDX-License-Identifier: Apache-2.0
// Put before NCCL by LD_PRELOAD: NCCL_SPOILS=a-b changes three bytes of what rank a sends to b.
#include <cuda_runtime_api.h>
#include <dlfcn.h>
#include <nccl.h>

#include <cstdio>
#include <cstdlib>

namespace {
bool concerns(const char* variable, ncclComm_t comm, int peer) {
  const char* const said = std::getenv(variable);
  int from = -1, to = -1, rank = -2;
  return said != nullptr && std::sscanf(said, "%d-%d", &from, &to) == 2 &&
         ncclCommUserRank(comm, &rank) == ncclSuccess && rank == from && peer == to;
}
}  // namespace

extern "C" ncclResult_t ncclSend(const void* data, size_t count, ncclDataType_t type, int peer, ncclComm_t comm,
                                 cudaStream_t stream) {
  static const auto real = reinterpret_cast<decltype(&ncclSend)>(::dlsym(RTLD_NEXT, "ncclSend"));
  if (concerns("NCCL_SPOILS", comm, peer) && count > 64)
    cudaMemsetAsync(static_cast<char*>(const_cast<void*>(data)) + count / 2, 0x55, 3, stream);
  return real(data, count, type, peer, comm, stream);
}
