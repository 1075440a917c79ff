// SPDX-License-Identifier: Apache-2.0
// Loads, stores, atomics, fences as handlers.
#pragma once

#include "machine.hpp"
#include "operations.hpp"

#include <cstring>

namespace ptx {

template <class T>
using bits_of =
    std::conditional_t<sizeof(T) == 1, std::uint8_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t,
                                          std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>>;

inline bool is_shared_between_threads(const instruction& i) {
  return i.where == space::global || i.where == space::shared;
}

/// Strong accesses are the host's atomics: the host and other streams may be at the same word.
template <class T>
T loaded(const std::byte* from, access_kind kind) {
  bits_of<T> bits;
  if (kind.strong()) bits = __atomic_load_n(reinterpret_cast<const bits_of<T>*>(from), __ATOMIC_SEQ_CST);
  else std::memcpy(&bits, from, sizeof bits);
  return from_bits<T>(bits);
}
template <class T>
void stored(std::byte* to, T value, access_kind kind) {
  const auto bits = static_cast<bits_of<T>>(to_bits(value));
  if (kind.strong()) __atomic_store_n(reinterpret_cast<bits_of<T>*>(to), bits, __ATOMIC_SEQ_CST);
  else std::memcpy(to, &bits, sizeof bits);
}

/// Calls `f(address, element)` for the elements of an access: all of them, or, where threads are interleaved, one in
/// each step, since no vector access is atomic as a whole.
template <class T, class F>
void by_elements(machine& m, thread& t, const instruction& i, F f) {
  const unsigned size = i.vector;
  if (t.part == 0) t.part_address = reinterpret_cast<std::uintptr_t>(m.memory_at(t, i, size * sizeof(T)));
  auto* const first = reinterpret_cast<std::byte*>(t.part_address);
  if (size == 1 || !m.interleaves() || !is_shared_between_threads(i)) {
    for (unsigned n = 0; n < size; ++n) f(first + n * sizeof(T), n);
    return;
  }
  f(first + t.part * sizeof(T), t.part);
  t.part = (t.part + 1) % size;
  if (t.part != 0) --t.pc;
}
/// How many bytes the race check has to hear of at the element `n`.
template <class T>
std::size_t checked_bytes(const machine& m, const instruction& i, unsigned n) {
  if (!m.checks_races() || !is_shared_between_threads(i)) return 0;
  if (m.interleaves()) return sizeof(T);
  return n == 0 ? i.vector * sizeof(T) : 0;
}

template <class T>
void load(machine& m, thread& t, const instruction& i) {
  by_elements<T>(m, t, i, [&](const std::byte* from, unsigned n) {
    const std::size_t bytes = checked_bytes<T>(m, i, n);
    if (bytes != 0) m.races().read(t, reinterpret_cast<std::uintptr_t>(from), bytes, i.access);
    t.set(i, n, loaded<T>(from, i.access));
  });
}
template <class T>
void store(machine& m, thread& t, const instruction& i) {
  m.progress();
  by_elements<T>(m, t, i, [&](std::byte* to, unsigned n) {
    const std::size_t bytes = checked_bytes<T>(m, i, n);
    if (bytes != 0) m.races().write(t, reinterpret_cast<std::uintptr_t>(to), bytes, i.access);
    stored(to, t.get<T>(i, n), i.access);
  });
}

/// One read-modify-write: `f(old)` is the new value. Atomic for the host and other streams, too.
template <class T, class F>
T updated(std::byte* at, F f) {
  auto* const word = reinterpret_cast<bits_of<T>*>(at);
  bits_of<T> old = __atomic_load_n(word, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(word, &old, static_cast<bits_of<T>>(to_bits(f(from_bits<T>(old)))), false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {}
  return from_bits<T>(old);
}
/// `modifier`: 1 if there is a result (atom), 0 if not (red).
template <class T, class F>
void read_modify_write(machine& m, thread& t, const instruction& i, F f) {
  m.progress();
  std::byte* const at = m.memory_at(t, i, sizeof(T));
  if (m.checks_races()) m.races().update(t, reinterpret_cast<std::uintptr_t>(at), sizeof(T), i.access);
  const T old = updated<T>(at, f);
  if (i.modifier != 0) t.set(i, 0, old);
}
template <class F, class T>
void atomic(machine& m, thread& t, const instruction& i) {
  const T operand = t.get<T>(i, i.modifier);
  read_modify_write<T>(m, t, i, [operand](T old) { return F::of(old, operand); });
}
template <class T>
void compare_and_swap(machine& m, thread& t, const instruction& i) {
  const T expected = t.get<T>(i, 1), desired = t.get<T>(i, 2);
  read_modify_write<T>(m, t, i, [=](T old) { return old == expected ? desired : old; });
}

struct exchange {
  template <class T>
  static T of(T, T desired) {
    return desired;
  }
};
/// Counts up to a limit and starts again, or down.
struct increment {
  template <class T>
  static T of(T old, T limit) {
    return old >= limit ? T{0} : static_cast<T>(old + 1);
  }
};
struct decrement {
  template <class T>
  static T of(T old, T limit) {
    return old == 0 || old > limit ? limit : static_cast<T>(old - 1);
  }
};

inline void fence(machine& m, thread& t, const instruction& i) {
  if (m.checks_races()) m.races().fence(t, i.access.reach);
}

/// cvta of shared memory: an address in its window becomes a generic one, or (`modifier`) the other way round.
inline void convert_shared_address(machine&, thread& t, const instruction& i) {
  const auto window = reinterpret_cast<std::uintptr_t>(t.in->shared.data());
  const std::uint64_t value = t.registers[i.operands[1]];
  t.set(i, 0, i.modifier != 0 ? value - window : value + window);
}

}  // namespace ptx
