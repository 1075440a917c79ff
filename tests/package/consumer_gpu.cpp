// SPDX-License-Identifier: Apache-2.0
// Somebody else's program on GPUs, with a reduction kernel of its own: compiled, not run.
#include <colossus/algorithms.hpp>
#include <colossus/transports/nccl_enqueue.hpp>

void all_reduce(ncclComm_t theirs, const float* in, float* out, std::int64_t count, void* workspace,
                cudaStream_t stream, colossus::transports::combiner kernel) {
  colossus::transports::nccl comm{theirs};
  auto plan = colossus::transports::nccl_plan::make<colossus::algorithms::ring>(comm, count, sizeof(float), kernel);
  const colossus::transports::nccl_call call{&plan, in, out, workspace, stream};
  colossus::transports::connect({&call, 1});
  colossus::transports::enqueue({&call, 1});
}
