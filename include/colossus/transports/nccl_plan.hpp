// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/nccl_segments.hpp>
#include <colossus/detail/stream_plan.hpp>
#include <colossus/transports/nccl.hpp>

#include <algorithm>

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
                    .bytes = count * (map.areas / (map.keeps_input ? 2 : 1)) * size,
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
  friend struct nccl_connector;

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
