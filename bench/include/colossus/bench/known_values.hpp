// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/data_layout.hpp>
#include <colossus/reduce_op.hpp>

#include <cstdint>
#include <limits>
#include <type_traits>

/// The known data of a check, by formulas that the host and kernels (--expt-relaxed-constexpr) share.
namespace colossus::bench {

/// Data repeats after this many elements, a prime, so that checking costs little and no block of usual size fits it.
inline constexpr std::int64_t data_period = 16381;

/// What `rank` puts in at `index`: any bits for integers, odd ones for products (which even ones would wear down to
/// zero), else numbers in [-1, 1), or near 1 for products.
template <class T, class Op>
constexpr T known_value(rank_t rank, std::int64_t index) {
  std::uint64_t bits = (static_cast<std::uint64_t>(rank) << 32) + static_cast<std::uint64_t>(index % data_period) + 1;
  bits = (bits ^ (bits >> 29)) * 0xbf58476d1ce4e5b9u;  // splitmix64
  bits = (bits ^ (bits >> 29)) * 0x94d049bb133111ebu;
  bits ^= bits >> 32;
  constexpr bool multiplies = std::is_same_v<Op, prod>;
  if constexpr (std::numeric_limits<T>::is_integer) return static_cast<T>(multiplies ? bits | 1 : bits);
  else {
    const double unit = static_cast<double>(bits >> 11) * 0x1p-52 - 1;
    if constexpr (!multiplies) return static_cast<T>(unit);
    else return static_cast<T>(unit < 0 ? unit / 8 - 1 : unit / 8 + 1);
  }
}

/// One rank's part in a collective of `count` elements, as a kernel can be given it.
struct data_place {
  bool reduces = false, has_root = false, parts_in = false, parts_out = false;
  rank_t ranks = 1, rank = 0, root = 0;
  std::int64_t count = 0;

  /// False where the collective promises nothing to this rank.
  constexpr bool has_result() const { return !(reduces && has_root && rank != root); }
  /// Where in the tables of reductions element `index` of the output is found.
  constexpr std::int64_t reduced_index(std::int64_t index) const {
    return ((reduces && parts_in ? rank * count : 0) + index) % data_period;
  }
};

constexpr data_place place_of(const data_layout& l, rank_t ranks, rank_t rank, std::int64_t count, rank_t root) {
  return {l.reduces, l.has_root, l.parts_in, l.parts_out, ranks, rank, root, count};
}

/// Where only data is moved: what ends at `index` of the output.
template <class T, class Op>
constexpr T moved_value(const data_place& p, std::int64_t index) {
  if (p.parts_in) return known_value<T, Op>(static_cast<rank_t>(index / p.count), p.rank * p.count + index % p.count);
  if (p.parts_out) return known_value<T, Op>(static_cast<rank_t>(index / p.count), index % p.count);
  if (p.has_root) return known_value<T, Op>(p.root, index);
  return known_value<T, Op>(p.rank > 0 ? p.rank - 1 : p.ranks - 1, index);
}

/// Whether every order of reduction gives the same bits.
template <class T, class Op>
inline constexpr bool reduces_exactly =
    std::numeric_limits<T>::is_integer || std::is_same_v<Op, colossus::min> || std::is_same_v<Op, colossus::max>;

/// Whether `got` lies within `bound` of the exact result; what is not a number does not.
constexpr bool is_near(double got, double exact, double bound) {
  return (got < exact ? exact - got : got - exact) <= bound;
}

}  // namespace colossus::bench
