// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/transports/nccl_plan.hpp>

#include <algorithm>

namespace colossus::transports {

/// One call on its way through its plan: what a stream is given, in the order of the program.
class nccl_walk {
 public:
  explicit nccl_walk(const nccl_call& c) : call_{&c}, plan_{c.plan} {
    const detail::stream_program& p = plan_->program_;
    expects(c.workspace != nullptr || p.work_bytes == 0,
            "enqueue: the plan needs a workspace of workspace_bytes() on the device");
    expects(reinterpret_cast<std::uintptr_t>(c.workspace) % 16 == 0, "enqueue: the workspace is aligned to 16 bytes");
    in_ = static_cast<const std::byte*>(c.in);
    if (p.aside < 0 || c.in != c.out) return;
    std::byte* const aside = static_cast<std::byte*>(c.workspace) + p.aside;
    detail::check_cuda(
        cudaMemcpyAsync(aside, c.in, static_cast<std::size_t>(p.input_bytes), cudaMemcpyDeviceToDevice, c.stream),
        "copy the input aside");
    in_ = aside;
  }

  /// Goes on to the next group of messages: its turn, or -1 at the end.
  int to_next_exchange() {
    for (; at_ < plan_->program_.operations.size(); ++at_) {
      const detail::stream_operation& o = now();
      wait(o);
      if (o.what == detail::stream_operation::kind::exchange) return o.turn;
      if (o.what == detail::stream_operation::kind::combine) combine(o);
      record(o);
    }
    return -1;
  }

  /// The messages of the group, inside of a group of NCCL's.
  void post() const {
    const ncclComm_t comm = plan_->comm_->handle();
    for (const auto& m : plan_->program_.sends(now()))
      detail::check_nccl(ncclSend(at(m.what), static_cast<std::size_t>(m.bytes), ncclInt8, m.peer, comm, call_->stream),
                         "send", comm);
    for (const auto& m : plan_->program_.recvs(now()))
      detail::check_nccl(ncclRecv(at(m.what), static_cast<std::size_t>(m.bytes), ncclInt8, m.peer, comm, call_->stream),
                         "receive", comm);
  }

  /// Behind the group.
  void posted() {
    record(now());
    ++at_;
  }

  nccl& comm() const { return *plan_->comm_; }

 private:
  const detail::stream_operation& now() const { return plan_->program_.operations[at_]; }
  cudaStream_t stream_of(detail::track t) const {
    return t == detail::track::main ? call_->stream : plan_->comm_->side();
  }
  cudaEvent_t event_of(int operation) const {
    return plan_->comm_->event(plan_->events_[static_cast<std::size_t>(operation)]);
  }

  void wait(const detail::stream_operation& o) const {
    if (o.waits_for >= 0)
      detail::check_cuda(cudaStreamWaitEvent(stream_of(o.on), event_of(o.waits_for), 0), "have a stream wait");
  }
  void record(const detail::stream_operation& o) const {
    if (o.waited_for)
      detail::check_cuda(cudaEventRecord(event_of(static_cast<int>(at_)), stream_of(o.on)), "record an event");
  }

  void combine(const detail::stream_operation& o) const {
    segment_batch batch{};
    std::uint64_t largest = 0;
    const auto launch = [&] {
      if (batch.size > 0) detail::check_cuda(plan_->kernel_(batch, largest, stream_of(o.on)), "launch a reduction");
      batch.size = 0, largest = 0;
    };
    for (const detail::combination& c : plan_->program_.combinations(o)) {
      segment s{at(c.own), at(c.from), at(c.onto), static_cast<std::uint64_t>(c.count), mode_of(c.how)};
      if (c.how == on_arrival::store && s.from == s.onto) continue;  // in place: it is there
      batch.segments[batch.size++] = s;
      largest = std::max(largest, s.count);
      if (batch.size == max_segments) launch();
    }
    launch();
  }

  static constexpr std::uint32_t mode_of(on_arrival how) {
    return how == on_arrival::store ? 0 : how == on_arrival::reduce_after ? 1 : 2;
  }

  std::byte* at(const detail::place& p) const {
    const std::byte* const base = p.where == detail::area::input    ? in_
                                  : p.where == detail::area::output ? static_cast<const std::byte*>(call_->out)
                                                                    : static_cast<const std::byte*>(call_->workspace);
    return const_cast<std::byte*>(base) + p.offset;
  }

  const nccl_call* call_;
  nccl_plan* plan_;
  const std::byte* in_ = nullptr;
  std::size_t at_ = 0;
};

}  // namespace colossus::transports
