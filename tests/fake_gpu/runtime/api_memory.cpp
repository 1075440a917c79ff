// SPDX-License-Identifier: Apache-2.0
// Entry points: memory, copies, sets.
#include "report.hpp"
#include "world.hpp"

#include <cstring>

namespace fakegpu {
namespace {

std::uintptr_t address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

cudaError_t allocate_for(void** pointer, std::size_t bytes, int device, memory_kind kind, const char* call) {
  return entry([&] {
    const guard held{world().lock};
    if (pointer == nullptr) return cudaErrorInvalidValue;
    if (const cudaError_t error = forbidden_now(call); error != cudaSuccess) return error;
    expect_no_gate(device, call);
    *pointer = bytes == 0 ? nullptr : allocate(bytes, device, kind);
    return *pointer == nullptr && bytes != 0 ? cudaErrorMemoryAllocation : cudaSuccess;
  });
}

/// Waits for the device as the real one does; then nobody may touch the memory any more.
cudaError_t free_of(void* pointer, const char* call) {
  return entry([&] {
    guard held{world().lock};
    if (pointer == nullptr) return cudaSuccess;
    if (const cudaError_t error = forbidden_now(call); error != cudaSuccess) return error;
    const allocation* const found = allocation_at(address(pointer));
    const std::string what = std::string{call} + ": ";
    if (found == nullptr || found->lo != address(pointer))
      fatal(what + "the pointer is not the start of an allocation");
    if (found->freed) fatal(what + "allocation #" + std::to_string(found->number) + " is freed for the second time");
    const bool host = std::strcmp(call, "cudaFree") != 0;
    if (host != (found->kind != memory_kind::device)) return cudaErrorInvalidValue;
    expect_no_gate(found->device, call);
    if (const cudaError_t error = drain_device(found->device, call, held); error != cudaSuccess) return error;
    release(*allocation_at(address(pointer)));
    return cudaSuccess;
  });
}

bool known(const void* pointer) {
  const allocation* const block = allocation_at(address(pointer));
  return block != nullptr && !block->freed;
}
bool on_device(const void* pointer) {
  const allocation* const block = allocation_at(address(pointer));
  return block != nullptr && block->kind == memory_kind::device;
}

struct copy_plan {
  bool captures, from_pageable, to_pageable;
};
copy_plan plan_of(const void* to, const void* from, cudaStream_t on) {
  const guard held{world().lock};
  const bool captures = stream_of(on)->captured != nullptr;
  return {captures, allocation_at(address(from)) == nullptr, allocation_at(address(to)) == nullptr};
}

/// Pageable memory: the source is read before the call returns, the target is written then. In a graph at replay.
cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaStream_t on) {
  if (bytes == 0) return cudaSuccess;
  const copy_plan plan = plan_of(to, from, on);
  std::shared_ptr<std::vector<char>> staged;
  if (plan.from_pageable && !plan.captures) {
    const char* const start = static_cast<const char*>(from);
    staged = std::make_shared<std::vector<char>>(start, start + bytes);
  }
  operation made{"copy of " + std::to_string(bytes) + " bytes", {{address(to), address(to) + bytes, true, false}}, {}};
  if (!plan.from_pageable) made.ranges.push_back({address(from), address(from) + bytes, false, false});
  made.run = [=](const moment&, const std::string&) { std::memmove(to, staged ? staged->data() : from, bytes); };
  if (const cudaError_t error = submit(on, std::move(made)); error != cudaSuccess) return error;
  if (!plan.to_pageable || plan.captures) return cudaSuccess;
  guard held{world().lock};
  return drain(stream_of(on), "cudaMemcpyAsync", held);
}

/// cudaMemcpy: the host waits, but for copies inside the devices, which need only the order of the default stream.
cudaError_t copy_now(void* to, const void* from, std::size_t bytes, const char* call) {
  before_wait(call);
  return entry([&] {
    {
      const guard held{world().lock};
      if (const cudaError_t error = forbidden_now(call); error != cudaSuccess) return error;
    }
    if (const cudaError_t error = copy(to, from, bytes, nullptr); error != cudaSuccess) return error;
    guard held{world().lock};
    if (on_device(to) && on_device(from)) return cudaSuccess;
    return drain(stream_of(nullptr), call, held);
  });
}

cudaError_t set(void* to, int value, std::size_t bytes, cudaStream_t on) {
  if (bytes == 0) return cudaSuccess;
  operation made{"set of " + std::to_string(bytes) + " bytes", {{address(to), address(to) + bytes, true, false}}, {}};
  made.run = [=](const moment&, const std::string&) { std::memset(to, value, bytes); };
  return submit(on, std::move(made));
}

/// An operation that touches the whole allocation: its birth or its end in the order of a stream.
operation whole(const allocation& block, const char* name, bool frees) {
  operation made{name, {{block.lo, block.hi, true, false}}, {}};
  const std::uintptr_t start = block.lo;
  made.run = [=](const moment&, const std::string&) {
    if (!frees) return;
    const guard held{world().lock};
    release(*allocation_at(start));
  };
  return made;
}

}  // namespace
}  // namespace fakegpu

