// SPDX-License-Identifier: Apache-2.0
// Entry points: devices and versions.
#include "report.hpp"
#include "world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace fakegpu {
namespace {

constexpr int multiprocessors = 4;

bool is_device(int device) { return device >= 0 && device < devices(); }

int attribute(cudaDeviceAttr which, int device) {
  switch (which) {
    case cudaDevAttrComputeCapabilityMajor:
      return 8;
    case cudaDevAttrMultiProcessorCount:
      return multiprocessors;
    case cudaDevAttrMaxThreadsPerBlock:
    case cudaDevAttrMaxBlockDimX:
    case cudaDevAttrMaxBlockDimY:
      return 1024;
    case cudaDevAttrMaxBlockDimZ:
      return 64;
    case cudaDevAttrMaxGridDimX:
      return 0x7fffffff;
    case cudaDevAttrMaxGridDimY:
    case cudaDevAttrMaxGridDimZ:
      return 65535;
    case cudaDevAttrMaxThreadsPerMultiProcessor:
      return 2048;
    case cudaDevAttrMaxBlocksPerMultiprocessor:
      return 32;
    case cudaDevAttrWarpSize:
      return 32;
    case cudaDevAttrMaxSharedMemoryPerBlock:
      return 48 * 1024;
    case cudaDevAttrMaxSharedMemoryPerBlockOptin:
      return 163 * 1024;
    case cudaDevAttrMaxSharedMemoryPerMultiprocessor:
      return 164 * 1024;
    case cudaDevAttrMaxRegistersPerBlock:
    case cudaDevAttrMaxRegistersPerMultiprocessor:
      return 65536;
    case cudaDevAttrL2CacheSize:
      return 256 * 1024;
    case cudaDevAttrClockRate:
      return 1'000'000;
    case cudaDevAttrMemoryClockRate:
      return 1'000'000;
    case cudaDevAttrGlobalMemoryBusWidth:
      return 512;
    case cudaDevAttrPciBusId:
      return device + 1;
    case cudaDevAttrAsyncEngineCount:
    case cudaDevAttrConcurrentKernels:
    case cudaDevAttrCanMapHostMemory:
    case cudaDevAttrUnifiedAddressing:
    case cudaDevAttrMemoryPoolsSupported:
    case cudaDevAttrHostRegisterSupported:
    case cudaDevAttrCooperativeLaunch:
      return 1;
    default:
      return 0;
  }
}

void describe(cudaDeviceProp& p, int device) {
  p = {};
  std::snprintf(p.name, sizeof p.name, "Fake GPU (host memory)");
  p.uuid.bytes[0] = static_cast<char>(device + 1);
  p.totalGlobalMem = device_memory();
  p.sharedMemPerBlock = 48 * 1024;
  p.sharedMemPerBlockOptin = 163 * 1024;
  p.regsPerBlock = p.regsPerMultiprocessor = 65536;
  p.warpSize = 32;
  p.maxThreadsPerBlock = p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
  p.maxThreadsDim[2] = 64;
  p.maxGridSize[0] = 0x7fffffff;
  p.maxGridSize[1] = p.maxGridSize[2] = 65535;
  p.major = 8;
  p.multiProcessorCount = multiprocessors;
  p.maxThreadsPerMultiProcessor = 2048;
  p.l2CacheSize = 256 * 1024;
  p.memoryBusWidth = 512;
  p.pciBusID = device + 1;
  p.asyncEngineCount = p.concurrentKernels = p.canMapHostMemory = p.unifiedAddressing = 1;
}

}  // namespace

}  // namespace fakegpu

using namespace fakegpu;

