// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <cuda_runtime_api.h>

#include <string>
#include <utility>

namespace colossus::detail {

/// Throws (broke) where CUDA reports an error: what was being done, and what CUDA says of it.
inline void check_cuda(cudaError_t found, const char* what, source_location where = source_location::current()) {
  if (found == cudaSuccess) return;
  throw error{
      std::string{"CUDA could not "} + what + ": " + cudaGetErrorName(found) + " (" + cudaGetErrorString(found) + ")",
      failure::broke, where};
}

/// Makes a device current for a scope.
class on_device {
 public:
  explicit on_device(int device) {
    check_cuda(cudaGetDevice(&before_), "say which device is current");
    if (before_ != device) check_cuda(cudaSetDevice(device), "make a device current");
    changed_ = before_ != device;
  }
  on_device(const on_device&) = delete;
  on_device& operator=(const on_device&) = delete;
  ~on_device() {
    if (changed_) cudaSetDevice(before_);
  }

 private:
  int before_ = 0;
  bool changed_ = false;
};

/// A stream or an event of the device that is current when it is made.
template <class Handle, cudaError_t (*Destroy)(Handle)>
class cuda_handle {
 public:
  cuda_handle() = default;
  explicit cuda_handle(Handle h) : handle_{h} {}
  cuda_handle(cuda_handle&& from) noexcept : handle_{std::exchange(from.handle_, nullptr)} {}
  cuda_handle& operator=(cuda_handle&& from) noexcept {
    std::swap(handle_, from.handle_);
    return *this;
  }
  ~cuda_handle() {
    if (handle_ != nullptr) Destroy(handle_);
  }
  Handle get() const { return handle_; }

 private:
  Handle handle_ = nullptr;
};

using cuda_stream = cuda_handle<cudaStream_t, cudaStreamDestroy>;
using cuda_event = cuda_handle<cudaEvent_t, cudaEventDestroy>;

/// A stream that waits for no other one by itself.
inline cuda_stream make_stream() {
  cudaStream_t made{};
  check_cuda(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking), "make a stream");
  return cuda_stream{made};
}

/// An event for order alone: it keeps no time.
inline cuda_event make_event() {
  cudaEvent_t made{};
  check_cuda(cudaEventCreateWithFlags(&made, cudaEventDisableTiming), "make an event");
  return cuda_event{made};
}

}  // namespace colossus::detail
