// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/data_layout.hpp>
#include <colossus/bench/element.hpp>
#include <colossus/calls.hpp>

#include <vector>

namespace colossus::bench {

/// One call of a collective on one rank: what NCCL's functions are given.
struct call {
  const std::byte* in = nullptr;
  std::byte* out = nullptr;
  std::int64_t count = 0;
  element_kind kind;
  rank_t root = 0;
  call_options options;
};

/// An algorithm whose type is forgotten: how to ask it, how to call it.
template <class Comm>
struct operation {
  std::string_view collective, algorithm;
  double (*bus_factor)(rank_t ranks);
  bool (*serves)(const problem&);
  real (*wire_factor)(const problem&, const data_layout&, std::int64_t count);
  void (*run)(Comm&, const call&);
};

namespace detail {

/// Runs algorithm `A` through the call that a user of the library writes.
template <class A, class Comm, std::size_t Size>
void call_as(Comm& comm, const call& c) {
  using T = element<Size>;
  const data_layout& layout = layout_of(A::collective::name);
  const std::span<const T> in{reinterpret_cast<const T*>(c.in),
                              static_cast<std::size_t>(layout.in_elements(c.count, comm.size()))};
  const std::span<T> out{reinterpret_cast<T*>(c.out),
                         static_cast<std::size_t>(layout.out_elements(c.count, comm.size()))};
  colossus::call<A>(comm, in, out, any_reduction<Size>{c.kind.kernel}, c.root, c.options);
}

template <class A, class Comm>
void run_call(Comm& comm, const call& c) {
  if constexpr (requires { comm.template run<A>(c); }) comm.template run<A>(c);  // it knows how by itself
  else with_size(c.kind.size, [&](auto size) { call_as<A, Comm, size>(comm, c); });
}

/// Bytes that the busiest rank sends, over bytes; nothing where that takes too many steps to find out.
template <class A>
real wire_factor(const problem& p, const data_layout& layout, std::int64_t count) {
  if constexpr (!algorithm<A>) return {};  // somebody else's: it does not say
  else {
    const auto s = make<A>(p);
    if (count == 0 || s.rounds() * s.ranks() > 1'000'000) return {};
    const partition parts{count, s.blocks(), layout.areas(p.ranks)};
    std::int64_t busiest = 0;
    for (rank_t rank = 0; rank < s.ranks(); ++rank) {
      std::int64_t sent = 0;
      for (round_t round = 0; round < s.rounds(); ++round)
        for_each_run(s, rank, round, side::send, [&](block_range run) { sent += parts.elements(run).count; });
      busiest = std::max(busiest, sent);
    }
    return static_cast<double>(busiest) / static_cast<double>(layout.elements(count, p.ranks));
  }
}

}  // namespace detail

/// The algorithms of `List` for a collective, as functions of a communicator.
template <class Comm, class List>
std::vector<operation<Comm>> operations_of(std::string_view collective) {
  std::vector<operation<Comm>> found;
  for_each_type(List{}, [&]<class A>(std::type_identity<A>) {
    if (A::collective::name == collective)
      found.push_back({A::collective::name, A::name, A::collective::bus_factor, supports<A>, detail::wire_factor<A>,
                       detail::run_call<A, Comm>});
  });
  return found;
}

}  // namespace colossus::bench