extern "C" {

cudaError_t cudaDriverGetVersion(int* version) {
  *version = static_cast<int>(setting("FAKE_GPU_DRIVER", CUDART_VERSION));
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
  return entry([&] {
    *count = devices();
    return cudaSuccess;
  });
}
cudaError_t cudaGetDevice(int* device) {
  return entry([&] {
    *device = current_device();
    return cudaSuccess;
  });
}
cudaError_t cudaSetDevice(int device) {
  return entry([&] {
    if (!is_device(device)) return cudaErrorInvalidDevice;
    current_device() = device;
    return cudaSuccess;
  });
}
cudaError_t cudaInitDevice(int device, unsigned, unsigned) {
  return entry([&] { return is_device(device) ? cudaSuccess : cudaErrorInvalidDevice; });
}
cudaError_t cudaSetDeviceFlags(unsigned) {
  return entry([] { return cudaSuccess; });
}
cudaError_t cudaGetDeviceFlags(unsigned* flags) {
  return entry([&] {
    *flags = 0;
    return cudaSuccess;
  });
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
  return entry([&] {
    if (!is_device(device)) return cudaErrorInvalidDevice;
    describe(*properties, device);
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr which, int device) {
  return entry([&] {
    if (!is_device(device)) return cudaErrorInvalidDevice;
    *value = attribute(which, device);
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceGetPCIBusId(char* text, int size, int device) {
  return entry([&] {
    if (!is_device(device) || size < 13) return cudaErrorInvalidValue;
    std::snprintf(text, static_cast<std::size_t>(size), "0000:%02X:00.0", static_cast<unsigned>(device + 1) & 0xff);
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceGetByPCIBusId(int* device, const char* text) {
  return entry([&] {
    unsigned domain = 0, bus = 0;
    if (std::sscanf(text, "%x:%x", &domain, &bus) != 2 || !is_device(static_cast<int>(bus) - 1))
      return cudaErrorInvalidValue;
    *device = static_cast<int>(bus) - 1;
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return entry([&] {
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = -5;
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceGetLimit(std::size_t* value, cudaLimit) {
  return entry([&] {
    *value = 0;
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceSetLimit(cudaLimit, std::size_t) {
  return entry([] { return cudaSuccess; });
}
cudaError_t cudaDeviceCanAccessPeer(int* can, int device, int peer) {
  return entry([&] {
    if (!is_device(device) || !is_device(peer)) return cudaErrorInvalidDevice;
    *can = device != peer ? 1 : 0;
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceGetP2PAttribute(int* value, cudaDeviceP2PAttr which, int device, int peer) {
  return entry([&] {
    if (!is_device(device) || !is_device(peer) || device == peer) return cudaErrorInvalidDevice;
    *value = which == cudaDevP2PAttrAccessSupported ? 1 : 0;
    return cudaSuccess;
  });
}
cudaError_t cudaDeviceEnablePeerAccess(int peer, unsigned flags) {
  return entry([&] {
    static thread_local std::set<std::pair<int, int>> enabled;
    if (!is_device(peer) || peer == current_device()) return cudaErrorInvalidDevice;
    if (flags != 0) return cudaErrorInvalidValue;
    return enabled.emplace(current_device(), peer).second ? cudaSuccess : cudaErrorPeerAccessAlreadyEnabled;
  });
}
cudaError_t cudaDeviceDisablePeerAccess(int) {
  return entry([] { return cudaSuccess; });
}
cudaError_t cudaDeviceSynchronize() {
  before_wait("cudaDeviceSynchronize");
  return entry([] {
    guard held{world().lock};
    if (const cudaError_t error = forbidden_now("cudaDeviceSynchronize"); error != cudaSuccess) return error;
    return drain_device(current_device(), "cudaDeviceSynchronize", held);
  });
}
cudaError_t cudaDeviceReset() {
  return entry([] {
    guard held{world().lock};
    const cudaError_t error = drain_device(current_device(), "cudaDeviceReset", held);
    last_error() = cudaSuccess;
    return error;
  });
}

cudaError_t cudaProfilerStart() {
  return entry([] { return cudaSuccess; });
}
cudaError_t cudaProfilerStop() {
  return entry([] { return cudaSuccess; });
}

/// There is no driver to take functions from.
cudaError_t cudaGetDriverEntryPointByVersion(const char*, void** function, unsigned, unsigned long long,
                                             cudaDriverEntryPointQueryResult* result) {
  return entry([&] {
    *function = nullptr;
    if (result != nullptr) *result = cudaDriverEntryPointSymbolNotFound;
    return cudaSuccess;
  });
}
cudaError_t cudaGetDriverEntryPoint(const char*, void** function, unsigned long long,
                                    cudaDriverEntryPointQueryResult* result) {
  return cudaGetDriverEntryPointByVersion(nullptr, function, 0, 0, result);
}
}
