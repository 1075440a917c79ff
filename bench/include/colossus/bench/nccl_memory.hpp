// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/moving_place.hpp>
#include <colossus/bench/numbers.hpp>
#include <colossus/detail/cuda_handles.hpp>
#include <colossus/detail/nccl_check.hpp>

#include <dlfcn.h>

#include <algorithm>

namespace colossus::bench {

/// A function of NCCL that not every version has. Throws (unavailable) where this one does not.
template <class Signature>
Signature* nccl_function(const char* name, const char* since) {
  if (void* const found = ::dlsym(RTLD_DEFAULT, name)) return reinterpret_cast<Signature*>(found);
  throw error{
      std::string{name} + ": this libnccl does not have it: use NCCL " + since + " or later, or --register none",
      failure::unavailable};
}

/// Memory of the current device, and what NCCL was told of it.
class nccl_memory {
 public:
  nccl_memory() = default;
  /// `by_nccl`: as registration needs it. Throws (broke) where there is not so much.
  nccl_memory(std::int64_t bytes, bool by_nccl) : bytes_{bytes}, by_nccl_{by_nccl} {
    const auto size = static_cast<std::size_t>(bytes);
    bool enough = true;
    if (by_nccl) {
      const auto allocate = nccl_function<ncclResult_t(void**, std::size_t)>("ncclMemAlloc", "2.19");
      enough = allocate(&base_, size) == ncclSuccess;
    } else enough = cudaMalloc(&base_, size) == cudaSuccess;
    if (enough) return;
    static_cast<void>(cudaGetLastError());  // it would be found by whoever looks next
    throw error{"out of GPU memory for a buffer of " + bytes_for_people(bytes) + ": lower -e", failure::broke};
  }
  nccl_memory(nccl_memory&& other) noexcept { swap(other); }
  nccl_memory& operator=(nccl_memory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~nccl_memory() {
    if (!base_) return;
    deregister();
    if (!by_nccl_) static_cast<void>(cudaFree(base_));
    else static_cast<void>(nccl_function<ncclResult_t(void*)>("ncclMemFree", "2.19")(base_));
  }

  /// NCCL was told of it, and has not silently declined: it gives no handle then.
  bool told() const { return handle_ != nullptr; }
  std::byte* data() const { return static_cast<std::byte*>(base_); }
  std::int64_t bytes() const { return bytes_; }

  /// Tells the communicator of the whole. With `symmetric` all ranks do so at once, with as many bytes each: the calls
  /// of one process make a group.
  void tell(ncclComm_t comm, bool symmetric) {
    comm_ = comm;
    symmetric_ = symmetric;
    const auto size = static_cast<std::size_t>(bytes_);
    if (symmetric) {
      constexpr int collective = 1;  // NCCL_WIN_COLL_SYMMETRIC
      using function = ncclResult_t(ncclComm_t, void*, std::size_t, void**, int);
      colossus::detail::check_nccl(
          nccl_function<function>("ncclCommWindowRegister", "2.27")(comm, base_, size, &handle_, collective),
          "register a window", comm);
    } else {
      using function = ncclResult_t(ncclComm_t, void*, std::size_t, void**);
      colossus::detail::check_nccl(nccl_function<function>("ncclCommRegister", "2.19")(comm, base_, size, &handle_),
                                   "register a buffer", comm);
    }
  }

 private:
  void deregister() noexcept {
    if (!comm_) return;
    const char* const name = symmetric_ ? "ncclCommWindowDeregister" : "ncclCommDeregister";
    if (void* const f = ::dlsym(RTLD_DEFAULT, name))
      static_cast<void>(reinterpret_cast<ncclResult_t (*)(ncclComm_t, void*)>(f)(comm_, handle_));
  }
  void swap(nccl_memory& other) noexcept {
    std::swap(base_, other.base_), std::swap(handle_, other.handle_), std::swap(bytes_, other.bytes_);
    std::swap(comm_, other.comm_), std::swap(by_nccl_, other.by_nccl_), std::swap(symmetric_, other.symmetric_);
  }

  void* base_ = nullptr;
  void* handle_ = nullptr;
  std::int64_t bytes_ = 0;
  ncclComm_t comm_ = nullptr;
  bool by_nccl_ = false, symmetric_ = false;
};

/// A buffer of an operation, at another place in its memory each time.
struct moving_buffer {
  nccl_memory memory;
  moving_place place;
  std::byte* data() const { return memory.data() + place.offset(); }
  void move_on(std::int64_t bytes) { place.move_on(bytes, memory.bytes()); }
};

}  // namespace colossus::bench
