// SPDX-License-Identifier: Apache-2.0
// One collective on the ranks of this process: buffers filled with known data, run on streams or as graphs, checked.
#pragma once

#include "data_kind.hpp"
#include "local_ranks.hpp"

#include <colossus/algorithms.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace transport_test {

/// What a trial is about.
struct trial_case {
  const bench::data_layout* layout;
  std::int64_t count;
  data_kind kind;
  transports::plan_options options;
  bool in_place;
};

/// An algorithm whose type is forgotten.
struct tested_algorithm {
  std::string_view collective, name;
  transports::nccl_plan (*make)(transports::nccl&, const trial_case&);
};

template <algorithm A>
tested_algorithm tested() {
  return {A::collective::name, A::name, [](transports::nccl& comm, const trial_case& what) {
            return transports::nccl_plan::make<A>(comm, what.count, what.kind.size, what.kind.combine, what.options);
          }};
}

template <class List>
std::vector<tested_algorithm> tested_in() {
  std::vector<tested_algorithm> all;
  for_each_type(List{}, [&]<class A>(std::type_identity<A>) { all.push_back(tested<A>()); });
  return all;
}

class trial {
 public:
  trial(local_ranks& ranks, const tested_algorithm& algorithm, const trial_case& what) : ranks_{ranks}, what_{what} {
    plans_.reserve(ranks.here());
    for (std::size_t i = 0; i < ranks.here(); ++i) {
      plans_.push_back(algorithm.make(ranks.comm(i), what));
      place(i);
    }
    for (std::size_t i = 0; i < ranks.here(); ++i)
      calls_.push_back({&plans_[i], in_[i], out_[i], workspaces_[i].data(), ranks.stream(i)});
  }

  void connect() { transports::connect(calls_, deadline); }
  void enqueue() { transports::enqueue(calls_); }
  const transports::nccl_plan& plan(std::size_t i) const { return plans_[i]; }

  /// Known data in, and whatever is no result where results and intermediate data go.
  void fill() {
    put([&](rank_t rank, std::span<std::byte> in) { what_.kind.fill(rank, in); }, 0xa5);
  }
  /// Zeros in: another result, so that one that is left over shows.
  void zero() {
    put([](rank_t, std::span<std::byte>) {}, 0x5a);
  }

  /// What is wrong with the outcome on a rank of this process; empty: nothing.
  std::string wrong() {
    for (std::size_t i = 0; i < ranks_.here(); ++i) {
      const rank_t rank = ranks_.comm(i).rank();
      const auto out = read(out_[i], out_bytes(), ranks_.stream(i));
      const auto in = read(in_[i], what_.in_place ? 0 : in_bytes(), ranks_.stream(i));
      const std::string found =
          what_.kind.wrong({what_.layout, ranks_.size(), rank, what_.options.root, what_.count}, out, in);
      if (!found.empty()) return found;
    }
    return {};
  }
  bool is_zero() {
    for (std::size_t i = 0; i < ranks_.here(); ++i) {
      if (what_.layout->reduces && what_.layout->has_root && ranks_.comm(i).rank() != what_.options.root) continue;
      const auto out = read(out_[i], out_bytes(), ranks_.stream(i));
      if (std::any_of(out.begin(), out.end(), [](std::byte b) { return b != std::byte{}; })) return false;
    }
    return true;
  }

