// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms.hpp>
#include <colossus/detail/combine_kernel.cuh>
#include <colossus/transports/nccl_enqueue.hpp>

namespace colossus {

/// A collective of one rank over NCCL, with its reduction compiled in: validated and laid out once. `Op` needs an
/// `operator()(T, T)` that is `__host__ __device__` where it is the caller's own.
///   colossus::transports::nccl comm{your_communicator};
///   colossus::plan<colossus::algorithms::ring, float> all_reduce{comm, count};
///   all_reduce.connect(workspace, stream);              // once; all_reduce.workspace_bytes() on the device
///   all_reduce.enqueue(in, out, workspace, stream);     // as often as wanted; can be captured
template <algorithm A, class T, class Op = sum>
class plan {
 public:
  plan(transports::nccl& comm, std::int64_t count, const transports::plan_options& said = {})
      : plan_{transports::nccl_plan::make<A>(comm, count, sizeof(T), detail::launch_combine<T, Op>, said)} {}

  std::size_t workspace_bytes() const { return plan_.workspace_bytes(); }
  int launches() const { return plan_.launches(); }

  /// See `transports::connect`. Ranks that share a process use that, with `call` for each of them.
  void connect(void* workspace, cudaStream_t stream) {
    const auto c = call(nullptr, nullptr, workspace, stream);
    transports::connect({&c, 1});
  }
  /// See `transports::enqueue`.
  void enqueue(const T* in, T* out, void* workspace, cudaStream_t stream) {
    const auto c = call(in, out, workspace, stream);
    transports::enqueue({&c, 1});
  }
  transports::nccl_call call(const T* in, T* out, void* workspace, cudaStream_t stream) {
    return {&plan_, in, out, workspace, stream};
  }

 private:
  transports::nccl_plan plan_;
};

}  // namespace colossus
