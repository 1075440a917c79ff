// SPDX-License-Identifier: Apache-2.0
// Runs kernels: every CUDA thread step by step, interleaved with the others by a seeded scheduler, on the caller's
// memory. Interleaving is sequentially consistent: what weaker hardware may do is found by `race_check`, not by chance.
#pragma once

#include "races.hpp"
#include "text.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace ptx {

/// Bytes [lo, hi) that kernels may touch; empty ones say why not.
struct extent {
  std::uintptr_t lo = 0, hi = 0;
  const char* why_not = "no allocation is there";
};

struct settings {
  std::uint64_t seed = 1;
  bool races = true;
  std::uint64_t most_steps = 1'000'000'000;
  std::chrono::milliseconds longest{60'000};
  std::size_t resident_blocks = 64;  ///< more wait until one has ended, as on a device
  /// The allocation around an address; empty if there is none. Null: everything but the first page may be touched.
  std::function<extent(std::uintptr_t)> allocation;
  /// Told when all threads only sleep and read, so that somebody outside must let them go on, and when they do.
  std::function<void(bool)> waits_outside;
};

class machine {
 public:
  explicit machine(settings chosen) : settings_{std::move(chosen)}, random_{settings_.seed}, races_{threads_} {}
  machine(const machine&) = delete;
  machine& operator=(const machine&) = delete;

  /// Adds a launch of `code`, which must outlive the machine. `parameters` holds them at the kernel's offsets.
  void start(const kernel& code, dimensions grid, dimensions block_size, std::vector<std::byte> parameters,
             std::size_t dynamic_shared = 0) {
    parameters.resize(std::max(parameters.size(), code.parameter_bytes));
    launches_.push_back({&code, std::move(parameters), grid, block_size, code.shared_bytes + dynamic_shared});
    for (std::uint64_t b = 0; b < grid.volume(); ++b) add_block(launches_.back(), static_cast<std::uint32_t>(b));
    extents_.resize(std::max(extents_.size(), code.code.size()));
    waits_ = waits_ || code.waits;
    races_.grow();
  }

  /// Runs all launches to their end. Throws `trap` where a thread does what it must not, or where they do not end.
  void run();

  std::uint64_t steps() const { return steps_; }
  race_check& races() { return races_; }
  const race_check& races() const { return races_; }

  // What instructions need.
  bool checks_races() const { return settings_.races; }
  bool interleaves() const { return waits_; }
  void give_way() {
    yielded_ = true;
    if (++sleeps_ == 16 + 4 * threads_.size()) tell(true);
  }
  void progress() {
    sleeps_ = 0;
    if (told_) tell(false);
  }
  std::uint64_t random() { return random_(); }
  std::byte* memory_at(thread& t, const instruction& i, std::size_t bytes);
  void end(thread& t);
  [[noreturn]] void fail(const thread& t, const std::string& why) const;

 private:
  void add_block(const launch& of, std::uint32_t number);
  void admit();
  void begin(thread& t);
  void retire(std::size_t position);
  std::size_t choose();
  void run_slice(thread& t);
  bool waits(const thread& t) const;
  void check_progress();
  void tell(bool waits) {
    told_ = waits;
    if (settings_.waits_outside) settings_.waits_outside(waits);
  }
  std::string where_all_wait() const;
  void require(const thread& t, bool condition, const char* why) const {
    if (!condition) fail(t, why);
  }
  std::byte* within(thread& t, std::vector<std::byte>& memory, std::uint64_t at, std::size_t bytes,
                    const char* why) const;

