// SPDX-License-Identifier: Apache-2.0
// Kernels as the program's stubs register them, and what runs in their place: their PTX, or a body compiled for the
// host.
#pragma once

#include "../fake_gpu.hpp"
#include "../ptx/module.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace fakegpu {

struct fat_binary {
  const void* data;
  std::once_flag read;
  std::vector<std::unique_ptr<ptx::module>> modules;
};

struct device_function {
  fat_binary* from = nullptr;
  std::string name;   ///< mangled
  std::string shown;  ///< and readable
  std::once_flag prepared;
  std::optional<ptx::kernel> code;
  const kernel_body* body = nullptr;
  std::set<int> loaded_on;         ///< devices on which it was launched
  int dynamic_shared = 48 * 1024;  ///< the most that a launch may ask for

  /// Finds what runs in its place; ends the process where there is nothing.
  void prepare();
  std::vector<ptx::parameter> parameters() const;
};

void register_function(const void* host, fat_binary* from, const std::string& name);
/// Null if it was never registered.
device_function* function_of(const void* host);
cudaError_t launch(device_function& what, dim3 grid, dim3 block, void** arguments, std::size_t shared, cudaStream_t on);

}  // namespace fakegpu
