// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/known_values.hpp>
#include <colossus/detail/nccl_segments.hpp>

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string_view>

/// The kernels of colossus-nccl as functions: bench/nccl_kernels.cu has them, whoever calls them needs no nvcc.
namespace colossus::bench {

/// What a check counts, in device memory: begins as {0, no_element}.
struct gpu_verdict {
  unsigned long long wrong, first;
};
inline constexpr unsigned long long no_element = ~0ull;

/// What a check looks at: a rank's output, or its input, which must be as it was filled.
struct gpu_check {
  const void* data = nullptr;
  std::int64_t size = 0;  ///< elements
  data_place place;
  bool input = false;
  const void* exact = nullptr;                      ///< reductions by index, or
  const double *wide = nullptr, *bounds = nullptr;  ///< those in double and how far from them is right
  gpu_verdict* verdict = nullptr;
};

/// The gate's two words, in host memory that the GPU sees. Gates are numbered from 1.
struct gate_words {
  unsigned opened = 0;     ///< the last gate that the host opened
  unsigned timed_out = 0;  ///< the last gate that opened itself
};

/// The kernels for an element type and a reduction. Each call is one launch on the current device's `stream`.
struct kind_kernels {
  transports::combiner combine = nullptr;
  cudaError_t (*fill)(void* data, std::int64_t size, rank_t rank, cudaStream_t) = nullptr;
  cudaError_t (*check)(const gpu_check&, cudaStream_t) = nullptr;
};

/// The kernels of the given names. Throws (usage) for unknown ones.
kind_kernels kernels_of(std::string_view type, std::string_view reduction);

/// Holds `stream` until the host opens gate `number`, `deadline_ns` at most.
cudaError_t launch_gate(gate_words* words, unsigned number, std::uint64_t deadline_ns, cudaStream_t stream);

/// A kernel that does nothing: what a launch costs.
cudaError_t launch_nothing(cudaStream_t stream);

}  // namespace colossus::bench
