// SPDX-License-Identifier: Apache-2.0
// Lets g++ compile kernels as functions: CUDA's words mean nothing, its variables belong to the thread that runs a
// body.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>

#undef __global__
#undef __device__
#undef __launch_bounds__
#undef __grid_constant__
#define __global__
#define __device__
#define __launch_bounds__(...)
#define __grid_constant__

inline thread_local uint3 threadIdx, blockIdx;
inline thread_local uint3 blockDim, gridDim;

inline unsigned long long atomicAdd(unsigned long long* at, unsigned long long more) {
  return __atomic_fetch_add(at, more, __ATOMIC_RELAXED);
}
inline unsigned long long atomicMin(unsigned long long* at, unsigned long long value) {
  unsigned long long old = __atomic_load_n(at, __ATOMIC_RELAXED);
  while (value < old && !__atomic_compare_exchange_n(at, &old, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {}
  return old;
}
