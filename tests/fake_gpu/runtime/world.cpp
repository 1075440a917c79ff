// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "report.hpp"

namespace fakegpu {

world_state& world() {
  static auto& all = *new world_state;
  return all;
}
int& current_device() {
  thread_local int device = 0;
  return device;
}
int devices() {
  static const int count = static_cast<int>(setting("FAKE_GPU_DEVICES", 2));
  return count;
}
std::size_t device_memory() {
  static const std::size_t bytes = setting("FAKE_GPU_MEMORY_MB", 1024) << 20;
  return bytes;
}
/// A driver of the same major version, or a newer one, runs this runtime.
cudaError_t availability() {
  static const std::uint64_t driver = setting("FAKE_GPU_DRIVER", CUDART_VERSION);
  if (driver / 1000 < CUDART_VERSION / 1000) return cudaErrorInsufficientDriver;
  return devices() == 0 ? cudaErrorNoDevice : cudaSuccess;
}
void expect_no_gate(int device, const std::string& call) {
  for (const auto& [on, kernel] : world().held) {
    if (device >= 0 && on != device) continue;
    finding(call + " while '" + kernel + "' on device " + std::to_string(on) +
            " waits for the host: the real runtime may wait for that kernel in it");
  }
}
cudaError_t& last_error() {
  thread_local cudaError_t error = cudaSuccess;
  return error;
}
cudaError_t remember(cudaError_t error) {
  if (error != cudaSuccess) last_error() = error;
  return error;
}

}  // namespace fakegpu
