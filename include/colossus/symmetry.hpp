// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/schedule.hpp>

namespace colossus {

/// A digit of numbers 0, 1, 2, ...: number / stride % radix. Ranks have such digits (which GPU of a node, which node of
/// a pod, ...), and GPUs.
struct digit {
  rank_t stride = 1, radix = 1;
  bool operator==(const digit&) const = default;

  constexpr rank_t of(rank_t number) const { return number / stride % radix; }
  constexpr rank_t end() const { return stride * radix; }
};

/// True where all values of a digit see the same messages in `round`: for any two values there is a permutation of the
/// digit that takes one to the other, leaves the other digits of every rank alone, and maps the round's messages onto
/// themselves. False where a schedule does not say.
template <schedule S>
constexpr bool alike(const S& s, round_t round, digit d) {
  if constexpr (requires { s.alike(round, d); }) return s.alike(round, d);
  else return false;
}

/// Every rank sends `blocks` blocks to the one `offset` ahead, in a ring of all ranks; nothing where that is 0.
struct shift {
  rank_t offset = 0;
  block_t blocks = 0;
};

/// The shift that a round is; nothing where it is another, or a schedule does not say.
template <schedule S>
constexpr shift shift_of(const S& s, round_t round) {
  if constexpr (requires { s.shift_in(round); }) return s.shift_in(round);
  else return {};
}

/// True where in every round each rank gets as many blocks as it sends, from the rank to which it sends: backwards, a
/// round has the same messages.
template <schedule S>
constexpr bool exchanges(const S& s) {
  if constexpr (requires { s.exchanges(); }) return s.exchanges();
  else return false;
}

/// `alike` for messages from every rank to the one `offset` behind it, in a ring of all `ranks`: the permutations are
/// rotations of the digit. They commute with a shift that has no carry into the digit or out of it.
constexpr bool alike_in_shift(rank_t ranks, std::int64_t offset, digit d) {
  return d.end() == ranks || offset % d.end() == 0;
}

/// The same for messages from every rank to the one whose number differs by xor: the permutations are xors of the
/// digit.
constexpr bool alike_in_xor(digit d) {
  const auto power_of_two = [](rank_t n) { return (n & (n - 1)) == 0; };
  return power_of_two(d.stride) && power_of_two(d.radix);
}

}  // namespace colossus
