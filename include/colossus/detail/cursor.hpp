// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/memory.hpp>
#include <colossus/partition.hpp>
#include <colossus/reduce_op.hpp>
#include <colossus/schedule.hpp>
#include <colossus/transport.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace colossus::detail {

/// The scratch slots of a transport: one for the calls, one for the cursors, then two a lane.
inline constexpr int call_slot = 0, cursor_slot = 1;
constexpr int scratch_slot(int lane, side which) { return 2 + 2 * lane + (which == side::recv ? 1 : 0); }

/// One lane of one rank on its way through its rounds.
template <schedule S, exchanger Transport, partitioner Partition, memory Memory, class Op>
class cursor {
  using element = typename Memory::element;

 public:
  cursor(const S& s, int lane, Transport& transport, const Partition& parts, const Memory& memory, const Op& op)
      : schedule_{s},
        lane_{lane},
        transport_{&transport},
        parts_{&parts},
        memory_{&memory},
        op_{&op},
        rounds_{s.rounds()} {}

  round_t round() const { return round_; }
  bool done() const { return round_ >= rounds_; }

  /// Looks once at the exchange under way, ends the round it belongs to, and starts the next one. True if anything
  /// moved.
  bool advance() {
    if (under_way_) {
      if (!transport_->test(pending_)) return false;
      under_way_ = false;
      finish_round();
    }
    while (!done() && !under_way_) begin_round();
    return true;
  }

  void cancel() noexcept {
    if (under_way_) transport_->cancel(pending_);
    under_way_ = false;
  }

  /// "rank 1 to send in round 3 of 6", for the peers that this lane waits for; empty when there is none.
  std::string waits_for() const {
    if (!under_way_) return {};
    const rank_t from = pending_.from, to = pending_.to;
    std::string text = from == nobody ? "" : "rank " + std::to_string(from) + " to send";
    if (to != nobody) text += (text.empty() ? "" : " and ") + ("rank " + std::to_string(to)) + " to receive";
    return text + " in round " + std::to_string(round_) + " of " + std::to_string(rounds_) + ", lane " +
           std::to_string(lane_);
  }

 private:
  /// The runs of blocks of one message taken together.
  struct message {
    int runs = 0;
    block_range first{};
    std::int64_t elements = 0;
  };

  template <class Visit>
  void visit_runs(side which, Visit&& visit) const {
    if constexpr (requires { schedule_.runs(transport_->rank(), round_, which, visit); })
      schedule_.runs(transport_->rank(), round_, which, visit);
    else if (const transfer& t = which == side::send ? now_.send : now_.recv) visit(t.blocks);
  }

  message measure(side which) const {
    message all;
    visit_runs(which, [&](block_range run) {
      if (all.runs++ == 0) all.first = run;
      all.elements += parts_->elements(run).count;
    });
    return all;
  }

  void begin_round() {
    now_ = schedule_.at(transport_->rank(), round_);
    const message out = now_.send ? measure(side::send) : message{};
    const message in = now_.recv ? measure(side::recv) : message{};
    if (out.elements + in.elements == 0) {  // both ends know from the partition that there is nothing to say
      ++round_;
      return;
    }
    const auto outgoing = std::as_bytes(gather(out));
    const auto incoming = std::as_writable_bytes(landing(in, out));
    const rank_t to = out.elements > 0 ? now_.send.peer : nobody;
    const rank_t from = in.elements > 0 ? now_.recv.peer : nobody;
    if (to == transport_->rank() || from == transport_->rank()) return keep(to, from, outgoing, incoming);
    pending_ = transport_->start(lane_, to, outgoing, from, incoming);
    under_way_ = true;
  }

  /// The message out as one piece: where it lies, or copied together.
  std::span<const element> gather(const message& out) const {
    if (out.elements == 0) return {};
    if (out.runs == 1) return memory_->read(parts_->elements(out.first));
    const auto together = staging(side::send, out.elements);
    std::int64_t at = 0;
    visit_runs(side::send, [&](block_range run) {
      const auto piece = memory_->read(parts_->elements(run));
      std::ranges::copy(piece, together.begin() + at);
      at += std::ssize(piece);
    });
    return together;
  }

  /// Where the message in arrives: in its place, or beside it where it is reduced, comes in pieces, or would overwrite
  /// what is being sent in the same round.
  std::span<element> landing(const message& in, const message& out) {
    if (in.elements == 0) return {};
    staged_ = reduces(now_.arrival) || in.runs > 1 || (out.runs == 1 && overlap(in.first, out.first)) ||
              now_.recv.peer == transport_->rank();
    arrived_ = staged_ ? staging(side::recv, in.elements) : memory_->write(parts_->elements(in.first));
    return arrived_;
  }

  static constexpr bool overlap(block_range a, block_range b) {
    return a.first < b.first + b.count && b.first < a.first + a.count;
  }

  std::span<element> staging(side which, std::int64_t elements) const {
    const auto count = static_cast<std::size_t>(elements);
    const auto bytes = transport_->buffer(scratch_slot(lane_, which), count * sizeof(element));
    return {reinterpret_cast<element*>(bytes.data()), count};
  }

  /// A message of a rank to itself is a copy.
  void keep(rank_t to, rank_t from, std::span<const std::byte> outgoing, std::span<std::byte> incoming) {
    expects(to == from && outgoing.size() == incoming.size(),
            "a message of a rank to itself arrives in the round it is sent in");
    std::ranges::copy(outgoing, incoming.begin());
    finish_round();
  }

  void finish_round() {
    std::int64_t at = 0;
    if (staged_ && !arrived_.empty())
      visit_runs(side::recv, [&](block_range run) {
        const auto own = memory_->write(parts_->elements(run));
        combine(arrived_.subspan(static_cast<std::size_t>(at), own.size()), own);
        at += std::ssize(own);
      });
    arrived_ = {};
    ++round_;
  }

  void combine(std::span<const element> arriving, std::span<element> own) const {
    if (now_.arrival == on_arrival::store) std::ranges::copy(arriving, own.begin());
    else if constexpr (reduces_ranges<Op, element>) {
      if (now_.arrival == on_arrival::reduce_before) (*op_)(arriving, own, own);
      else (*op_)(own, arriving, own);
    } else if constexpr (reduces_elements<Op, element>) {
      if (now_.arrival == on_arrival::reduce_before) std::ranges::transform(arriving, own, own.begin(), *op_);
      else std::ranges::transform(own, arriving, own.begin(), *op_);
    } else throw error{"this schedule reduces: give run a reduction for this type of element"};
  }

  S schedule_;
  int lane_;
  Transport* transport_;
  const Partition* parts_;
  const Memory* memory_;
  const Op* op_;
  round_t rounds_;
  round_t round_ = 0;
  step now_{};
  bool under_way_ = false;
  bool staged_ = false;
  std::span<element> arrived_{};
  typename Transport::request pending_{};
};

}  // namespace colossus::detail
