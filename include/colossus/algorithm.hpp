// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>
#include <colossus/error.hpp>
#include <colossus/problem.hpp>
#include <colossus/schedule.hpp>

#include <string>

namespace colossus {

/// A named schedule for one collective: either a type with `static schedule(problem)`, or a schedule with a constructor
/// from `problem`. Optional `static supports(problem) -> bool`: which problems it serves (default: all).
template <class A>
concept algorithm = collective<typename A::collective> && requires(const problem& p) {
  { A::name } -> std::convertible_to<std::string_view>;
} &&(requires(const problem& p) {
  { A::schedule(p) } -> schedule;
} || (schedule<A> && std::constructible_from<A, const problem&>));

template <class A>
constexpr bool supports(const problem& p) {
  if constexpr (requires { A::supports(p); }) return A::supports(p);
  else return true;
}

/// The schedule of algorithm `A` for problem `p`. Throws `error` (usage) where `A` does not serve it.
template <algorithm A>
constexpr schedule auto make(const problem& p) {
  expects(p.ranks >= 1, "a problem has at least one rank");
  expects(p.root >= 0 && p.root < p.ranks, "the root is one of the ranks");
  if (!supports<A>(p))
    throw error{std::string{A::collective::name} + " " + std::string{A::name} + " does not serve " +
                std::to_string(p.ranks) + " ranks: choose another algorithm (--list) or another --ranks"};
  if constexpr (requires { A::schedule(p); }) return A::schedule(p);
  else return A{p};
}

template <algorithm A>
using schedule_of = decltype(make<A>(problem{}));

}  // namespace colossus
