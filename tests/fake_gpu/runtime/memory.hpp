// SPDX-License-Identifier: Apache-2.0
// Device memory: host memory between guard pages, and who used which bytes of it.
#pragma once

#include "../fake_gpu.hpp"
#include "clocks.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fakegpu {

enum class memory_kind { device, pinned, registered };

struct past_use {
  range bytes;
  moment when;
  std::string operation, where;
};

struct allocation {
  std::uintptr_t lo = 0, hi = 0;          ///< what was asked for
  std::uintptr_t map_lo = 0, map_hi = 0;  ///< with the guard pages
  int device = 0;                         ///< -1: host memory
  memory_kind kind = memory_kind::device;
  int number = 0;
  bool freed = false;
  std::vector<past_use> uses;
};

// All of these under the lock of the world (world.hpp).

/// New memory, filled with 0xcd, its end at a guard page; null when the device is full. Freed memory is never used
/// again.
void* allocate(std::size_t bytes, int device, memory_kind kind);
/// Host memory of the caller becomes known. False if part of it is known already.
bool register_host(void* start, std::size_t bytes);
/// The allocation around an address, freed ones and guard pages included; null if there is none.
allocation* allocation_at(std::uintptr_t address);
/// Forbids it for good: whoever touches it after that is named.
void release(allocation& what);
/// Bytes that cudaMalloc gave on a device and that are not freed.
std::size_t bytes_in_use(int device);

/// Checks one access of an operation and remembers it. Ends the process where it is out of bounds, in freed memory, or
/// unordered with an earlier access that conflicts with it.
void check_use(const range& bytes, const moment& when, const std::string& operation, const std::string& where);
/// Forgets uses that every operation still to come lies behind.
void forget_uses_before(const vector_clock& host);

/// Segmentation faults are named from now on. MPI puts its own handler in place: to be called again now and then.
void watch_faults();

}  // namespace fakegpu
