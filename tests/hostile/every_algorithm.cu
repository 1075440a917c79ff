// SPDX-License-Identifier: Apache-2.0
// Every algorithm by CUDA's compiler, which is another front end: proved small, and planned for streams.
#include <colossus/colossus.hpp>
#include <colossus/transports/nccl.cuh>

using namespace colossus;

namespace {

template <class A>
detail::stream_program planned(const problem& p) {
  return transports::nccl_plan::program<A>(p.ranks, 0, p.bytes, 1);
}

}  // namespace

/// Bytes of workspace of all algorithms together: what matters is that it compiles.
std::int64_t every_algorithm(const problem& p) {
  std::int64_t all = 0;
  for_each_type(algorithms::all{}, [&]<class A>(std::type_identity<A>) { all += planned<A>(p).work_bytes; });
  return all;
}

template cudaError_t detail::launch_combine<float, sum>(const transports::segment_batch&, std::uint64_t, cudaStream_t);
