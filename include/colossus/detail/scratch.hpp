// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace colossus::detail {

/// Buffers by slot that grow and never shrink: a second call of the same size allocates nothing.
class scratch {
 public:
  std::span<std::byte> operator()(int slot, std::size_t bytes) {
    const auto index = static_cast<std::size_t>(slot);
    if (index >= slots_.size()) slots_.resize(index + 1);
    auto& [lines, size] = slots_[index];
    if (const std::size_t needed = (bytes + sizeof(line) - 1) / sizeof(line); needed > size) {
      lines = std::make_unique_for_overwrite<line[]>(needed);
      size = needed;
    }
    return std::as_writable_bytes(std::span{lines.get(), size}).first(bytes);
  }

 private:
  struct alignas(64) line {
    std::byte bytes[64];
  };
  struct slot_memory {
    std::unique_ptr<line[]> lines;
    std::size_t size = 0;
  };
  std::vector<slot_memory> slots_;
};

}  // namespace colossus::detail
