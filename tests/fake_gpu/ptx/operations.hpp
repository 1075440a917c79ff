// SPDX-License-Identifier: Apache-2.0
// Arithmetic opcodes as handlers: registers in, registers out.
#pragma once

#include "arithmetic.hpp"
#include "bits.hpp"
#include "convert.hpp"
#include "thread.hpp"

namespace ptx {

template <class F, class T>
void binary(machine&, thread& t, const instruction& i) {
  t.set(i, 0, F::of(t.get<T>(i, 1), t.get<T>(i, 2)));
}
template <class F, class T>
void shift(machine&, thread& t, const instruction& i) {
  t.set(i, 0, F::of(t.get<T>(i, 1), t.get<std::uint32_t>(i, 2)));
}
template <class F, class T>
void unary(machine&, thread& t, const instruction& i) {
  t.set(i, 0, F::of(t.get<T>(i, 1)));
}

template <class T>
void multiply_add(machine&, thread& t, const instruction& i) {
  t.set(i, 0, add::of(multiply::of(t.get<T>(i, 1), t.get<T>(i, 2)), t.get<T>(i, 3)));
}
template <class T>
void multiply_high_add(machine&, thread& t, const instruction& i) {
  t.set(i, 0, add::of(multiply_high::of(t.get<T>(i, 1), t.get<T>(i, 2)), t.get<T>(i, 3)));
}
/// mul.wide and mad.wide: the whole product.
template <class T>
void multiply_wide(machine&, thread& t, const instruction& i) {
  using wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
  const std::uint64_t product = static_cast<std::uint64_t>(wide{t.get<T>(i, 1)} * wide{t.get<T>(i, 2)});
  t.set(i, 0, static_cast<wide>(i.size == 4 ? product + t.get<std::uint64_t>(i, 3) : product));
}
/// Rounded once; the 16-bit floats by way of double, where product and sum are exact enough.
template <class T>
void fused_multiply_add(machine&, thread& t, const instruction& i) {
  const T a = t.get<T>(i, 1), b = t.get<T>(i, 2), c = t.get<T>(i, 3);
  if constexpr (is_small_float<T>) {
    t.set(i, 0, narrowed<T>(std::fma(double{float{a}}, double{float{b}}, double{float{c}})));
  } else {
    t.set(i, 0, static_cast<T>(std::fma(a, b, c)));
  }
}

/// A predicate; with a second result its complement; with a third source combined with it.
template <class T>
void set_predicate(machine&, thread& t, const instruction& i) {
  const std::size_t results = i.two_results ? 2 : 1;
  const bool is = compared(t.get<T>(i, results), t.get<T>(i, results + 1), i.compare);
  const auto combined = [&](bool value) {
    if (i.combine == combination::none) return value;
    const bool with = t.get<bool>(i, results + 2) != i.negated_source;
    if (i.combine == combination::conjunction) return value && with;
    return i.combine == combination::disjunction ? value || with : value != with;
  };
  t.set(i, 0, combined(is));
  if (results == 2) t.set(i, 1, combined(!is));
}

inline void select(machine&, thread& t, const instruction& i) {
  t.registers[i.operands[0]] = t.registers[i.operands[t.get<bool>(i, 3) ? 1 : 2]];
}
inline void move(machine&, thread& t, const instruction& i) { t.registers[i.operands[0]] = t.registers[i.operands[1]]; }
/// mov.b32 %r, {%rs1, %rs2}: the first part is the lowest.
template <class T>
void pack(machine&, thread& t, const instruction& i) {
  const unsigned parts = i.size - 1u, width = 8 * sizeof(T) / parts;
  std::uint64_t whole = 0;
  for (unsigned part = parts; part > 0; --part) {
    whole = whole << width | (t.registers[i.operands[part]] & ((std::uint64_t{1} << width) - 1));
  }
  t.set(i, 0, static_cast<T>(whole));
}
template <class T>
void unpack(machine&, thread& t, const instruction& i) {
  const unsigned parts = i.size - 1u, width = 8 * sizeof(T) / parts;
  const std::uint64_t whole = t.registers[i.operands[parts]];
  for (unsigned part = 0; part < parts; ++part) {
    t.registers[i.operands[part]] = whole >> (part * width) & ((std::uint64_t{1} << width) - 1);
  }
}

template <class To, class From>
void convert(machine&, thread& t, const instruction& i) {
  const From value = t.get<From>(i, 1);
  if constexpr (std::is_same_v<To, From> && is_float<To>) {
    t.set(i, 0, i.modifier != 0 ? integral(value, i.round) : value);
  } else {
    t.set(i, 0, converted<To>(value, i.round));
  }
}

template <class T>
void extract_bits(machine&, thread& t, const instruction& i) {
  t.set(i, 0, bit_field::of(t.get<T>(i, 1), t.get<std::uint32_t>(i, 2), t.get<std::uint32_t>(i, 3)));
}
template <class T>
void insert_bits(machine&, thread& t, const instruction& i) {
  const std::uint32_t position = t.get<std::uint32_t>(i, 3) & 0xff, length = t.get<std::uint32_t>(i, 4) & 0xff;
  const T ones = length >= 8 * sizeof(T) ? static_cast<T>(~T{0}) : static_cast<T>((T{1} << length) - 1);
  const T mask = shift_left::of(ones, position);
  t.set(i, 0, static_cast<T>((t.get<T>(i, 2) & ~mask) | (shift_left::of(t.get<T>(i, 1), position) & mask)));
}
/// The position of the highest bit that is not the sign's; with .shiftamt its distance from the top; -1 if there is
/// none.
template <class T>
void find_bit(machine&, thread& t, const instruction& i) {
  using bits = std::make_unsigned_t<T>;
  const T value = t.get<T>(i, 1);
  const bits searched = static_cast<bits>(std::is_signed_v<T> && value < 0 ? ~value : value);
  const auto zeros = static_cast<std::uint32_t>(std::countl_zero(searched));
  const auto position = static_cast<std::uint32_t>(8 * sizeof(T)) - 1 - zeros;
  t.set(i, 0, searched == 0 ? ~std::uint32_t{0} : i.modifier != 0 ? zeros : position);
}
inline void permute_bytes(machine&, thread& t, const instruction& i) {
  using word = std::uint32_t;
  t.set(i, 0, permuted(t.get<word>(i, 1), t.get<word>(i, 2), t.get<word>(i, 3)));
}
/// shf.l and shf.r of the 64 bits of b and a; `modifier`: 1 right, 2 clamped to 32 instead of wrapped.
inline void funnel_shift(machine&, thread& t, const instruction& i) {
  using word = std::uint32_t;
  const std::uint64_t both = std::uint64_t{t.get<word>(i, 2)} << 32 | t.get<word>(i, 1);
  const word asked = t.get<word>(i, 3), by = (i.modifier & 2) != 0 ? std::min(asked, word{32}) : asked & 31;
  t.set(i, 0, static_cast<word>((i.modifier & 1) != 0 ? both >> by : (both << by) >> 32));
}
/// Any function of three bits, bit by bit, by its table.
inline void look_up(machine&, thread& t, const instruction& i) {
  using word = std::uint32_t;
  const word a = t.get<word>(i, 1), b = t.get<word>(i, 2), c = t.get<word>(i, 3), table = t.get<word>(i, 4);
  word result = 0;
  for (unsigned bit = 0; bit < 32; ++bit) {
    const word row = (a >> bit & 1) << 2 | (b >> bit & 1) << 1 | (c >> bit & 1);
    result |= (table >> row & 1) << bit;
  }
  t.set(i, 0, result);
}

}  // namespace ptx
