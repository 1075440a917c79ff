// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/known_values.hpp>
#include <colossus/data_type.hpp>
#include <colossus/reduce_op.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace colossus::bench {

/// What a check found: how many elements are wrong, and the first of them.
struct data_verdict {
  std::int64_t wrong = 0;
  std::string first;
  explicit operator bool() const { return wrong == 0; }
};

/// The data of a collective: what each rank starts with, and what it must end with. Integers, minima, maxima and
/// whatever is only moved are exact; sums and products of floating-point numbers lie within (ranks - 1) roundings of
/// the exact result, the bound of any order of reduction.
template <class T, class Op>
class known_data {
 public:
  known_data(const data_layout& layout, rank_t ranks, std::int64_t count, rank_t root)
      : layout_{&layout}, ranks_{ranks}, count_{count}, root_{root} {
    if (!layout.reduces) return;
    const auto used = std::min(data_period, layout.in_elements(count, ranks));
    for (std::int64_t index = 0; index < used; ++index) append(index);
  }

  static void fill(rank_t rank, std::span<T> in) {
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = known_value<T, Op>(rank, static_cast<std::int64_t>(i));
  }

  /// A collective out of place leaves its input as it was.
  data_verdict check_input(rank_t rank, std::span<const T> in) const {
    data_verdict found;
    for (std::int64_t i = 0; i < std::ssize(in); ++i) {
      const T got = in[static_cast<std::size_t>(i)];
      if (got != known_value<T, Op>(rank, i) && found.wrong++ == 0) found.first = describe_input(rank, i, got);
    }
    return found;
  }

  /// Looks at what `rank` ends with; a rank to which nothing is promised is right.
  data_verdict check(rank_t rank, std::span<const T> out) const {
    const data_place place = at(rank);
    data_verdict found;
    if (!place.has_result()) return found;
    for (std::int64_t i = 0; i < std::ssize(out); ++i) {
      const T got = out[static_cast<std::size_t>(i)];
      if (layout_->reduces ? within_bound(got, place.reduced_index(i)) : got == moved_value<T, Op>(place, i)) continue;
      if (found.wrong++ == 0) found.first = describe_output(rank, i, got);
    }
    return found;
  }

  data_place at(rank_t rank) const { return place_of(*layout_, ranks_, rank, count_, root_); }
  /// The reductions by index: exact ones, or those in double and how far a right result may be from them.
  std::span<const T> reductions() const { return sums_; }
  std::span<const double> wide_reductions() const { return wide_; }
  std::span<const double> bounds() const { return bounds_; }

  /// What is wrong with an element of the output, or of the input.
  std::string describe_output(rank_t rank, std::int64_t index, T got) const {
    const data_place place = at(rank);
    return describe(rank, index, got,
                    layout_->reduces ? sums_[static_cast<std::size_t>(place.reduced_index(index))]
                                     : moved_value<T, Op>(place, index));
  }
  std::string describe_input(rank_t rank, std::int64_t index, T got) const {
    return "the input changed: " + describe(rank, index, got, known_value<T, Op>(rank, index));
  }

 private:
  static constexpr bool exact = reduces_exactly<T, Op>;

  /// The reduction over all ranks at one index, and how far from it a right result may be.
  void append(std::int64_t index) {
    if constexpr (exact) {
      T all = known_value<T, Op>(0, index);
      for (rank_t rank = 1; rank < ranks_; ++rank) all = Op{}(all, known_value<T, Op>(rank, index));
      sums_.push_back(all);
    } else {
      double all = static_cast<double>(known_value<T, Op>(0, index)), sizes = std::abs(all);
      for (rank_t rank = 1; rank < ranks_; ++rank) {
        const auto one = static_cast<double>(known_value<T, Op>(rank, index));
        all = Op{}(all, one);
        sizes = std::is_same_v<Op, prod> ? std::abs(all) : sizes + std::abs(one);
      }
      wide_.push_back(all);
      sums_.push_back(static_cast<T>(all));
      bounds_.push_back((ranks_ - 1) * static_cast<double>(std::numeric_limits<T>::epsilon()) * sizes);
    }
  }

  bool within_bound(T got, std::int64_t index) const {
    const auto i = static_cast<std::size_t>(index);
    if constexpr (exact) return got == sums_[i];
    else return is_near(static_cast<double>(got), wide_[i], bounds_[i]);
  }

  std::string describe(rank_t rank, std::int64_t index, T got, T expected) const {
    const auto shown = [](T value) {
      return std::to_string(static_cast<std::conditional_t<std::numeric_limits<T>::is_integer, T, double>>(value));
    };
    return std::string{layout_->collective} + " of " + std::to_string(count_) + " elements on " +
           std::to_string(ranks_) + " ranks: element " + std::to_string(index) + " of rank " + std::to_string(rank) +
           " is " + shown(got) + ", expected " + shown(expected);
  }

  const data_layout* layout_;
  rank_t ranks_;
  std::int64_t count_;
  rank_t root_;
  std::vector<T> sums_;
  std::vector<double> wide_, bounds_;
};

namespace detail {

/// Calls `f(std::type_identity<known_data<T, Op>>, in, out)` for a call whose element type and reduction are names.
template <class Comm, class Call, class F>
void with_known_data(const Comm& comm, const data_layout& layout, const Call& made, F&& f) {
  const auto in_size = static_cast<std::size_t>(layout.in_elements(made.count, comm.size()));
  const auto out_size = static_cast<std::size_t>(layout.out_elements(made.count, comm.size()));
  with_data_type(made.kind.type, [&]<class T>(std::type_identity<T>) {
    with_reduce_op(made.kind.reduction, [&]<class Op>(std::type_identity<Op>) {
      f(std::type_identity<known_data<T, Op>>{}, std::span{reinterpret_cast<const T*>(made.in), in_size},
        std::span{reinterpret_cast<T*>(made.out), out_size});
    });
  });
}

}  // namespace detail

/// Puts known data into the input of a call, and what is no result into the output that is not input as well. A `Call`
/// is like `bench::call`.
template <class Comm, class Call>
void prepare_data(const Comm& comm, const data_layout& layout, const Call& made, bool in_place) {
  detail::with_known_data(comm, layout, made,
                          [&]<class Data, class T>(std::type_identity<Data>, std::span<const T> in, std::span<T> out) {
                            if (!out.empty() && (!in_place || out.size() > in.size()))
                              std::memset(static_cast<void*>(out.data()), 0xff, out.size_bytes());
                            Data::fill(comm.rank(), {const_cast<T*>(in.data()), in.size()});
                          });
}

/// Looks at the output of a call, and at its input, which must be as it was where it is memory of its own.
template <class Comm, class Call>
data_verdict check_data(const Comm& comm, const data_layout& layout, const Call& made, bool in_place) {
  data_verdict verdict;
  detail::with_known_data(comm, layout, made,
                          [&]<class Data, class T>(std::type_identity<Data>, std::span<const T> in, std::span<T> out) {
                            const Data data{layout, comm.size(), made.count, made.root};
                            verdict = data.check(comm.rank(), out);
                            if (verdict && !in_place) verdict = data.check_input(comm.rank(), in);
                          });
  return verdict;
}

/// The number of wrong elements alone.
template <class Comm, class Call>
std::int64_t wrong_elements(const Comm& comm, const data_layout& layout, const Call& made, bool in_place) {
  return check_data(comm, layout, made, in_place).wrong;
}

}  // namespace colossus::bench
