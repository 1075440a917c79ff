// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/algorithms/all_reduce/ring.hpp>
#include <colossus/run.hpp>

#include <concepts>
#include <ranges>

namespace colossus {

/// What a call may be told beside its data. Zero means "not said": the transport or the algorithm then chooses.
struct call_options {
  rank_t nodes = 0;              ///< nodes of consecutive ranks, for algorithms with levels
  rank_t pods = 0;               ///< pods of consecutive nodes
  int lanes = 0;                 ///< parallel copies on slices of the data
  std::int64_t chunk_bytes = 0;  ///< size of one piece of a pipeline
};

/// Stands for the algorithm that the library chooses.
struct automatic {};

namespace detail {

template <class R>
concept buffer = std::ranges::contiguous_range<R> && std::ranges::sized_range<R>;

template <class R>
using element_of = std::remove_cv_t<std::ranges::range_value_t<R>>;

template <class Comm>
rank_t nodes_of_comm(const Comm& comm) {
  if constexpr (requires { { comm.nodes() } -> std::same_as<rank_t>; }) return comm.nodes();
  else return 0;
}

template <class Comm>
problem problem_of(const Comm& comm, std::int64_t bytes, rank_t root, const call_options& chosen) {
  return {.ranks = comm.size(),
          .nodes = chosen.nodes > 0 ? chosen.nodes : nodes_of_comm(comm),
          .pods = chosen.pods,
          .root = root,
          .bytes = bytes,
          .lanes = chosen.lanes,
          .chunk_bytes = chosen.chunk_bytes};
}

/// The buffer `what` of `call` has `expected` elements, or the call says what it should have.
inline void expect_elements(std::string_view call, std::string_view what, std::int64_t expected, std::int64_t found) {
  if (expected != found)
    throw error{std::string{call} + ": " + std::string{what} + " has " + std::to_string(found) + " elements, expected " +
                std::to_string(expected)};
}

/// Input and output are the same buffer, or share nothing.
template <class T>
bool in_place(std::string_view call, std::span<const T> in, std::span<const T> out) {
  if (in.data() == out.data() || in.empty() || out.empty()) return in.data() == out.data();
  const std::less<const T*> before;
  if (before(in.data(), out.data() + out.size()) && before(out.data(), in.data() + in.size()))
    throw error{std::string{call} + ": in and out overlap in part: give the same buffer, or two that share nothing"};
  return false;
}

struct default_all_reduce {
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "ring";
  static constexpr auto schedule(const problem& p) { return ring_all_reduce{p.ranks}; }
};

template <class Chosen, class Default>
using algorithm_or = std::conditional_t<std::same_as<Chosen, automatic>, Default, Chosen>;

}  // namespace detail

/// Every rank's `out` becomes the elementwise reduction of all ranks' `in`, which have one size. `in.data() == out.data()`
/// is in place. All ranks call it with the same algorithm, size, reduction and options.
template <class Algorithm = automatic, exchanger Comm, detail::buffer In, detail::buffer Out, class Op = sum>
void all_reduce(Comm& comm, const In& in, Out&& out, const Op& op = {}, const call_options& options = {}) {
  using T = detail::element_of<In>;
  const std::span<const T> input{in};
  const std::span<T> output{out};
  detail::expect_elements("all_reduce", "out", std::ssize(input), std::ssize(output));
  if (!detail::in_place<T>("all_reduce", input, output)) std::ranges::copy(input, output.begin());
  const auto s = make<detail::algorithm_or<Algorithm, detail::default_all_reduce>>(
      detail::problem_of(comm, std::ssize(input) * static_cast<std::int64_t>(sizeof(T)), 0, options));
  run(s, comm, partition{std::ssize(input), s.blocks()}, output, op);
}

}  // namespace colossus
