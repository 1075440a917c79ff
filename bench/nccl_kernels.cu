// SPDX-License-Identifier: Apache-2.0
// Every kernel of colossus-nccl: what needs nvcc, and nothing else.
#include <colossus/bench/gpu_kernels.cuh>
#include <colossus/detail/combine_kernel.cuh>

#include <algorithm>

namespace colossus::bench {
namespace {

constexpr unsigned threads_of_block = 256;

unsigned blocks_for(std::int64_t size) {
  return static_cast<unsigned>(std::clamp<std::int64_t>((size + threads_of_block - 1) / threads_of_block, 1, 2048));
}

/// Known data differs between products and all other reductions only: those share their kernels.
template <class Op>
using data_of = std::conditional_t<std::is_same_v<Op, prod>, prod, sum>;

template <class T, class Op>
cudaError_t fill(void* data, std::int64_t size, rank_t rank, cudaStream_t stream) {
  fill_known<T, data_of<Op>><<<blocks_for(size), threads_of_block, 0, stream>>>(static_cast<T*>(data), size, rank);
  return cudaGetLastError();
}

template <class T, class Op>
cudaError_t check(const gpu_check& job, cudaStream_t stream) {
  check_known<T, data_of<Op>, reduces_exactly<T, Op>><<<blocks_for(job.size), threads_of_block, 0, stream>>>(job);
  return cudaGetLastError();
}

}  // namespace

kind_kernels kernels_of(std::string_view type, std::string_view reduction) {
  kind_kernels found;
  with_data_type(type, [&]<class T>(std::type_identity<T>) {
    with_reduce_op(reduction, [&]<class Op>(std::type_identity<Op>) {
      found = {colossus::detail::launch_combine<T, Op>, fill<T, Op>, check<T, Op>};
    });
  });
  return found;
}

cudaError_t launch_gate(gate_words* words, unsigned number, std::uint64_t deadline_ns, cudaStream_t stream) {
  wait_at_gate<<<1, 1, 0, stream>>>(words, number, deadline_ns);
  return cudaGetLastError();
}

cudaError_t launch_nothing(cudaStream_t stream) {
  do_nothing<><<<1, 1, 0, stream>>>();
  return cudaGetLastError();
}

}  // namespace colossus::bench
