// SPDX-License-Identifier: Apache-2.0
// What the fake CUDA runtime, the fake NCCL and a library of host-compiled kernel bodies tell one another.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace fakegpu {

/// Exit status of a process after a finding, which is one line on stderr: "fake-gpu: ..." or "fake-nccl: ...".
inline constexpr int exit_status = 97;

/// Bytes [lo, hi) that an operation reads or writes. `strong` accesses (atomic or volatile) do not race with each
/// other.
struct range {
  std::uintptr_t lo = 0;
  std::uintptr_t hi = 0;
  bool write = false;
  bool strong = false;
};

/// A kernel compiled by the host's compiler, found by its mangled name (FAKE_GPU_KERNELS=library.so).
struct kernel_body {
  const char* name;
  std::size_t parameters;
  const std::size_t* sizes;  ///< bytes of each parameter
  void (*run)(void** arguments, dim3 grid, dim3 block);
  /// What it touches: fills at most `room` ranges and returns how many there are. Null: the host body escapes the race
  /// check.
  std::size_t (*touches)(void** arguments, dim3 grid, dim3 block, range* ranges, std::size_t room);
};
struct kernel_bodies {
  const kernel_body* first;
  std::size_t size;
};

}  // namespace fakegpu

extern "C" {

/// Found by dlsym(RTLD_DEFAULT, "fakegpu_is_fake") in a process that runs on the fakes, else absent.
int fakegpu_is_fake();

/// Puts `run(data)` on `stream` as one operation that touches `ranges`: executed by the stream's thread in stream
/// order, or recorded while the stream captures and then executed once per replay. `drop(data)`, where given, is called
/// when no stream and no graph can run it any more. Ranges are checked when it executes: bounds, freed memory, races
/// with unordered operations. Zero-length ranges are skipped. Returns what cudaLaunchKernel would (a broken capture, a
/// dead stream).
cudaError_t fakegpu_submit(cudaStream_t stream, const char* name, const fakegpu::range* ranges, std::size_t size,
                           void (*run)(void*), void* data, void (*drop)(void*));

/// `check(call)` is called at the start of each call that waits for the device or ends a capture, so that an open NCCL
/// group can be reported. Null: none.
void fakegpu_on_sync(void (*check)(const char* call));

/// Is `pointer` inside a live allocation of cudaMalloc, cudaMallocAsync, cudaHostAlloc or cudaHostRegister?
int fakegpu_is_device_pointer(const void* pointer);

/// The device on which the allocation that holds `pointer` lies: -1 for host memory, -2 where there is no such
/// allocation.
int fakegpu_device_of(const void* pointer);

/// The device of a live stream; the current device for the default streams.
int fakegpu_device_of_stream(cudaStream_t stream);

/// To be called at the start of every entry point that allocates or synchronises: where a capture forbids this now,
/// reports it, breaks the capture and returns cudaErrorStreamCaptureUnsupported, else cudaSuccess.
cudaError_t fakegpu_forbidden_in_capture(const char* call);

/// Reports a finding: "fake-gpu: process P: TEXT" once on stderr; the process ends with `exit_status`, now if `fatal`,
/// else when it would end anyway.
void fakegpu_finding(const char* text, int fatal);

/// Exported by a library of host-compiled bodies.
fakegpu::kernel_bodies fakegpu_bodies();
}
