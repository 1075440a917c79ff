// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace colossus::detail {

/// Which of a call's buffers something lies in. Staging is a part of the workspace, known by number until all are
/// known.
enum class area : std::uint8_t { input, output, work, staging };

/// So many bytes behind the beginning of a buffer.
struct place {
  area where = area::input;
  std::int64_t offset = 0;
  int slot = 0;  ///< of staging
  bool operator==(const place&) const = default;
  friend place operator+(place p, std::int64_t bytes) {
    p.offset += bytes;
    return p;
  }
};

/// One message, or a part of one: both ends cut it alike.
struct stream_message {
  rank_t peer = nobody;
  place what;
  std::int64_t bytes = 0;
};

/// `onto` = `from`, or own and from reduced, element by element.
struct combination {
  place own, from, onto;
  std::int64_t count = 0;
  on_arrival how = on_arrival::store;
};

/// The caller's stream carries the messages; what nobody waits for at once is reduced on a second one beside it.
enum class track : std::uint8_t { main, side };
constexpr track other(track t) { return t == track::main ? track::side : track::main; }

/// Something for a stream: all messages of one turn as a group, or combinations as a kernel, or only a place in the
/// order (the beginning and the end). Operations of a track follow each other.
struct stream_operation {
  enum class kind : std::uint8_t { begin, exchange, combine, end };
  kind what = kind::begin;
  track on = track::main;
  int waits_for = -1;       ///< an operation of the other track, or -1
  bool waited_for = false;  ///< an operation of the other track waits for this one
  int turn = 0;             ///< of an exchange: the same number on all ranks that take part
  std::size_t first_send = 0, sends = 0, first_recv = 0, recvs = 0, first_combination = 0, combinations = 0;
};

/// What one rank does in a collective, as data: made once on the host, done on streams as often as wanted.
struct stream_program {
  std::vector<stream_operation> operations;
  std::vector<stream_message> send_list, recv_list;
  std::vector<combination> combination_list;
  std::int64_t work_bytes = 0;  ///< of the workspace
  std::int64_t aside = -1;      ///< where in the workspace the input goes if input and output are the same; -1: nowhere
  std::int64_t input_bytes = 0;  ///< that are read
  std::vector<rank_t> to, from;  ///< whom this rank sends to and receives from

  auto sends(const stream_operation& o) const { return std::span{send_list}.subspan(o.first_send, o.sends); }
  auto recvs(const stream_operation& o) const { return std::span{recv_list}.subspan(o.first_recv, o.recvs); }
  auto combinations(const stream_operation& o) const {
    return std::span{combination_list}.subspan(o.first_combination, o.combinations);
  }
};

/// Combinations that one kernel launch takes.
inline constexpr std::size_t combinations_per_launch = 64;

/// Launches of one operation: a kernel of NCCL for each group, ours for the combinations.
inline int launches(const stream_program& p) {
  std::size_t all = 0;
  for (const stream_operation& o : p.operations)
    all += o.what == stream_operation::kind::exchange
               ? 1
               : (o.combinations + combinations_per_launch - 1) / combinations_per_launch;
  return static_cast<int>(all);
}

/// Groups of messages among them.
inline int groups(const stream_program& p) {
  return static_cast<int>(std::count_if(p.operations.begin(), p.operations.end(), [](const stream_operation& o) {
    return o.what == stream_operation::kind::exchange;
  }));
}

/// One line for people: how much there is to do.
inline std::string describe(const stream_program& p) {
  std::size_t kernels = 0, beside = 0;
  std::int64_t sent = 0;
  for (const stream_operation& o : p.operations) {
    kernels += o.what == stream_operation::kind::combine ? 1 : 0;
    beside += o.what == stream_operation::kind::combine && o.on == track::side ? 1 : 0;
  }
  for (const stream_message& m : p.send_list) sent += m.bytes;
  return std::to_string(groups(p)) + " groups of " + std::to_string(p.send_list.size()) + " sends (" +
         std::to_string(sent) + " B) and " + std::to_string(p.recv_list.size()) + " receives, " +
         std::to_string(kernels) + " reductions or copies (" + std::to_string(beside) + " beside the messages), " +
         std::to_string(launches(p)) + " launches, " + std::to_string(p.work_bytes) + " B of workspace, " +
         std::to_string(p.to.size()) + " peers to send to, " + std::to_string(p.from.size()) + " to receive from";
}

}  // namespace colossus::detail
