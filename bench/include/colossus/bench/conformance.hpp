// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/check_data.hpp>
#include <colossus/bench/operation.hpp>

#include <set>
#include <string>
#include <vector>

namespace colossus::bench {

/// What a conformance run goes through with every algorithm of its list, in place and out of place, from both ends'
/// roots.
struct conformance_cases {
  std::vector<std::string_view> types{"float", "int32"};
  std::vector<std::string_view> reductions{"sum"};
  std::vector<std::int64_t> counts;
  std::vector<call_options> options{{}};
};

/// What a conformance run found on one rank: how many calls it made, and what went wrong, one line an algorithm at
/// most.
struct conformance_report {
  std::int64_t calls = 0;
  std::vector<std::string> failures;
};

/// Counts where partitions go wrong: nothing, less than one a rank, one more or less than that, a prime.
inline std::vector<std::int64_t> awkward_counts(rank_t ranks) {
  const std::set<std::int64_t> distinct{0, 1, ranks - 1, ranks, ranks + 1, 1009};
  return {distinct.begin(), distinct.end()};
}

/// Flat; in two nodes; in three uneven nodes of two pods, with three lanes and chunks of a few elements.
inline std::vector<call_options> awkward_options() {
  return {{}, {.nodes = 2}, {.nodes = 3, .pods = 2, .lanes = 3, .chunk_bytes = 64}};
}

/// Every element type and every reduction that has a name.
inline conformance_cases every_type_and_reduction(std::int64_t count) {
  conformance_cases cases{.types = {}, .reductions = {}, .counts = {count}};
  for_each_type(data_types{}, [&]<class T>(std::type_identity<T>) { cases.types.push_back(data_type<T>::name); });
  for_each_type(reduce_ops{}, [&]<class Op>(std::type_identity<Op>) { cases.reductions.push_back(Op::name); });
  return cases;
}

namespace detail {

/// The algorithms of one collective under test on one rank.
template <exchanger Comm>
class conformance_run {
 public:
  conformance_run(Comm& comm, const conformance_cases& cases) : comm_{&comm}, cases_{&cases} {}

  /// The first thing that goes wrong with `what` on this rank. Goes on to the last case all the same, as the others do.
  std::string operator()(const operation<Comm>& what, const data_layout& layout) {
    std::string first;
    for_each_call(layout, [&](const call& made, bool in_place) {
      const std::string wrong = serves(what, layout, made) ? attempt(what, layout, made, in_place) : "";
      if (first.empty()) first = wrong;
    });
    return first;
  }

  std::int64_t calls() const { return calls_; }

 private:
  template <class Visit>
  void for_each_call(const data_layout& layout, Visit&& visit) const {
    const std::set<rank_t> roots{0, layout.has_root ? comm_->size() - 1 : 0};
    for (const std::string_view type : cases_->types)
      for (const std::string_view reduction :
           layout.reduces ? cases_->reductions : std::vector{cases_->reductions.front()})
        for (const std::int64_t count : cases_->counts)
          for (const rank_t root : roots)
            for (const call_options& said : cases_->options)
              for (const bool in_place : {false, true})
                visit(call{.count = count, .kind = element_kind_of(type, reduction), .root = root, .options = said},
                      in_place);
  }

  bool serves(const operation<Comm>& what, const data_layout& layout, const call& made) const {
    const auto bytes = layout.elements(made.count, comm_->size()) * static_cast<std::int64_t>(made.kind.size);
    return what.serves(colossus::detail::problem_of(*comm_, bytes, made.root, made.options));
  }

  std::string attempt(const operation<Comm>& what, const data_layout& layout, call made, bool in_place) {
    place(layout, made, in_place);
    prepare_data(*comm_, layout, made, in_place);
    what.run(*comm_, made);
    ++calls_;
    const data_verdict verdict = check_data(*comm_, layout, made, in_place);
    if (verdict) return {};
    return std::string{what.algorithm} + ", " + std::string{made.kind.reduction} + " of " +
           std::string{made.kind.type} + (in_place ? ", in place, " : ", out of place, ") +
           std::to_string(made.options.nodes) + " nodes, " + std::to_string(made.options.lanes) +
           " lanes: " + verdict.first;
  }

  /// Buffers for a call; in place as NCCL defines it: the smaller one is the rank's part of the larger one.
  void place(const data_layout& layout, call& made, bool in_place) {
    const auto bytes = [&](std::int64_t elements) { return static_cast<std::size_t>(elements) * made.kind.size; };
    const std::size_t in = bytes(layout.in_elements(made.count, comm_->size())),
                      out = bytes(layout.out_elements(made.count, comm_->size()));
    const std::size_t own = in_place ? bytes(comm_->rank() * made.count) : 0;
    in_.resize(in / sizeof(in_[0]) + 1);
    out_.resize(std::max(in, out) / sizeof(out_[0]) + 1);
    made.out = reinterpret_cast<std::byte*>(out_.data()) + (out < in ? own : 0);
    made.in = reinterpret_cast<std::byte*>(in_place ? out_.data() : in_.data()) + (in < out ? own : 0);
  }

  Comm* comm_;
  const conformance_cases* cases_;
  std::vector<std::uint64_t> in_, out_;
  std::int64_t calls_ = 0;
};

}  // namespace detail

/// Does every algorithm of `List` give the right data on `comm`, and leave its input alone? All ranks call it; an error
/// of the transport is thrown with the algorithm's name before it.
template <class List, exchanger Comm>
conformance_report conformance(Comm& comm, const conformance_cases& cases) {
  conformance_report found;
  detail::conformance_run run{comm, cases};
  for (const data_layout& layout : data_layouts)
    for (const auto& what : operations_of<Comm, List>(layout.collective)) try {
        if (const std::string wrong = run(what, layout); !wrong.empty()) found.failures.push_back(wrong);
      } catch (const error& broken) {
        throw error{std::string{what.collective} + " " + std::string{what.algorithm} + ": " + broken.what(),
                    broken.kind()};
      }
  found.calls = run.calls();
  return found;
}

}  // namespace colossus::bench
