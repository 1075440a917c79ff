// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/nccl_segments.hpp>
#include <colossus/detail/stream_plan.hpp>
#include <colossus/transports/nccl.hpp>

#include <span>

namespace colossus::transports {

/// What a plan may be told beside its data. Zero means "not said": the library then chooses.
struct plan_options {
  rank_t nodes = 0;              ///< nodes of consecutive ranks, for algorithms with levels
  rank_t pods = 0;               ///< pods of consecutive nodes
  rank_t root = 0;               ///< of reduce and broadcast
  int lanes = 0;                 ///< parallel copies on slices of the data
  std::int64_t chunk_bytes = 0;  ///< size of one piece of a pipeline
  int slices = 0;                ///< pieces of a message: one is reduced while the next arrives
};

/// One collective of one rank over ncclSend and ncclRecv: validated and laid out once, on the host. Needs the `nccl`
/// that it was made for, and kernels that reduce its elements.
class nccl_plan {
 public:
  /// Algorithm `A` for NCCL's `count` argument of elements of `element_size` bytes. Throws (usage) where `A` does not
  /// serve that.
  template <algorithm A>
  static nccl_plan make(nccl& comm, std::int64_t count, std::size_t element_size, combiner kernel,
                        const plan_options& said = {}) {
    return {comm, program<A>(comm.size(), comm.rank(), count, element_size, said), kernel};
  }

  /// What the plan of any rank is made of: needs no GPU.
  template <algorithm A>
  static detail::stream_program program(rank_t ranks, rank_t rank, std::int64_t count, std::size_t element_size,
                                        const plan_options& said = {}) {
    const auto size = static_cast<std::int64_t>(element_size);
    const auto map = detail::memory_of<typename A::collective>(ranks, rank, said.root, count);
    const problem p{.ranks = ranks,
                    .nodes = said.nodes,
                    .pods = said.pods,
                    .root = said.root,
                    .bytes = map.elements() * size,
                    .lanes = said.lanes,
                    .chunk_bytes = said.chunk_bytes};
    return detail::stream_plan<A>(p, rank, count, size, said.slices);
  }

  nccl_plan(nccl& comm, detail::stream_program p, combiner kernel)
      : comm_{&comm}, program_{std::move(p)}, kernel_{kernel} {
    number_events();
  }

  std::size_t workspace_bytes() const { return static_cast<std::size_t>(program_.work_bytes); }
  int launches() const { return detail::launches(program_); }
  int groups() const { return detail::groups(program_); }
  nccl& comm() const { return *comm_; }
  bool connected() const { return connected_; }
  const detail::stream_program& as_program() const { return program_; }

 private:
  friend class nccl_walk;
  friend class nccl_connection;

  /// An event lives from where it is recorded to the last operation that waits for it, then it serves again.
  void number_events() {
    const auto& all = program_.operations;
    std::vector<int> last_waiter(all.size(), -1), free;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].waits_for >= 0) last_waiter[static_cast<std::size_t>(all[i].waits_for)] = static_cast<int>(i);
    events_.assign(all.size(), -1);
    int used = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].waits_for >= 0)
        if (const auto behind = static_cast<std::size_t>(all[i].waits_for); last_waiter[behind] == static_cast<int>(i))
          free.push_back(events_[behind]);
      if (!all[i].waited_for) continue;
      if (free.empty()) free.push_back(used++);
      events_[i] = free.back();
      free.pop_back();
    }
    comm_->reserve_events(static_cast<std::size_t>(used));
  }

  nccl* comm_;
  detail::stream_program program_;
  combiner kernel_;
  std::vector<int> events_;
  bool connected_ = false;
};

/// One rank's part of an operation: its plan, its buffers on its device, its stream. `in` and `out` may be the same
/// memory where NCCL's own collective allows it; `workspace` has `workspace_bytes()`, aligned to 16, for this operation
/// alone.
struct nccl_call {
  nccl_plan* plan = nullptr;
  const void* in = nullptr;
  void* out = nullptr;
  void* workspace = nullptr;
  cudaStream_t stream = nullptr;
};

/// GPUs that one process drives at most.
inline constexpr std::size_t max_local_ranks = 64;

inline void expect_local_ranks(std::span<const nccl_call> calls) {
  expects(calls.size() <= max_local_ranks, "one process drives 64 GPUs at most");
  for (const nccl_call& c : calls) expects(c.plan != nullptr, "each local rank has a plan");
}

}  // namespace colossus::transports
