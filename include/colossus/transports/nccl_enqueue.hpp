// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/transports/nccl_connect.hpp>
#include <colossus/transports/nccl_walk.hpp>

#include <array>
#include <limits>
#include <optional>

namespace colossus::transports {
namespace nccl_detail {

/// NCCL's own work on the host for one group, at most.
inline constexpr std::chrono::milliseconds longest_enqueue{30'000};

/// Where a stream is being captured, nothing may be connected any more.
inline void expect_connected(const nccl_call& c) {
  if (c.plan->connected()) return;
  cudaStreamCaptureStatus capturing = cudaStreamCaptureStatusNone;
  detail::check_cuda(cudaStreamIsCapturing(c.stream, &capturing), "say whether a stream is captured");
  expects(capturing == cudaStreamCaptureStatusNone,
          "enqueue: the plan's pairs are not connected yet: call connect before the stream is captured");
}

}  // namespace nccl_detail

/// One operation, ordered by the callers' streams: the groups of all ranks of this process are one each, with the
/// reductions between. Allocates nothing, synchronises nothing, can be captured in a graph. All ranks call it with
/// plans of the same algorithm, count and options. What fails later, `async_error` says.
inline void enqueue(std::span<const nccl_call> calls) {
  expect_local_ranks(calls);
  std::array<std::optional<nccl_walk>, max_local_ranks> walks;
  std::array<int, max_local_ranks> turns{};
  const auto walk_on = [&](std::size_t i, bool posted) {
    const detail::on_device here{calls[i].plan->comm().device()};
    if (posted) walks[i]->posted();
    else walks[i].emplace(calls[i]);
    turns[i] = walks[i]->to_next_exchange();
  };
  for (std::size_t i = 0; i < calls.size(); ++i) nccl_detail::expect_connected(calls[i]);
  for (std::size_t i = 0; i < calls.size(); ++i) walk_on(i, false);
  for (;;) {
    int turn = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (turns[i] >= 0) turn = std::min(turn, turns[i]);
    if (turn == std::numeric_limits<int>::max()) return;
    detail::nccl_group group;
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (turns[i] == turn) walks[i]->post();
    // Communicators that do not block may take another thread for it.
    if (const bool enqueued = group.end("enqueue a group"); !enqueued)
      for (std::size_t i = 0; i < calls.size(); ++i)
        if (turns[i] == turn) calls[i].plan->comm().settle(nccl_detail::longest_enqueue, "enqueue a group");
    for (std::size_t i = 0; i < calls.size(); ++i)
      if (turns[i] == turn) walk_on(i, true);
  }
}

}  // namespace colossus::transports