  /// The operation of every rank as a graph.
  std::vector<cudaGraphExec_t> capture() {
    for (std::size_t i = 0; i < ranks_.here(); ++i)
      expect_cuda(cudaStreamBeginCapture(ranks_.stream(i), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    enqueue();
    std::vector<cudaGraphExec_t> all;
    for (std::size_t i = 0; i < ranks_.here(); ++i) {
      cudaGraph_t graph{};
      expect_cuda(cudaStreamEndCapture(ranks_.stream(i), &graph), "cudaStreamEndCapture");
      all.emplace_back();
      expect_cuda(cudaGraphInstantiate(&all.back(), graph, 0), "cudaGraphInstantiate");
      expect_cuda(cudaGraphDestroy(graph), "cudaGraphDestroy");
    }
    return all;
  }
  void replay(const std::vector<cudaGraphExec_t>& graphs) {
    for (std::size_t i = 0; i < graphs.size(); ++i)
      expect_cuda(cudaGraphLaunch(graphs[i], ranks_.stream(i)), "cudaGraphLaunch");
    ranks_.wait();
  }

 private:
  std::size_t bytes(std::int64_t elements) const { return static_cast<std::size_t>(elements) * what_.kind.size; }
  std::size_t in_bytes() const { return bytes(what_.layout->in_elements(what_.count, ranks_.size())); }
  std::size_t out_bytes() const { return bytes(what_.layout->out_elements(what_.count, ranks_.size())); }

  template <class Fill>
  void put(Fill&& fill, int garbage) {
    for (std::size_t i = 0; i < ranks_.here(); ++i) {
      outputs_[i].poison(0xff, ranks_.stream(i));
      workspaces_[i].poison(garbage, ranks_.stream(i));
      std::vector<std::byte> in(in_bytes());
      fill(ranks_.comm(i).rank(), in);
      write(in_[i], in, ranks_.stream(i));
    }
  }

  /// Buffers of a rank; in place as NCCL defines it: the smaller one is the rank's part of the larger one.
  void place(std::size_t i) {
    const transports::nccl& comm = ranks_.comm(i);
    const std::size_t in = in_bytes(), out = out_bytes();
    const std::size_t own = what_.in_place ? bytes(comm.rank() * what_.count) : 0;
    inputs_.emplace_back(comm.device(), what_.in_place ? 0 : in);
    outputs_.emplace_back(comm.device(), what_.in_place ? std::max(in, out) : out);
    workspaces_.emplace_back(comm.device(), plans_[i].workspace_bytes());
    out_.push_back(outputs_[i].data() + (out < in ? own : 0));
    in_.push_back(what_.in_place ? outputs_[i].data() + (in < out ? own : 0) : inputs_[i].data());
  }

  local_ranks& ranks_;
  trial_case what_;
  std::vector<transports::nccl_plan> plans_;
  std::vector<device_memory> inputs_, outputs_, workspaces_;
  std::vector<std::byte*> in_, out_;
  std::vector<transports::nccl_call> calls_;
};

/// A trial, or nothing where the algorithm does not serve the case.
inline std::unique_ptr<trial> trial_of(local_ranks& ranks, const tested_algorithm& algorithm, const trial_case& what) {
  try {
    return std::make_unique<trial>(ranks, algorithm, what);
  } catch (const error& refused) {
    if (refused.kind() == failure::usage &&
        std::string_view{refused.what()}.find("does not serve") != std::string::npos)
      return nullptr;
    throw;
  }
}

inline std::string describe(const tested_algorithm& algorithm, const trial_case& what, rank_t ranks) {
  return std::string{algorithm.collective} + " " + std::string{algorithm.name} + ", " + std::to_string(ranks) +
         " ranks, " + std::to_string(what.count) + " of " + std::string{what.kind.type} + ", " +
         std::string{what.kind.reduction} + (what.in_place ? ", in place" : ", out of place") + ", root " +
         std::to_string(what.options.root) + ", " + std::to_string(what.options.nodes) + " nodes, " +
         std::to_string(what.options.lanes) + " lanes, " + std::to_string(what.options.slices) + " slices";
}

/// Visits every algorithm of `algorithms` with each count, option and root, in place and out of place.
template <class Visit>
void for_each_case(const std::vector<tested_algorithm>& algorithms, rank_t ranks,
                   const std::vector<std::int64_t>& counts, const std::vector<transports::plan_options>& options,
                   const data_kind& kind, Visit&& visit) {
  for (const tested_algorithm& algorithm : algorithms) {
    const bench::data_layout& layout = bench::layout_of(algorithm.collective);
    for (const std::int64_t count : counts)
      for (transports::plan_options said : options)
        for (const bool in_place : {false, true}) {
          said.root = layout.has_root && in_place ? ranks - 1 : 0;
          visit(algorithm, trial_case{&layout, count, kind, said, in_place});
        }
  }
}

/// Flat; in two nodes with two slices; in three uneven nodes of two pods, with three lanes, chunks and slices.
inline std::vector<transports::plan_options> awkward_plans() {
  return {{}, {.nodes = 2, .slices = 2}, {.nodes = 3, .pods = 2, .lanes = 3, .chunk_bytes = 64, .slices = 3}};
}

}  // namespace transport_test
