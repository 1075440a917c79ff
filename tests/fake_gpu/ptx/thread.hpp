// SPDX-License-Identifier: Apache-2.0
// The state of a running kernel: launches, blocks, threads.
#pragma once

#include "instruction.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace ptx {

struct dimensions {
  std::uint32_t x = 1, y = 1, z = 1;
  std::uint64_t volume() const { return std::uint64_t{x} * y * z; }
};

struct launch {
  const kernel* code;
  std::vector<std::byte> parameters;
  dimensions grid;
  dimensions block;
  std::size_t shared_bytes;
};

/// A rendezvous of threads: how many arrived, and what they brought. It is over when `epoch` moves on.
struct rendezvous {
  std::uint32_t arrived = 0;
  std::uint32_t expected = 0;  ///< 0: all threads of the block that have not ended
  std::uint32_t count = 0;     ///< of true predicates
  std::uint64_t epoch = 0;
  std::uint32_t last_arrived = 0, last_count = 0;  ///< of the rendezvous before
  void complete() {
    last_arrived = std::exchange(arrived, 0);
    last_count = std::exchange(count, 0);
    ++epoch;
  }
};

/// The same for the lanes of a warp, which exchange values.
struct warp {
  std::uint32_t alive = 0;
  std::uint32_t arrived = 0;
  std::uint32_t present = 0;  ///< in the exchange before, as `exchanged`
  std::uint64_t epoch = 0;
  std::array<std::uint64_t, 32> brought{}, exchanged{};
};

struct block {
  const launch* of;
  dimensions index;
  std::uint32_t alive;
  std::array<rendezvous, 16> barriers{};
  std::vector<warp> warps;
  std::vector<std::byte> shared;
  std::size_t first_thread = 0;  ///< in the machine
};

enum class wait : std::uint8_t { none, barrier, lanes };

struct thread {
  const launch* of = nullptr;
  block* in = nullptr;
  std::uint32_t number = 0;  ///< in its block
  std::size_t id = 0;        ///< in the machine
  std::size_t pc = 0;
  std::vector<std::uint64_t> registers;  ///< empty before its first step and after its last
  wait waits = wait::none;
  std::uint64_t epoch = 0;  ///< of the rendezvous it waits for
  std::uint32_t part = 0;   ///< elements done of a vector access that is interleaved with others
  std::uintptr_t part_address = 0;
  bool done = false;
  std::vector<std::byte> local;

  template <class T>
  T get(const instruction& i, std::size_t operand) const {
    return from_bits<T>(registers[i.operands[operand]]);
  }
  template <class T>
  void set(const instruction& i, std::size_t operand, T value) {
    registers[i.operands[operand]] = to_bits(value);
  }
};

}  // namespace ptx
