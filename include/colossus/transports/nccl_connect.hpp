// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/transports/nccl_plan.hpp>

namespace colossus::transports {

/// One rank's part of connecting: every peer of its plan is sent a byte, or sends one, and the kernel is loaded.
class nccl_connection {
 public:
  explicit nccl_connection(const nccl_call& c) : call_{&c}, plan_{c.plan} {}

  /// The messages, inside of a group of NCCL's.
  void post() const {
    const ncclComm_t comm = plan_->comm_->handle();
    auto* at = static_cast<std::byte*>(call_->workspace);
    for (const rank_t peer : plan_->program_.to)
      detail::check_nccl(ncclSend(std::exchange(at, at + 16), 1, ncclInt8, peer, comm, call_->stream), "send", comm);
    for (const rank_t peer : plan_->program_.from)
      detail::check_nccl(ncclRecv(std::exchange(at, at + 16), 1, ncclInt8, peer, comm, call_->stream), "receive", comm);
  }

  /// CUDA loads a kernel when it is first launched, and may wait for the device to do so: once, over no elements.
  void load_kernel() const {
    const segment nothing{call_->workspace, call_->workspace, call_->workspace, 0, 0};
    detail::check_cuda(plan_->kernel_(segment_batch{1, {nothing}}, 1, call_->stream), "load the reduction kernel");
  }

  /// Waits for both. Throws (broke) what NCCL or CUDA finds, or at `end`.
  void wait_until(std::chrono::steady_clock::time_point end) const {
    for (cudaError_t state = cudaErrorNotReady; state == cudaErrorNotReady; std::this_thread::yield()) {
      state = cudaStreamQuery(call_->stream);
      if (state == cudaErrorNotReady) cudaGetLastError();  // CUDA keeps it as if it were an error
      else detail::check_cuda(state, "connect the ranks");
      plan_->comm_->rethrow_async_error();
      if (state == cudaErrorNotReady && std::chrono::steady_clock::now() > end)
        throw error{"rank " + std::to_string(plan_->comm_->rank()) +
                        ": not all pairs were connected in time: a rank is missing or calls something else",
                    failure::broke};
    }
    plan_->connected_ = true;
  }

 private:
  const nccl_call* call_;
  nccl_plan* plan_;
};

namespace nccl_detail {

/// Calls `f(connection)` for each local rank, with its device current.
template <class F>
void for_each_connection(std::span<const nccl_call> calls, F&& f) {
  for (const nccl_call& c : calls) {
    const detail::on_device here{c.plan->comm().device()};
    f(nccl_connection{c});
  }
}

}  // namespace nccl_detail

/// Has every pair of ranks that the plans use exchange a byte, so that NCCL has connected them, loads the reduction
/// kernel, and waits for both. All ranks call it; those of one process in one call. Uses the workspaces. To be done
/// before capture and before timing: what is connected or loaded later would stall. Throws (broke) by the deadline;
/// NCCL itself looks at no clock while a peer that is there does not answer.
inline void connect(std::span<const nccl_call> calls,
                    std::chrono::milliseconds deadline = std::chrono::milliseconds{30'000}) {
  expect_local_ranks(calls);
  const auto end = std::chrono::steady_clock::now() + deadline;
  try {
    detail::nccl_group group;
    nccl_detail::for_each_connection(calls, [](const nccl_connection& c) { c.post(); });
    group.end("connect the ranks");
    for (const nccl_call& c : calls) c.plan->comm().settle(deadline, "connect the ranks");
    nccl_detail::for_each_connection(calls, [](const nccl_connection& c) { c.load_kernel(); });
    nccl_detail::for_each_connection(calls, [end](const nccl_connection& c) { c.wait_until(end); });
  } catch (...) {
    for (const nccl_call& c : calls) c.plan->comm().give_up();
    throw;
  }
}

}  // namespace colossus::transports
