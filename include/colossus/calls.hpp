// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms.hpp>
#include <colossus/detail/perform.hpp>

namespace colossus {

/// Stands for the algorithm that the library chooses: up to 16 KiB one of few rounds, above that one that moves few
/// bytes. A table tuned by measurement will replace this rule.
struct automatic {};

/// `A` does collective `C`, or leaves the choice to the library.
template <class A, class C>
concept performs = std::same_as<A, automatic> ||(algorithm<A>&& std::same_as<typename A::collective, C>);

namespace detail {

inline constexpr std::int64_t few_bytes = 16 << 10;

/// The algorithms of few rounds and of few bytes.
template <class C>
struct defaults;
template <class Rounds, class Bytes>
struct default_pair {
  using few_rounds = Rounds;
  using few_bytes = Bytes;
};
template <>
struct defaults<collectives::all_reduce> : default_pair<algorithms::recursive_doubling, algorithms::ring> {};
template <>
struct defaults<collectives::reduce_scatter>
    : default_pair<algorithms::direct_reduce_scatter, algorithms::ring_reduce_scatter> {};
template <>
struct defaults<collectives::all_gather> : default_pair<algorithms::bruck_all_gather, algorithms::ring_all_gather> {};
template <>
struct defaults<collectives::reduce> : default_pair<algorithms::binomial_reduce, algorithms::double_tree_reduce> {};
template <>
struct defaults<collectives::broadcast>
    : default_pair<algorithms::binomial_broadcast, algorithms::double_tree_broadcast> {};
template <>
struct defaults<collectives::all_to_all> : default_pair<algorithms::direct_all_to_all, algorithms::direct_all_to_all> {
};
template <>
struct defaults<collectives::send_recv> : default_pair<algorithms::direct_send_recv, algorithms::direct_send_recv> {};

/// The size that all ranks agree on: the other buffer may be of no use on some.
template <class C, class T>
std::int64_t agreed_bytes(std::span<const T> in, std::span<const T> out) {
  return bytes_of(std::same_as<C, collectives::broadcast> || std::same_as<C, collectives::all_gather> ? out : in);
}

/// Turns the buffers into spans and the choice into an algorithm.
template <class A, class C, class Comm, class In, class Out, class Op>
void dispatch(Comm& comm, const In& in, Out& out, const Op& op, rank_t root, const call_options& said) {
  using T = element_of<Out>;
  static_assert(std::same_as<element_of<In>, T>, "in and out have elements of the same type");
  const std::span<const T> input{in};
  const std::span<T> output{out};
  if constexpr (!std::same_as<A, automatic>) perform<A>(C{}, comm, input, output, op, root, said);
  else if (agreed_bytes<C, T>(input, output) <= few_bytes)
    perform<typename defaults<C>::few_rounds>(C{}, comm, input, output, op, root, said);
  else perform<typename defaults<C>::few_bytes>(C{}, comm, input, output, op, root, said);
}

}  // namespace detail

/// Every rank's `out` becomes the elementwise reduction of all ranks' `in`. In place: the same buffer.
template <performs<collectives::all_reduce> A = automatic, exchanger Comm, detail::contiguous_buffer In,
          detail::contiguous_buffer Out, reduces_elements<detail::element_of<In>> Op = sum>
void all_reduce(Comm& comm, const In& in, Out&& out, const Op& op = {}, const call_options& said = {}) {
  detail::dispatch<A, collectives::all_reduce>(comm, in, out, op, 0, said);
}

/// Rank r's `out` becomes part r of the elementwise reduction of all ranks' `in`, which has `size()` parts. In place:
/// `out` is part r of `in`.
template <performs<collectives::reduce_scatter> A = automatic, exchanger Comm, detail::contiguous_buffer In,
          detail::contiguous_buffer Out, reduces_elements<detail::element_of<In>> Op = sum>
void reduce_scatter(Comm& comm, const In& in, Out&& out, const Op& op = {}, const call_options& said = {}) {
  detail::dispatch<A, collectives::reduce_scatter>(comm, in, out, op, 0, said);
}

/// Part r of every rank's `out` becomes rank r's `in`. In place: `in` is part r of `out`.
template <performs<collectives::all_gather> A = automatic, exchanger Comm, detail::contiguous_buffer In,
          detail::contiguous_buffer Out>
void all_gather(Comm& comm, const In& in, Out&& out, const call_options& said = {}) {
  detail::dispatch<A, collectives::all_gather>(comm, in, out, detail::no_reduction{}, 0, said);
}

/// The root's `out` becomes the elementwise reduction of all ranks' `in`; the others' `out` is not used and may be
/// empty.
template <performs<collectives::reduce> A = automatic, exchanger Comm, detail::contiguous_buffer In,
          detail::contiguous_buffer Out, reduces_elements<detail::element_of<In>> Op = sum>
void reduce(Comm& comm, const In& in, Out&& out, const Op& op = {}, rank_t root = 0, const call_options& said = {}) {
  detail::dispatch<A, collectives::reduce>(comm, in, out, op, root, said);
}

/// Every rank's `out` becomes the root's `in`; the others' `in` is not used and may be empty.
template <performs<collectives::broadcast> A = automatic, exchanger Comm, detail::contiguous_buffer In,
          detail::contiguous_buffer Out>
void broadcast(Comm& comm, const In& in, Out&& out, rank_t root = 0, const call_options& said = {}) {
  detail::dispatch<A, collectives::broadcast>(comm, in, out, detail::no_reduction{}, root, said);
}

/// Part s of rank d's `out` becomes part d of rank s's `in`; both have `size()` parts. In place: the same buffer.
template <performs<collectives::all_to_all> A = automatic, exchanger Comm, detail::contiguous_buffer In,
          detail::contiguous_buffer Out>
void all_to_all(Comm& comm, const In& in, Out&& out, const call_options& said = {}) {
  detail::dispatch<A, collectives::all_to_all>(comm, in, out, detail::no_reduction{}, 0, said);
}

/// A ring shift: every rank's `out` becomes the `in` of the rank before it. In place: the same buffer.
template <performs<collectives::send_recv> A = automatic, exchanger Comm, detail::contiguous_buffer In,
          detail::contiguous_buffer Out>
void send_recv(Comm& comm, const In& in, Out&& out, const call_options& said = {}) {
  detail::dispatch<A, collectives::send_recv>(comm, in, out, detail::no_reduction{}, 0, said);
}

/// The call of `A`'s collective, whichever it is: for programs that walk a list of algorithms. `op` and `root` are used
/// where the collective has them.
template <algorithm A, exchanger Comm, detail::contiguous_buffer In, detail::contiguous_buffer Out, class Op>
void call(Comm& comm, const In& in, Out&& out, const Op& op, rank_t root, const call_options& said = {}) {
  detail::dispatch<A, typename A::collective>(comm, in, out, op, root, said);
}

}  // namespace colossus
