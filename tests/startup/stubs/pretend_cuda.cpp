// SPDX-License-Identifier: Apache-2.0
// Preloaded before libcudart: says of driver, runtime and devices what the environment says. A variable that is not set
// leaves the answer to the real one.
#include <cuda_runtime_api.h>
#include <dlfcn.h>

#include <cstdlib>

namespace {

/// Writes the number of a variable, or else what the next library says.
cudaError_t answer(int* value, const char* variable, const char* name) {
  if (const char* const text = std::getenv(variable)) {
    *value = std::atoi(text);
    return cudaSuccess;
  }
  return reinterpret_cast<cudaError_t (*)(int*)>(::dlsym(RTLD_NEXT, name))(value);
}

}  // namespace

extern "C" {

cudaError_t cudaDriverGetVersion(int* version) { return answer(version, "PRETEND_DRIVER", "cudaDriverGetVersion"); }
cudaError_t cudaRuntimeGetVersion(int* version) { return answer(version, "PRETEND_RUNTIME", "cudaRuntimeGetVersion"); }
cudaError_t cudaGetDeviceCount(int* count) {
  if (const char* const status = std::getenv("PRETEND_STATUS")) return static_cast<cudaError_t>(std::atoi(status));
  return answer(count, "PRETEND_DEVICES", "cudaGetDeviceCount");
}
}
