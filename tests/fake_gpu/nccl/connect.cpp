// SPDX-License-Identifier: Apache-2.0
// Connections: NCCL makes them when two ranks first talk, one for each direction, and both hosts must come.
#include "batch.hpp"

namespace fake_nccl {
namespace {

constexpr std::uint32_t sender_came = 1, receiver_came = 2;
constexpr int for_collectives = 2;  // their bits lie higher: collectives have connections of their own

struct connection {
  std::uint32_t mine, both;
  channel* line;
};

connection connection_of(ncclComm& comm, const transfer& what, int shift) {
  return {(what.sends ? sender_came : receiver_came) << shift, (sender_came | receiver_came) << shift,
          &(what.sends ? comm.from_to(comm.rank, what.peer) : comm.from_to(what.peer, comm.rank))};
}

template <class Visit>
void for_each_connection(const group& what, Visit&& visit) {
  for (const transfer& one : what.collectives) visit(one, connection_of(*what.comm, one, for_collectives));
  for (const transfer& one : what.messages) visit(one, connection_of(*what.comm, one, 0));
}

/// Says that this rank has come for the connections of a group that are new to it; whether there are any.
bool announce(const group& what) {
  static const bool strict = setting("FAKE_NCCL_STRICT_CONNECT", 1) != 0;
  ncclComm& comm = *what.comm;
  bool news = false;
  for_each_connection(what, [&](const transfer& one, const connection& made) {
    if ((made.line->connections.fetch_or(made.mine) & made.mine) != 0) return;
    news = true;
    if (what.captured && strict)
      stop("connects rank " + std::to_string(comm.rank) + " - rank " + std::to_string(one.peer) +
           " during capture: " + describe(one) + " is their first that way; connect before the capture");
    comm.shared->progress.fetch_add(1);
    ring(comm.shared->ranks[one.peer]);
  });
  return news;
}

/// Connecting allocates on the device and frees again: while a gate holds the device, that waits for the gate.
void touch_device(const group& what) {
  if (what.captured) return;
  const on_device_of here{*what.comm};
  void* memory = nullptr;
  if (cudaMalloc(&memory, 64) == cudaSuccess) cudaFree(memory);
}

bool wait_for_peers(const group& what) {
  return wait_on_host(what.comm, "to connect for " + what.text, [&] {
    bool all = true;
    for_each_connection(what, [&](const transfer&, const connection& made) {
      all &= (made.line->connections & made.both) == made.both;
    });
    return all;
  });
}

}  // namespace

bool connect(const std::vector<std::unique_ptr<group>>& groups) {
  std::vector<const group*> news;
  for (const auto& one : groups)
    if (announce(*one)) news.push_back(one.get());
  for (const group* one : news) touch_device(*one);
  for (const group* one : news)
    if (!wait_for_peers(*one)) return false;
  return true;
}

}  // namespace fake_nccl
