// SPDX-License-Identifier: Apache-2.0
#include "memory.hpp"

#include "report.hpp"
#include "world.hpp"

#include <signal.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>

namespace fakegpu {
namespace {

constexpr std::uintptr_t page = 4096;

using allocation_map = std::map<std::uintptr_t, allocation>;  // by the first byte of the mapping

/// Never destroyed: exit handlers may still free.
struct memory_table {
  allocation_map live, freed;
  std::deque<std::uintptr_t> oldest;  ///< of the freed ones
  std::map<int, std::size_t> bytes;   ///< of the live ones, by device
  int count = 0;
};
memory_table& table() {
  static auto& all = *new memory_table;
  return all;
}

/// So many freed allocations stay forbidden before the oldest is given back to the system.
constexpr std::size_t most_freed = 8192;

allocation& add(const allocation& made) {
  table().bytes[made.device] += made.hi - made.lo;
  allocation& kept = table().live[made.map_lo] = made;
  kept.number = table().count++;
  return kept;
}

allocation* find_in(allocation_map& blocks, std::uintptr_t address) {
  const auto after = blocks.upper_bound(address);
  if (after == blocks.begin()) return nullptr;
  allocation& block = std::prev(after)->second;
  return address < block.map_hi ? &block : nullptr;
}

std::string name_of(const allocation& block) {
  const std::string kind =
      block.kind == memory_kind::device ? "device " + std::to_string(block.device) + "'s" : "host's";
  return "allocation #" + std::to_string(block.number) + " (" + kind + ", " + std::to_string(block.hi - block.lo) +
         " bytes)";
}
std::string offset_in(const allocation& block, std::uintptr_t address) {
  return std::to_string(static_cast<std::int64_t>(address - block.lo));
}

void on_fault(int, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  static_cast<void>(world().lock.try_lock());  // for good: the process ends here
  const std::string who = now_running().empty() ? "host code" : now_running();
  const allocation* block = allocation_at(address);
  if (block == nullptr) fatal(who + ": segmentation fault at address " + std::to_string(address));
  fatal(who + (block->freed ? " touches freed " : " is out of bounds of ") + name_of(*block) + " at byte " +
        offset_in(*block, address));
}

void check_bounds(const allocation& block, const range& bytes, const std::string& what) {
  if (block.freed) fatal(what + " uses freed " + name_of(block));
  if (bytes.lo >= block.lo && bytes.hi <= block.hi) return;
  fatal(what + " is out of bounds: bytes [" + offset_in(block, bytes.lo) + ", " + offset_in(block, bytes.hi) + ") of " +
        name_of(block));
}

bool overlap(const range& a, const range& b) { return a.lo < b.hi && b.lo < a.hi; }

[[noreturn]] void report_race(const allocation& block, const past_use& past, const past_use& now) {
  const auto does = [](const past_use& use) {
    return "'" + use.operation + "' on " + use.where + (use.bytes.write ? " writes" : " reads");
  };
  const std::uintptr_t lo = std::max(past.bytes.lo, now.bytes.lo), hi = std::min(past.bytes.hi, now.bytes.hi);
  fatal("race on bytes [" + offset_in(block, lo) + ", " + offset_in(block, hi) + ") of " + name_of(block) + ": " +
        does(now) + " while " + does(past) + ", and no event or synchronisation orders them");
}

}  // namespace

void watch_faults() {
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGSEGV, &action, nullptr);
  ::sigaction(SIGBUS, &action, nullptr);
}

std::size_t bytes_in_use(int device) { return table().bytes[device]; }

void* allocate(std::size_t bytes, int device, memory_kind kind) {
  watch_faults();
  constexpr std::size_t alignment = 256;
  const std::size_t aligned = (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  const std::size_t body = (aligned + page - 1) / page * page;
  if (kind == memory_kind::device && bytes_in_use(device) + bytes > device_memory()) return nullptr;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const mapped = ::mmap(nullptr, body + 2 * page, PROT_NONE, flags, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const first = static_cast<std::byte*>(mapped) + page;
  if (::mprotect(first, body, PROT_READ | PROT_WRITE) != 0) return nullptr;
  std::byte* const start = first + (body - aligned);
  if (bytes <= std::size_t{64} << 20) std::memset(start, 0xcd, bytes);
  const auto lo = reinterpret_cast<std::uintptr_t>(start), map = reinterpret_cast<std::uintptr_t>(mapped);
  add({lo, lo + bytes, map, map + body + 2 * page, device, kind, 0, false, {}});
  return start;
}

bool register_host(void* start, std::size_t bytes) {
  const auto lo = reinterpret_cast<std::uintptr_t>(start);
  for (const auto& [at, block] : table().live) {
    if (block.map_lo < lo + bytes && lo < block.map_hi) return false;
  }
  add({lo, lo + bytes, lo, lo + bytes, -1, memory_kind::registered, 0, false, {}});
  return true;
}

allocation* allocation_at(std::uintptr_t address) {
  allocation* const found = find_in(table().live, address);
  return found != nullptr ? found : find_in(table().freed, address);
}

static void forget_oldest() {
  const auto oldest = table().freed.find(table().oldest.front());
  table().oldest.pop_front();
  ::munmap(reinterpret_cast<void*>(oldest->second.map_lo), oldest->second.map_hi - oldest->second.map_lo);
  table().freed.erase(oldest);
}

void release(allocation& what) {
  auto taken = table().live.extract(what.map_lo);
  allocation& block = taken.mapped();
  table().bytes[block.device] -= block.hi - block.lo;
  if (block.kind == memory_kind::registered) return;
  block.freed = true;
  block.uses.clear();
  auto* const map = reinterpret_cast<void*>(block.map_lo);
  ::madvise(map, block.map_hi - block.map_lo, MADV_DONTNEED);
  ::mprotect(map, block.map_hi - block.map_lo, PROT_NONE);
  table().oldest.push_back(block.map_lo);
  table().freed.insert(std::move(taken));
  if (table().oldest.size() > most_freed) forget_oldest();
}

void check_use(const range& bytes, const moment& when, const std::string& operation, const std::string& where) {
  if (bytes.lo >= bytes.hi) return;
  allocation* const block = allocation_at(bytes.lo);
  if (block == nullptr) return;
  const past_use now{bytes, when, operation, where};
  check_bounds(*block, bytes, "'" + operation + "' on " + where);
  std::size_t kept = 0;
  for (past_use& past : block->uses) {
    const bool ordered = when.is_after(past.when) || past.when.is_after(when);
    const bool conflict = (past.bytes.write || bytes.write) && !(past.bytes.strong && bytes.strong);
    if (!ordered && conflict && overlap(past.bytes, bytes)) report_race(*block, past, now);
    const bool covers = bytes.lo <= past.bytes.lo && past.bytes.hi <= bytes.hi;
    const bool stricter = (bytes.write || !past.bytes.write) && (!bytes.strong || past.bytes.strong);
    if (when.is_after(past.when) && covers && stricter)
      continue;  // whoever conflicts with it conflicts with the new use
    if (&block->uses[kept] != &past) block->uses[kept] = std::move(past);
    ++kept;
  }
  block->uses.resize(kept);
  block->uses.push_back(now);
}

void forget_uses_before(const vector_clock& host) {
  for (auto& [start, block] : table().live) {
    std::erase_if(block.uses, [&](const past_use& use) { return host.at(use.when.line) >= use.when.time; });
  }
}

}  // namespace fakegpu
