// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>

#include <cuda_runtime_api.h>
#include <nccl.h>

#include <cstdlib>
#include <optional>
#include <string>

namespace colossus::bench {

inline constexpr int oldest_nccl = 21800;

/// 13000 in words is 13.0.
inline std::string cuda_version_text(int code) {
  return std::to_string(code / 1000) + "." + std::to_string(code % 1000 / 10);
}

/// 22809 in words is 2.28.9; before 2.9 a version had one digit less: 2804 is 2.8.4.
inline std::string nccl_version_text(int code) {
  const int unit = code < 10'000 ? 1000 : 10'000;
  return std::to_string(code / unit) + "." + std::to_string(code % unit / 100) + "." + std::to_string(code % 100);
}

/// What CUDA and NCCL say of themselves here.
struct cuda_state {
  int nccl = 0, runtime = 0;
  int driver = 0;  ///< the CUDA version that it serves; 0: none
  int devices = 0;
  cudaError_t status = cudaSuccess;      ///< of counting the devices
  std::optional<std::string> visible{};  ///< CUDA_VISIBLE_DEVICES
};

inline cuda_state find_cuda() {
  cuda_state s;
  if (ncclGetVersion(&s.nccl) != ncclSuccess) s.nccl = 0;
  if (cudaRuntimeGetVersion(&s.runtime) != cudaSuccess) s.runtime = 0;
  if (cudaDriverGetVersion(&s.driver) != cudaSuccess) s.driver = 0;
  s.status = cudaGetDeviceCount(&s.devices);
  if (s.status != cudaSuccess) s.devices = 0;
  static_cast<void>(cudaGetLastError());  // it would be found by whoever looks next
  if (const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES")) s.visible = visible;
  return s;
}

namespace detail {

/// What to do about an error that is neither a driver's version nor an absence.
inline std::string cuda_remedy(cudaError_t status) {
  switch (static_cast<int>(status)) {
    case 802:
      return "start the fabric manager (systemctl start nvidia-fabricmanager), or wait until it is ready";
    case 803:
      return "libcuda.so.1 is of another driver than the kernel's: reboot after an update, or mend the path";
    case 804:
      return "take the compatibility libcuda.so.1 out of LD_LIBRARY_PATH: this GPU does not go with it";
    default:
      return "see what nvidia-smi says, and dmesg of the node";
  }
}

inline std::string why_no_device(const cuda_state& s) {
  if (!s.visible)
    return "no GPU: the driver (CUDA " + cuda_version_text(s.driver) +
           ") has none to show: run on a GPU node, and ask the scheduler for GPUs (--gpus-per-node)";
  return "no GPU is visible: CUDA_VISIBLE_DEVICES='" + *s.visible +
         "' hides all: unset it, or name GPUs of nvidia-smi -L";
}

}  // namespace detail

/// Why nothing can run here and what to do, in one line; empty where all is well. Libraries come first: they are at
/// fault on every node.
inline std::string cuda_trouble(const cuda_state& s) {
  if (s.nccl < oldest_nccl)
    return "NCCL " + nccl_version_text(s.nccl) +
           " is too old: 2.18 or later is needed: put another libnccl.so.2 first in " + "LD_LIBRARY_PATH";
  if (s.status == cudaErrorInsufficientDriver && s.driver == 0)
    return "no NVIDIA driver: libcuda.so.1 is not here: run on a GPU node, or start the container with its GPUs "
           "(docker --gpus all, apptainer --nv)";
  if (s.status == cudaErrorInsufficientDriver)
    return "the driver serves CUDA " + cuda_version_text(s.driver) + " and this program's runtime is CUDA " +
           cuda_version_text(s.runtime) + ": build with CUDA " + std::to_string(s.driver / 1000) +
           " (-DCMAKE_CUDA_COMPILER=), or have the driver updated";
  if (s.status == cudaErrorNoDevice || (s.status == cudaSuccess && s.devices == 0)) return detail::why_no_device(s);
  if (s.status != cudaSuccess)
    return std::string{"CUDA cannot begin: "} + cudaGetErrorString(s.status) + " (error " +
           std::to_string(static_cast<int>(s.status)) + "): " + detail::cuda_remedy(s.status);
  return {};
}

/// The number of GPUs that are visible. Throws (unavailable) where nothing can run here. Opens no context.
inline int expect_cuda() {
  const cuda_state s = find_cuda();
  if (const std::string trouble = cuda_trouble(s); !trouble.empty()) throw error{trouble, failure::unavailable};
  return s.devices;
}

}  // namespace colossus::bench
