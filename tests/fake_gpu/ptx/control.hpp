// SPDX-License-Identifier: Apache-2.0
// Branches, barriers, exchanges between the lanes of a warp, clocks as handlers.
#pragma once

#include "arithmetic.hpp"
#include "bits.hpp"
#include "machine.hpp"

#include <bit>
#include <chrono>

namespace ptx {

// A handler that leaves `waits` set keeps the program counter: it is called again when its rendezvous is over.

inline void branch(machine&, thread& t, const instruction& i) { t.pc = i.target - std::size_t{1}; }
inline void leave(machine& m, thread& t, const instruction&) { m.end(t); }
inline void stop(machine& m, thread& t, const instruction&) { m.fail(t, "the kernel stops itself"); }
inline void unsupported(machine& m, thread& t, const instruction&) {
  m.fail(t, "PTX that this interpreter does not know");
}
inline void nothing(machine&, thread&, const instruction&) {}

inline void sleep(machine& m, thread&, const instruction&) { m.give_way(); }

/// %globaltimer: nanoseconds; %clock and %clock64 count the same.
inline void read_timer(machine& m, thread& t, const instruction& i) {
  m.give_way();
  t.set(i, 0,
        static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1}));
}

enum barrier_mode : std::uint32_t { synchronising = 0, arriving = 16, any_true = 32, all_true = 64, counting = 128 };

/// bar and barrier: `modifier` is its number and its mode; operands: [result], [threads], [predicate].
inline void barrier(machine& m, thread& t, const instruction& i) {
  const std::uint32_t id = i.modifier & 15, mode = i.modifier & ~15u;
  const bool reduces = mode > arriving;
  rendezvous& here = t.in->barriers[id];
  if (t.waits == wait::none) {
    const std::size_t threads = reduces ? 1 : 0;
    here.expected = i.size > threads + (reduces ? 1 : 0) ? t.get<std::uint32_t>(i, threads) : 0;
    if (m.checks_races()) m.races().arrive(t, id);
    if (reduces && t.get<bool>(i, i.size - 1u) != i.negated_source) ++here.count;
    t.epoch = here.epoch;
    if (++here.arrived == (here.expected != 0 ? here.expected : t.in->alive)) {
      here.complete();
      if (m.checks_races()) m.races().complete(*t.in, id);
    } else if (mode != arriving) {
      t.waits = wait::barrier;
      return;
    }
    if (mode == arriving) return;
  }
  t.waits = wait::none;
  if (m.checks_races()) m.races().leave(t, id);
  if (mode == any_true) t.set(i, 0, here.last_count != 0);
  if (mode == all_true) t.set(i, 0, here.last_count == here.last_arrived);
  if (mode == counting) t.set(i, 0, here.last_count);
}

/// Brings a value to the lanes of `mask` that live, and says whether all of them are there.
inline bool meet(thread& t, std::uint32_t mask, std::uint64_t value) {
  warp& lanes = t.in->warps[t.number / 32];
  if (t.waits == wait::none) {
    const std::uint32_t lane = t.number % 32;
    lanes.brought[lane] = value;
    lanes.arrived |= 1u << lane;
    t.epoch = lanes.epoch;
    const std::uint32_t expected = mask & lanes.alive;
    if ((lanes.arrived & expected) != expected) {
      t.waits = wait::lanes;
      return false;
    }
    lanes.exchanged = lanes.brought;
    lanes.present = expected;
    lanes.arrived &= ~expected;
    ++lanes.epoch;
  }
  t.waits = wait::none;
  return true;
}

enum shuffle_mode : std::uint32_t { up, down, butterfly, indexed };

/// shfl.sync; operands: result, [in range], value, lane, clamp, mask.
inline void shuffle(machine&, thread& t, const instruction& i) {
  const std::size_t first = i.two_results ? 2 : 1;
  if (!meet(t, t.get<std::uint32_t>(i, first + 3), t.get<std::uint32_t>(i, first))) return;
  const std::uint32_t lane = t.number % 32, by = t.get<std::uint32_t>(i, first + 1) & 31;
  const std::uint32_t clamp = t.get<std::uint32_t>(i, first + 2), segment = clamp >> 8 & 31;
  const std::uint32_t last = (lane & segment) | (clamp & 31 & ~segment), lowest = lane & segment;
  std::uint32_t from = 0;
  bool inside = false;
  switch (i.modifier) {
    case up:
      from = lane - by, inside = static_cast<std::int32_t>(from) >= static_cast<std::int32_t>(last);
      break;
    case down:
      from = lane + by, inside = from <= last;
      break;
    case butterfly:
      from = lane ^ by, inside = from <= last;
      break;
    default:
      from = lowest | (by & ~segment), inside = from <= last;
  }
  t.set(i, 0, static_cast<std::uint32_t>(t.in->warps[t.number / 32].exchanged[inside ? from : lane]));
  if (first == 2) t.set(i, 1, inside);
}

enum vote_mode : std::uint32_t { vote_any, vote_all, vote_uniform, ballot };

/// vote.sync; operands: result, predicate, mask.
inline void vote(machine&, thread& t, const instruction& i) {
  const std::uint32_t mask = t.get<std::uint32_t>(i, 2);
  if (!meet(t, mask, t.get<bool>(i, 1) != i.negated_source ? 1 : 0)) return;
  const warp& lanes = t.in->warps[t.number / 32];
  std::uint32_t votes = 0;
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    if ((lanes.present >> lane & 1) != 0 && lanes.exchanged[lane] != 0) votes |= 1u << lane;
  }
  const bool all = votes == lanes.present;
  if (i.modifier == ballot) t.set(i, 0, votes);
  else t.set(i, 0, i.modifier == vote_any ? votes != 0 : i.modifier == vote_all ? all : all || votes == 0);
}

enum reduction_mode : std::uint32_t { sum, least, greatest, conjunction, disjunction, parity };

/// redux.sync; operands: result, value, mask.
template <class T>
void reduce_lanes(machine&, thread& t, const instruction& i) {
  if (!meet(t, t.get<std::uint32_t>(i, 2), t.registers[i.operands[1]])) return;
  const warp& lanes = t.in->warps[t.number / 32];
  T all = t.get<T>(i, 1);
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    if ((lanes.present >> lane & 1) == 0 || lane == t.number % 32) continue;
    const T other = from_bits<T>(lanes.exchanged[lane]);
    switch (i.modifier) {
      case sum:
        all = add::of(all, other);
        break;
      case least:
        all = std::min(all, other);
        break;
      case greatest:
        all = std::max(all, other);
        break;
      case conjunction:
        all = bit_and::of(all, other);
        break;
      case disjunction:
        all = bit_or::of(all, other);
        break;
      default:
        all = bit_xor::of(all, other);
    }
  }
  t.set(i, 0, all);
}

/// The lanes that run: here those that have not ended.
inline void active_lanes(machine&, thread& t, const instruction& i) { t.set(i, 0, t.in->warps[t.number / 32].alive); }
inline void warp_barrier(machine& m, thread& t, const instruction& i) {
  const std::uint32_t id = static_cast<std::uint32_t>(t.in->barriers.size()) + t.number / 32;
  const bool arrives = t.waits == wait::none;
  if (m.checks_races() && arrives) m.races().arrive(t, id);
  if (!meet(t, t.get<std::uint32_t>(i, 0), 0) || !m.checks_races()) return;
  if (arrives) m.races().complete(*t.in, id);
  m.races().leave(t, id);
}

}  // namespace ptx