  settings settings_;
  std::mt19937_64 random_;
  std::deque<launch> launches_;
  std::deque<block> blocks_;
  std::vector<thread> threads_;
  race_check races_;
  std::vector<extent> extents_;    // the allocation that each instruction touched last
  std::vector<std::size_t> live_;  // threads of the resident blocks that have not ended
  std::size_t next_block_ = 0, resident_ = 0;
  std::uint64_t steps_ = 0, idle_ = 0, next_look_ = 0, thaw_ = 0;
  const block* frozen_ = nullptr;
  std::uint64_t sleeps_ = 0;
  bool told_ = false;
  bool yielded_ = false, waits_ = false, unfinished_ = false;
  std::chrono::steady_clock::time_point began_;
};

inline void machine::add_block(const launch& of, std::uint32_t number) {
  const auto size = static_cast<std::uint32_t>(of.block.volume());
  const dimensions index{number % of.grid.x, number / of.grid.x % of.grid.y, number / of.grid.x / of.grid.y};
  blocks_.push_back({&of, index, size, {}, {}, {}, threads_.size()});
  for (std::uint32_t n = 0; n < size; ++n) {
    thread t;
    t.of = &of;
    t.in = &blocks_.back();
    t.number = n;
    t.id = threads_.size();
    threads_.push_back(std::move(t));
  }
}

/// Makes blocks resident, in their order.
inline void machine::admit() {
  for (; next_block_ < blocks_.size() && resident_ < settings_.resident_blocks; ++next_block_, ++resident_) {
    block& in = blocks_[next_block_];
    in.shared.resize(in.of->shared_bytes);
    in.warps.resize((in.alive + 31) / 32);
    for (std::uint32_t n = 0; n < in.alive; ++n) in.warps[n / 32].alive |= 1u << n % 32;
    for (std::uint32_t n = in.alive; n > 0; --n) live_.push_back(in.first_thread + n - 1);
  }
}

/// A thread's first step: its constants, special registers and the addresses of its variables.
inline void machine::begin(thread& t) {
  const kernel& code = *t.of->code;
  const std::uint32_t n = t.number, x = t.of->block.x, y = t.of->block.y;
  const dimensions &size = t.of->block, &index = t.in->index, &grid = t.of->grid;
  const std::array<std::uint32_t, 14> special{n % x,   n / x % y, n / x / y, size.x, size.y, size.z, index.x,
                                              index.y, index.z,   grid.x,    grid.y, grid.z, n % 32, n / 32};
  t.registers.assign(code.slots, 0);
  t.local.resize(code.local_bytes);
  for (const auto& [at, value] : code.constants) t.registers[at] = value;
  for (const auto& [at, which] : code.specials) t.registers[at] = special[static_cast<std::size_t>(which)];
  for (const auto& [at, what] : code.addresses) {
    const std::byte* base = what.where == space::local   ? t.local.data()
                            : what.where == space::param ? t.of->parameters.data()
                                                         : nullptr;
    t.registers[at] = reinterpret_cast<std::uintptr_t>(base) + what.offset;
  }
}

inline std::byte* machine::within(thread& t, std::vector<std::byte>& memory, std::uint64_t at, std::size_t bytes,
                                  const char* why) const {
  require(t, at <= memory.size() && bytes <= memory.size() - at, why);
  return memory.data() + at;
}

/// The memory that a load, store or atomic touches.
inline std::byte* machine::memory_at(thread& t, const instruction& i, std::size_t bytes) {
  const std::uint64_t address = t.registers[i.address] + static_cast<std::uint64_t>(i.offset);
  require(t, address % bytes == 0, "misaligned access");
  if (i.where == space::shared) {
    return within(t, t.in->shared, static_cast<std::uint32_t>(address), bytes, "shared memory is left");
  }
  if (i.where == space::local) {
    return within(t, t.local, address - reinterpret_cast<std::uintptr_t>(t.local.data()), bytes,
                  "local memory is left");
  }
  if (i.where == space::param) {
    auto& parameters = const_cast<launch*>(t.of)->parameters;
    return within(t, parameters, address - reinterpret_cast<std::uintptr_t>(parameters.data()), bytes,
                  "parameters are left");
  }
  extent& known = extents_[t.pc];
  if (address < known.lo || address + bytes > known.hi) {
    const auto inside = [&](const std::vector<std::byte>& memory) {
      const auto lo = reinterpret_cast<std::uintptr_t>(memory.data());
      return lo <= address && address + bytes <= lo + memory.size();
    };
    const bool own = inside(t.in->shared) || inside(t.local) || inside(t.of->parameters);  // a generic address
    if (own) return reinterpret_cast<std::byte*>(address);
    known = settings_.allocation ? settings_.allocation(address) : extent{4096, ~std::uintptr_t{0}};
    if (address < known.lo || address + bytes > known.hi) {
      const std::string there = known.hi == 0 ? known.why_not
                                              : "the allocation has " + std::to_string(known.hi - known.lo) +
                                                    " bytes, and the access begins at " +
                                                    std::to_string(static_cast<std::int64_t>(address - known.lo));
      known = {};
      fail(t, "out of bounds: " + there);
    }
  }
  return reinterpret_cast<std::byte*>(address);
}

inline void machine::fail(const thread& t, const std::string& why) const {
  const auto place = [](const dimensions& d) {
    return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " + std::to_string(d.z) + ")";
  };
  const std::uint32_t x = t.of->block.x, y = t.of->block.y;
  throw trap{why + ": '" + t.of->code->lines[t.pc] + "' in thread " +
             place({t.number % x, t.number / x % y, t.number / x / y}) + " of block " + place(t.in->index)};
}

}  // namespace ptx

#include "schedule.hpp"
