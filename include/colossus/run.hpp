// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/cursor.hpp>
#include <colossus/detail/lane_set.hpp>
#include <colossus/detail/watch.hpp>

#include <exception>

namespace colossus {

/// Executes this rank's part of `s` on its memory: rounds one after the other, lanes independently of each other. Every
/// rank calls it with the same schedule, partition and reduction. Throws `error` (broke) when a peer does not answer
/// within the transport's deadline; after any error the transport is of no more use.
template <schedule S, exchanger Transport, partitioner Partition, memory Memory, class Op>
void run(const S& s, Transport& transport, const Partition& parts, const Memory& memory, const Op& op) {
  expects(s.ranks() == transport.size(),
          "run: schedule and transport differ in ranks: make the schedule for transport.size()");
  expects(extra_ranks(s) == 0, "run: this transport has no switches that reduce: choose another algorithm");
  expects(s.blocks() == parts.blocks(),
          "run: schedule and partition differ in blocks: make the partition for s.blocks()");
  expects(parts.total() == memory.size(), "run: partition and memory differ in elements");

  detail::lane_set lanes{s, transport, [&](const auto& lane, int index) {
                           return detail::cursor{lane, index, transport, parts, memory, op};
                         }};
  const auto give_up = [&](std::string_view why) {
    lanes.cancel();
    transport.fail(why);
  };
  try {
    for (detail::watch watch{transport.waits()}; !lanes.done();)
      if (lanes.advance()) watch.moved();
      else if (watch.too_long()) throw error{detail::gave_up(transport, lanes.waits_for()), failure::broke};
  } catch (const std::exception& problem) {
    give_up(problem.what());
    throw;
  } catch (...) {
    give_up("the reduction threw something");
    throw;
  }
}

/// The same on memory of one area.
template <schedule S, exchanger Transport, partitioner Partition, class T, class Op>
void run(const S& s, Transport& transport, const Partition& parts, std::span<T> data, const Op& op) {
  run(s, transport, parts, one_area<T>{data}, op);
}

}  // namespace colossus