using namespace fakegpu;

extern "C" {

cudaError_t cudaMalloc(void** pointer, std::size_t bytes) {
  return allocate_for(pointer, bytes, current_device(), memory_kind::device, "cudaMalloc");
}
cudaError_t cudaMallocHost(void** pointer, std::size_t bytes) {
  return allocate_for(pointer, bytes, -1, memory_kind::pinned, "cudaMallocHost");
}
cudaError_t cudaHostAlloc(void** pointer, std::size_t bytes, unsigned) {
  return allocate_for(pointer, bytes, -1, memory_kind::pinned, "cudaHostAlloc");
}
cudaError_t cudaFree(void* pointer) { return free_of(pointer, "cudaFree"); }
cudaError_t cudaFreeHost(void* pointer) { return free_of(pointer, "cudaFreeHost"); }

cudaError_t cudaHostRegister(void* pointer, std::size_t bytes, unsigned) {
  return entry([&] {
    const guard held{world().lock};
    if (pointer == nullptr || bytes == 0) return cudaErrorInvalidValue;
    if (const cudaError_t error = forbidden_now("cudaHostRegister"); error != cudaSuccess) return error;
    expect_no_gate(-1, "cudaHostRegister");
    return register_host(pointer, bytes) ? cudaSuccess : cudaErrorHostMemoryAlreadyRegistered;
  });
}
cudaError_t cudaHostUnregister(void* pointer) {
  return entry([&] {
    guard held{world().lock};
    const allocation* const found = allocation_at(address(pointer));
    const bool registered = found != nullptr && found->lo == address(pointer) && found->kind == memory_kind::registered;
    if (!registered) return cudaErrorHostMemoryNotRegistered;
    if (const cudaError_t error = drain_device(-1, "cudaHostUnregister", held); error != cudaSuccess) return error;
    release(*allocation_at(address(pointer)));
    return cudaSuccess;
  });
}
cudaError_t cudaHostGetDevicePointer(void** on_gpu, void* pointer, unsigned) {
  return entry([&] {
    const guard held{world().lock};
    if (!known(pointer) || on_device(pointer)) return cudaErrorInvalidValue;
    *on_gpu = pointer;
    return cudaSuccess;
  });
}
cudaError_t cudaHostGetFlags(unsigned* flags, void*) {
  return entry([&] {
    *flags = cudaHostAllocMapped;
    return cudaSuccess;
  });
}

cudaError_t cudaMallocAsync(void** pointer, std::size_t bytes, cudaStream_t on) {
  return entry([&] {
    operation birth;
    {
      const guard held{world().lock};
      const auto of = stream_of(on);
      if (of->captured)
        return break_capture(*of->captured, "cudaMallocAsync (not in this fake)", cudaErrorNotSupported);
      *pointer = allocate(bytes, of->device, memory_kind::device);
      if (*pointer == nullptr) return cudaErrorMemoryAllocation;
      birth = whole(*allocation_at(address(*pointer)), "cudaMallocAsync", false);
    }
    return submit(on, std::move(birth));
  });
}
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t on) {
  return entry([&] {
    operation end;
    {
      const guard held{world().lock};
      const auto of = stream_of(on);
      if (of->captured) return break_capture(*of->captured, "cudaFreeAsync (not in this fake)", cudaErrorNotSupported);
      const allocation* const found = allocation_at(address(pointer));
      if (found == nullptr || found->lo != address(pointer))
        fatal("cudaFreeAsync: the pointer is not the start of an allocation");
      end = whole(*found, "cudaFreeAsync", true);
    }
    return submit(on, std::move(end));
  });
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  return entry([&] {
    const guard held{world().lock};
    *total = device_memory();
    *free = device_memory() - bytes_in_use(current_device());
    return cudaSuccess;
  });
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
  return entry([&] {
    const guard held{world().lock};
    *attributes = {};
    attributes->type = cudaMemoryTypeUnregistered;
    attributes->device = -2;
    attributes->hostPointer = const_cast<void*>(pointer);
    if (!known(pointer)) return cudaSuccess;
    const bool device = on_device(pointer);
    attributes->type = device ? cudaMemoryTypeDevice : cudaMemoryTypeHost;
    attributes->device = device ? allocation_at(address(pointer))->device : 0;
    attributes->devicePointer = const_cast<void*>(pointer);
    if (device) attributes->hostPointer = nullptr;
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t on) {
  return entry([&] { return copy(to, from, bytes, on); });
}
cudaError_t cudaMemcpyPeerAsync(void* to, int, const void* from, int, std::size_t bytes, cudaStream_t on) {
  return entry([&] { return copy(to, from, bytes, on); });
}
cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind) {
  return copy_now(to, from, bytes, "cudaMemcpy");
}
cudaError_t cudaMemcpyPeer(void* to, int, const void* from, int, std::size_t bytes) {
  return copy_now(to, from, bytes, "cudaMemcpyPeer");
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t on) {
  return entry([&] { return set(to, value, bytes, on); });
}
cudaError_t cudaMemset(void* to, int value, std::size_t bytes) {
  return entry([&] { return set(to, value, bytes, nullptr); });
}
}
