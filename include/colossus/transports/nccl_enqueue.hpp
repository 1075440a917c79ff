// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/transports/nccl_plan.hpp>

#include <array>
#include <limits>
#include <optional>

namespace colossus::transports {

/// GPUs that one process drives at most.
inline constexpr std::size_t max_local_ranks = 64;

/// NCCL's own work on the host for one group, at most.
inline constexpr std::chrono::milliseconds longest_enqueue{30'000};

struct nccl_connector {
  /// Every peer that a plan sends to or receives from is sent a byte, or sends one.
  static void post(const nccl_call& c) {
    const detail::stream_program& p = c.plan->program_;
    const ncclComm_t comm = c.plan->comm_->handle();
    auto* at = static_cast<std::byte*>(c.workspace);
    for (const rank_t peer : p.to)
      detail::check_nccl(ncclSend(std::exchange(at, at + 16), 1, ncclInt8, peer, comm, c.stream), "send", comm);
    for (const rank_t peer : p.from)
      detail::check_nccl(ncclRecv(std::exchange(at, at + 16), 1, ncclInt8, peer, comm, c.stream), "receive", comm);
  }
  static void connected(const nccl_call& c) { c.plan->connected_ = true; }
  /// CUDA loads a kernel when it is first launched, and may wait for the device to do so: once, over no elements.
  static void load_kernel(const nccl_call& c) {
    const segment nothing{c.workspace, c.workspace, c.workspace, 0, 0};
    segment_batch batch{1, {nothing}};
    detail::check_cuda(c.plan->kernel_(batch, 1, c.stream), "load the reduction kernel");
  }
};

namespace detail_nccl {

inline void expect_local(std::span<const nccl_call> calls) {
  expects(calls.size() <= max_local_ranks, "one process drives 64 GPUs at most");
  for (const nccl_call& c : calls) expects(c.plan != nullptr, "each local rank has a plan");
}

/// Where a stream is being captured, nothing may be connected any more.
inline void expect_connected(const nccl_call& c) {
  if (c.plan->connected()) return;
  cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
  detail::check_cuda(cudaStreamIsCapturing(c.stream, &capturing), "say whether a stream is captured");
  expects(capturing == cudaStreamCaptureStatusNone,
          "enqueue: the plan's pairs are not connected yet: call connect before the stream is captured");
}

}  // namespace detail_nccl

namespace detail_nccl {

/// Waits for a stream. Throws (broke) what NCCL or CUDA finds, or by the deadline.
inline void wait_for(const nccl_call& c, std::chrono::steady_clock::time_point end,
                     std::chrono::milliseconds deadline) {
  const detail::on_device here{c.plan->comm().device()};
  for (cudaError_t state = cudaErrorNotReady; state == cudaErrorNotReady; std::this_thread::yield()) {
    state = cudaStreamQuery(c.stream);
    if (state == cudaErrorNotReady) cudaGetLastError();  // CUDA keeps it as if it were an error
    else detail::check_cuda(state, "connect the ranks");
    c.plan->comm().rethrow_async_error();
    if (state == cudaErrorNotReady && std::chrono::steady_clock::now() > end)
      throw error{"rank " + std::to_string(c.plan->comm().rank()) + ": not all pairs were connected within " +
                      std::to_string(deadline.count()) + " ms: a rank is missing or calls something else",
                  failure::broke};
  }
}

inline void connect_all(std::span<const nccl_call> calls, std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  detail::nccl_group group;
  for (const nccl_call& c : calls) {
    const detail::on_device here{c.plan->comm().device()};
    nccl_connector::post(c);
  }
  group.end("connect the ranks");
  for (const nccl_call& c : calls) c.plan->comm().settle(deadline, "connect the ranks");
  for (const nccl_call& c : calls) {
    const detail::on_device here{c.plan->comm().device()};
    nccl_connector::load_kernel(c);
  }
  for (const nccl_call& c : calls) {
    wait_for(c, end, deadline);
    nccl_connector::connected(c);
  }
}

}  // namespace detail_nccl

/// Has every pair of ranks that the plans use exchange a byte, so that NCCL has connected them, loads the reduction
/// kernel, and waits for both. All ranks call it; those of one process in one call. Uses the workspaces. To be done
/// before capture and before timing: what is connected or loaded later would stall. Throws (broke) by the deadline;
/// NCCL itself looks at no clock while a peer that is there does not answer.
inline void connect(std::span<const nccl_call> calls,
                    std::chrono::milliseconds deadline = std::chrono::milliseconds{30'000}) {
  detail_nccl::expect_local(calls);
  try {
    detail_nccl::connect_all(calls, deadline);
  } catch (...) {
    for (const nccl_call& c : calls) c.plan->comm().give_up();
    throw;
  }
}

/// One operation, ordered by the callers' streams: the groups of all ranks of this process are one each, with the
/// reductions between. Allocates nothing, synchronises nothing, can be captured in a graph. All ranks call it with
/// plans of the same algorithm, count and options. What fails later, `rethrow_async_error` says.
inline void enqueue(std::span<const nccl_call> calls) {
  detail_nccl::expect_local(calls);
  std::array<std::optional<nccl_walk>, max_local_ranks> walks;
  std::array<int, max_local_ranks> turns{};
  const auto walk_on = [&](std::size_t i, bool posted) {
    const detail::on_device here{calls[i].plan->comm().device()};
    if (posted) walks[i]->posted();
    else walks[i].emplace(calls[i]);
    turns[i] = walks[i]->to_next_exchange();
  };
  for (std::size_t i = 0; i < calls.size(); ++i) detail_nccl::expect_connected(calls[i]);
  for (std::size_t i = 0; i < calls.size(); ++i) walk_on(i, false);
  for (;;) {
    int turn = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (turns[i] >= 0) turn = std::min(turn, turns[i]);
    if (turn == std::numeric_limits<int>::max()) return;
    detail::nccl_group group;
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (turns[i] == turn) walks[i]->post();
    if (!group.end(
            "enqueue a group"))  // communicators that do not block may, when they like, take another thread for it
      for (std::size_t i = 0; i < calls.size(); ++i)
        if (turns[i] == turn) calls[i].plan->comm().settle(longest_enqueue, "enqueue a group");
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (turns[i] == turn) walk_on(i, true);
  }
}

}  // namespace colossus::transports
