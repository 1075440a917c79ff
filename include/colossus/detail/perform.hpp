// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/collectives.hpp>
#include <colossus/detail/buffers.hpp>
#include <colossus/run.hpp>

namespace colossus {

/// What a call may be told beside its data. Zero means "not said": the transport or the algorithm then chooses.
struct call_options {
  rank_t nodes = 0;              ///< nodes of consecutive ranks, for algorithms with levels
  rank_t pods = 0;               ///< pods of consecutive nodes
  int lanes = 0;                 ///< parallel copies on slices of the data
  std::int64_t chunk_bytes = 0;  ///< size of one piece of a pipeline
};

namespace detail {

/// The reduction of a collective that only moves data.
struct no_reduction {};

template <class Comm>
rank_t nodes_of(const Comm& comm) {
  if constexpr (requires {
                  { comm.nodes() } -> std::same_as<rank_t>;
                })
    return comm.nodes();
  else return 0;
}

template <class Comm>
problem problem_of(const Comm& comm, std::int64_t bytes, rank_t root, const call_options& said) {
  return {.ranks = comm.size(),
          .nodes = said.nodes > 0 ? said.nodes : nodes_of(comm),
          .pods = said.pods,
          .root = root,
          .bytes = bytes,
          .lanes = said.lanes,
          .chunk_bytes = said.chunk_bytes};
}

/// Runs `A` on this rank's memory, which is `groups` areas of `count` elements.
template <algorithm A, exchanger Comm, memory Memory, class Op>
void execute(Comm& comm, const problem& p, const Memory& memory, std::int64_t count, rank_t groups, const Op& op) {
  const auto s = make<A>(p);
  if (count > 0) run(s, comm, partition{count, s.blocks(), groups}, memory, op);
}

template <algorithm A, class Comm, class T, class Op>
void perform(collectives::all_reduce, Comm& comm, std::span<const T> in, std::span<T> out, const Op& op, rank_t,
             const call_options& said) {
  expect_elements("all_reduce", "out", std::ssize(out), "as in", std::ssize(in));
  copy_unless_same("all_reduce", in, out);
  execute<A>(comm, problem_of(comm, bytes_of(in), 0, said), one_area<T>{out}, std::ssize(in), 1, op);
}

template <algorithm A, class Comm, class T, class Op>
void perform(collectives::reduce_scatter, Comm& comm, std::span<const T> in, std::span<T> out, const Op& op, rank_t,
             const call_options& said) {
  expect_elements("reduce_scatter", "in", std::ssize(in), "ranks times out", std::ssize(out) * comm.size());
  const auto own = part(in, comm.rank(), out.size());
  expect_same_or_apart<T>("reduce_scatter", own, out, in);
  const auto work = work_area<T>(comm, in.size());
  std::ranges::copy(in, work.begin());
  execute<A>(comm, problem_of(comm, bytes_of(in), 0, said), one_area<T>{work}, std::ssize(out), comm.size(), op);
  std::ranges::copy(part(work, comm.rank(), out.size()), out.begin());
}

template <algorithm A, class Comm, class T>
void perform(collectives::all_gather, Comm& comm, std::span<const T> in, std::span<T> out, const auto&, rank_t,
             const call_options& said) {
  expect_elements("all_gather", "out", std::ssize(out), "ranks times in", std::ssize(in) * comm.size());
  const auto own = part(out, comm.rank(), in.size());
  expect_same_or_apart<T>("all_gather", in, own, out);
  if (in.data() != own.data()) std::ranges::copy(in, own.begin());
  const problem p = problem_of(comm, bytes_of<T>(out), 0, said);
  execute<A>(comm, p, one_area<T>{out}, std::ssize(in), comm.size(), no_reduction{});
}

template <algorithm A, class Comm, class T, class Op>
void perform(collectives::reduce, Comm& comm, std::span<const T> in, std::span<T> out, const Op& op, rank_t root,
             const call_options& said) {
  if (comm.rank() == root) expect_elements("reduce", "out", std::ssize(out), "as in", std::ssize(in));
  const auto target = comm.rank() == root ? out : work_area<T>(comm, in.size());
  copy_unless_same("reduce", in, target);
  execute<A>(comm, problem_of(comm, bytes_of(in), root, said), one_area<T>{target}, std::ssize(in), 1, op);
}

template <algorithm A, class Comm, class T>
void perform(collectives::broadcast, Comm& comm, std::span<const T> in, std::span<T> out, const auto&, rank_t root,
             const call_options& said) {
  if (comm.rank() == root) {
    expect_elements("broadcast", "in", std::ssize(in), "as out", std::ssize(out));
    copy_unless_same("broadcast", in, out);
  }
  const problem p = problem_of(comm, bytes_of<T>(out), root, said);
  execute<A>(comm, p, one_area<T>{out}, std::ssize(out), 1, no_reduction{});
}

template <algorithm A, class Comm, class T>
void perform(collectives::all_to_all, Comm& comm, std::span<const T> in, std::span<T> out, const auto&, rank_t,
             const call_options& said) {
  expect_elements("all_to_all", "out", std::ssize(out), "as in", std::ssize(in));
  expect_elements("all_to_all", "in", std::ssize(in), "a multiple of the ranks",
                  std::ssize(in) / comm.size() * comm.size());
  const two_areas<T> both{apart("all_to_all", comm, in, out), out};
  execute<A>(comm, problem_of(comm, bytes_of(in), 0, said), both, std::ssize(in) / comm.size(), 2 * comm.size(),
             no_reduction{});
}

template <algorithm A, class Comm, class T>
void perform(collectives::send_recv, Comm& comm, std::span<const T> in, std::span<T> out, const auto&, rank_t,
             const call_options& said) {
  expect_elements("send_recv", "out", std::ssize(out), "as in", std::ssize(in));
  const two_areas<T> both{apart("send_recv", comm, in, out), out};
  execute<A>(comm, problem_of(comm, bytes_of(in), 0, said), both, std::ssize(in), 2, no_reduction{});
}

}  // namespace detail
}  // namespace colossus
