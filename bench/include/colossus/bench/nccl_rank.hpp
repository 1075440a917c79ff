// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/gpu_kernels.hpp>
#include <colossus/bench/nccl_baseline.hpp>
#include <colossus/bench/nccl_memory.hpp>
#include <colossus/transports/nccl_enqueue.hpp>

#include <optional>
#include <variant>

namespace colossus::bench {

/// One rank as the algorithms of colossus-nccl see it: a call is kept until those of all local ranks are there, which
/// are then enqueued together. The plan of the last configuration is kept as well.
class nccl_rank {
 public:
  nccl_rank(transports::nccl link, rank_t nodes) : link_{std::move(link)}, nodes_{nodes} {}

  rank_t rank() const { return link_.rank(); }
  rank_t size() const { return link_.size(); }
  int device() const { return link_.device(); }
  transports::nccl& link() { return link_; }
  const transports::nccl& link() const { return link_; }

  /// What operations need beside their buffers.
  cudaStream_t stream = nullptr;
  nccl_memory workspace;

  template <class A>
  void run(const call& c) {
    if constexpr (is_nccl_baseline<A>)
      next_ = baseline_call{A::collective::name, c, link_.handle(), rank(), size(), stream};
    else next_ = transports::nccl_call{&plan_for<A>(c), c.in, c.out, workspace.data(), stream};
  }

  /// The call that `run` made, of ours or NCCL's.
  const std::variant<transports::nccl_call, baseline_call>& next() const { return next_; }
  /// The plan of the call; nullptr where it is NCCL's own.
  transports::nccl_plan* plan() const {
    const auto* const ours = std::get_if<transports::nccl_call>(&next_);
    return ours ? ours->plan : nullptr;
  }

 private:
  /// What a plan depends on.
  struct plan_key {
    const void* algorithm = nullptr;
    std::int64_t count = 0;
    std::string_view type, reduction;
    rank_t root = 0;
    bool operator==(const plan_key&) const = default;
  };
  template <class A>
  static inline const char identity_of = 0;

  template <class A>
  transports::nccl_plan& plan_for(const call& c) {
    const plan_key wanted{&identity_of<A>, c.count, c.kind.type, c.kind.reduction, c.root};
    if (plan_ && wanted == planned_) return *plan_;
    plan_.reset();
    plan_.emplace(transports::nccl_plan::make<A>(link_, c.count, c.kind.size,
                                                 kernels_of(c.kind.type, c.kind.reduction).combine,
                                                 {.nodes = nodes_,
                                                  .pods = 0,
                                                  .root = c.root,
                                                  .lanes = c.options.lanes,
                                                  .chunk_bytes = c.options.chunk_bytes,
                                                  .slices = 0}));
    planned_ = wanted;
    return *plan_;
  }

  transports::nccl link_;
  rank_t nodes_;
  std::optional<transports::nccl_plan> plan_;
  plan_key planned_;
  std::variant<transports::nccl_call, baseline_call> next_;
};

/// A local rank of a team: what `configuration::on` finds its buffers in, and what is timed.
struct gpu_member {
  gpu_member(transports::nccl link, rank_t nodes, bool null_stream) : rank{std::move(link), nodes}, comm{&rank} {
    const colossus::detail::on_device here{rank.device()};
    if (!null_stream) stream = colossus::detail::make_stream();
    rank.stream = stream.get();
    begin = timing_event();
    end = timing_event();
  }
  gpu_member(const gpu_member&) = delete;
  gpu_member& operator=(const gpu_member&) = delete;

  /// Frees what NCCL knows of before its communicator goes.
  ~gpu_member() {
    rank.workspace = {};
    in.memory = {}, out.memory = {}, small = {};
  }

  colossus::detail::cuda_stream stream;
  nccl_rank rank;
  nccl_rank* comm;
  moving_buffer in, out;
  nccl_memory small;  ///< what a barrier and the checks need
  colossus::detail::cuda_event begin, end;
  bool complained = false;

 private:
  static colossus::detail::cuda_event timing_event() {
    cudaEvent_t made{};
    colossus::detail::check_cuda(cudaEventCreate(&made), "make an event");
    return colossus::detail::cuda_event{made};
  }
};

}  // namespace colossus::bench
