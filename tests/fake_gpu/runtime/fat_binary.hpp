// SPDX-License-Identifier: Apache-2.0
// The PTX inside a program: nvcc's fat binary, as it lies in memory.
#pragma once

#include <string>
#include <vector>

namespace fakegpu {

/// All PTX texts of a fat binary. Ends the process where one cannot be unpacked.
std::vector<std::string> ptx_texts(const void* fat_binary);

/// LZ4's block format, by which CUDA 12 packs. Empty if `packed` is no such block of exactly `size` bytes.
std::string unpack_lz4(const char* packed, std::size_t packed_size, std::size_t size);

}  // namespace fakegpu
