// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/stream_program.hpp>

#include <driver_types.h>

#include <cstdint>

namespace colossus::transports {

/// A piece of memory on a GPU to combine: onto[i] = own[i] op from[i].
struct segment {
  const void* own;
  const void* from;
  void* onto;
  std::uint64_t count;  ///< elements
  std::uint32_t mode;   ///< 0: onto = from; 1: onto = op(own, from); 2: onto = op(from, own)
};

inline constexpr int max_segments = static_cast<int>(detail::combinations_per_launch);

/// What one launch combines: a parameter of the kernel, of which there are 4 KiB.
struct segment_batch {
  std::uint32_t size;
  segment segments[max_segments];
};
static_assert(sizeof(segment_batch) < 4096);

/// Launches the kernel for one type and reduction on a stream of the current device; `largest` is the most elements of
/// a segment.
using combiner = cudaError_t (*)(const segment_batch& batch, std::uint64_t largest, cudaStream_t stream);

}  // namespace colossus::transports
