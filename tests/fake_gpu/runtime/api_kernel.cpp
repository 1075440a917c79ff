// SPDX-License-Identifier: Apache-2.0
// Entry points: what nvcc's stubs call, launches, attributes of kernels.
#include "kernels.hpp"
#include "report.hpp"
#include "world.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace fakegpu {
namespace {

using configuration = std::tuple<dim3, dim3, std::size_t, cudaStream_t>;

std::vector<configuration>& configurations() {
  thread_local std::vector<configuration> pushed;
  return pushed;
}

cudaError_t launch_registered(const void* host, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                              cudaStream_t on) {
  return entry([&] {
    device_function* const what = function_of(host);
    return what == nullptr ? cudaErrorInvalidDeviceFunction : launch(*what, grid, block, arguments, shared, on);
  });
}

/// As many blocks of so many threads as a multiprocessor holds threads for.
int blocks_per_multiprocessor(int threads) { return threads <= 0 ? 0 : std::min(2048 / threads, 32); }

}  // namespace
}  // namespace fakegpu

using namespace fakegpu;

extern "C" {

struct fat_binary_wrapper {
  int magic, version;
  const void* data;
  void* more;
};
void** __cudaRegisterFatBinary(void* wrapper) {
  return reinterpret_cast<void**>(new fat_binary{static_cast<const fat_binary_wrapper*>(wrapper)->data, {}, {}});
}
void __cudaRegisterFatBinaryEnd(void**) {}
void __cudaUnregisterFatBinary(void**) {}
char __cudaInitModule(void**) { return 1; }
void __cudaRegisterFunction(void** from, const char* host, char*, const char* name, int, uint3*, uint3*, dim3*, dim3*,
                            int*) {
  register_function(host, reinterpret_cast<fat_binary*>(from), name);
}
void __cudaRegisterVar(void**, char*, char*, const char* name, int, std::size_t, int, int) {
  say(std::string{"the device variable "} + name + ": there are none in this fake");
}
/// The kernel's handle is ours: CUDA 12.0 has no type for it yet.
cudaError_t __cudaGetKernel(device_function** kernel, const void* host) {
  return entry([&] {
    *kernel = function_of(host);
    return *kernel == nullptr ? cudaErrorInvalidDeviceFunction : cudaSuccess;
  });
}
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, std::size_t shared, cudaStream_t on) {
  configurations().emplace_back(grid, block, shared, on);
  return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, std::size_t* shared, void* on) {
  std::tie(*grid, *block, *shared, *static_cast<cudaStream_t*>(on)) = configurations().back();
  configurations().pop_back();
  return cudaSuccess;
}
cudaError_t __cudaLaunchKernel(device_function* kernel, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                               cudaStream_t on) {
  return entry([&] { return launch(*kernel, grid, block, arguments, shared, on); });
}
cudaError_t cudaLaunchKernel(const void* host, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                             cudaStream_t on) {
  return launch_registered(host, grid, block, arguments, shared, on);
}
cudaError_t cudaLaunchCooperativeKernel(const void* host, dim3 grid, dim3 block, void** arguments, std::size_t shared,
                                        cudaStream_t on) {
  return launch_registered(host, grid, block, arguments, shared, on);
}
cudaError_t cudaLaunchKernelExC(const cudaLaunchConfig_t* how, const void* host, void** arguments) {
  return launch_registered(host, how->gridDim, how->blockDim, arguments, how->dynamicSmemBytes, how->stream);
}

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, const void* host) {
  return entry([&] {
    device_function* const what = function_of(host);
    if (what == nullptr) return cudaErrorInvalidDeviceFunction;
    what->prepare();
    *attributes = {};
    attributes->maxThreadsPerBlock = 1024;
    attributes->numRegs = 32;
    attributes->ptxVersion = attributes->binaryVersion = 80;
    attributes->maxDynamicSharedSizeBytes = what->dynamic_shared;
    if (what->code) attributes->sharedSizeBytes = what->code->shared_bytes;
    return cudaSuccess;
  });
}
cudaError_t cudaFuncSetAttribute(const void* host, cudaFuncAttribute which, int value) {
  return entry([&] {
    device_function* const what = function_of(host);
    if (what == nullptr) return cudaErrorInvalidDeviceFunction;
    if (which == cudaFuncAttributeMaxDynamicSharedMemorySize) {
      if (value < 0 || value > 163 * 1024) return cudaErrorInvalidValue;
      what->dynamic_shared = value;
    }
    return cudaSuccess;
  });
}
cudaError_t cudaFuncSetCacheConfig(const void*, cudaFuncCache) {
  return entry([] { return cudaSuccess; });
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, const void* host, int threads,
                                                                   std::size_t, unsigned) {
  return entry([&] {
    if (function_of(host) == nullptr) return cudaErrorInvalidDeviceFunction;
    *blocks = blocks_per_multiprocessor(threads);
    return cudaSuccess;
  });
}
cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, const void* host, int threads,
                                                          std::size_t shared) {
  return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, host, threads, shared, 0);
}
}
