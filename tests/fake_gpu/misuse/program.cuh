// SPDX-License-Identifier: Apache-2.0
// What the small programs share: two streams, two buffers, kernels.
#pragma once

#include <cuda_runtime.h>

#include <cstdlib>
#include <vector>

namespace misuse {

void check(cudaError_t error, const char* what);
void refused(cudaError_t error, cudaError_t wanted, const char* what);
#define CHECK(call) ::misuse::check(call, #call)
#define REFUSED(call, error) ::misuse::refused(call, error, #call)

inline constexpr int count = 1000;

template <int = 0>
__global__ void put(int* to, int value, int size) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x) to[i] = value;
}
template <int = 0>
__global__ void add_to(int* to, const int* from, int size) {
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += gridDim.x * blockDim.x) to[i] += from[i];
}
/// Without `Together` each thread reads what its neighbour may not have written yet.
template <bool Together>
__global__ void rotate(int* data) {
  __shared__ int copy[128];
  copy[threadIdx.x] = data[threadIdx.x];
  if (Together) __syncthreads();
  data[threadIdx.x] = copy[(threadIdx.x + 1) % blockDim.x];
}
template <int = 0>
__global__ void wait_for_word(const volatile unsigned* word) {
  while (*word == 0) __nanosleep(100);
}
/// One warp never comes to the barrier for which the others wait.
template <int = 0>
__global__ void half_a_barrier(int* data) {
  if (threadIdx.x < 32) {
    while (static_cast<volatile int*>(data)[0] != 12345) __nanosleep(100);
  }
  __syncthreads();
}

/// Streams and memory that the programs work on.
struct scene {
  cudaStream_t first{}, second{};
  cudaEvent_t event{}, joined{};
  int *a = nullptr, *b = nullptr, *pinned = nullptr;
  scene() {
    CHECK(cudaStreamCreateWithFlags(&first, cudaStreamNonBlocking));
    CHECK(cudaStreamCreateWithFlags(&second, cudaStreamNonBlocking));
    CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    CHECK(cudaEventCreateWithFlags(&joined, cudaEventDisableTiming));
    CHECK(cudaMalloc(&a, count * sizeof(int)));
    CHECK(cudaMalloc(&b, count * sizeof(int)));
    CHECK(cudaMallocHost(&pinned, count * sizeof(int)));
    CHECK(cudaDeviceSynchronize());
  }
  /// Does every element of a device buffer have this value?
  bool holds(const int* data, int value) const {
    std::vector<int> host(count);
    CHECK(cudaDeviceSynchronize());
    CHECK(cudaMemcpy(host.data(), data, count * sizeof(int), cudaMemcpyDeviceToHost));
    for (const int x : host) {
      if (x != value) return false;
    }
    return true;
  }
};

struct named {
  const char* name;
  bool (*run)();
};
/// In programs.cu.
const std::vector<named>& programs();

}  // namespace misuse
