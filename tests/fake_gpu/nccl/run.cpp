// SPDX-License-Identifier: Apache-2.0
// What the device does in a group: all transfers at once, but those between the same two ranks in the same direction
// one after the other.
#include "finding.hpp"
#include "group.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace fake_nccl {
namespace {

struct progress {
  const transfer* what;
  std::size_t moved = 0;
  bool begun = false, over = false;
};

class exchange {
 public:
  explicit exchange(const group& what) : comm_{*what.comm} {
    for (const auto* list : {&what.collectives, &what.messages})
      for (const transfer& one : *list) open_.push_back({&one});
  }

  /// To the end; false if the communicator is aborted before.
  bool run() {
    rank_state& own = comm_.own();
    watch quiet{*comm_.shared, comm_.size};
    write_text(own.open, "all of it");
    while (!open_.empty()) {
      if (comm_.aborted) return false;
      const std::uint32_t heard = own.bell;
      if (advance()) {
        comm_.shared->progress.fetch_add(1);
        continue;
      }
      write_text(own.open, open_text());
      if (quiet.is_over()) report_deadlock(comm_, "seen by " + comm_.who() + " (open: " + open_text() + ")");
      listen(own, heard);
    }
    return true;
  }

 private:
  bool advance() {
    bool moved = false;
    std::uint64_t heads[2] = {0, 0};  // peers whose earlier transfer is not over, by direction
    for (progress& one : open_) {
      std::uint64_t& busy = heads[one.what->sends];
      const std::uint64_t peer = std::uint64_t{1} << one.what->peer;
      if ((busy & peer) != 0) continue;
      moved |= one.what->sends ? send(one) : receive(one);
      if (!one.over) busy |= peer;
    }
    std::erase_if(open_, [](const progress& one) { return one.over; });
    return moved;
  }

  bool send(progress& one) {
    const transfer& what = *one.what;
    channel& line = comm_.from_to(comm_.rank, what.peer);
    if (line.full.load(std::memory_order_acquire) != 0) return false;
    if (one.begun && one.moved == what.bytes) return one.over = true;
    const bool same_process = comm_.shared->ranks[what.peer].process == comm_.own().process;
    line.total = what.bytes;
    line.bytes = same_process ? what.bytes : std::min(piece_bytes, what.bytes - one.moved);
    line.lent = same_process ? what.at : nullptr;
    if (!same_process && line.bytes != 0) std::memcpy(line.data, what.at + one.moved, line.bytes);
    std::snprintf(line.kind, sizeof line.kind, "%s", what.kind.c_str());
    one.moved += line.bytes;
    one.begun = true;
    hand_over(line, 1, what.peer);
    return true;
  }

  bool receive(progress& one) {
    const transfer& what = *one.what;
    channel& line = comm_.from_to(what.peer, comm_.rank);
    if (line.full.load(std::memory_order_acquire) == 0) return false;
    if (line.total != what.bytes || what.kind != line.kind)
      stop("mismatch in communicator " + comm_.name + ": " + comm_.who() + " expects " + describe(what) + " (" +
           what.kind + "), but rank " + std::to_string(what.peer) + " sends " + std::to_string(line.total) + " B (" +
           line.kind + "): the ranks' operations differ in order, kind or size" + situation(*comm_.shared, comm_.size));
    if (line.bytes != 0) std::memcpy(what.at + one.moved, line.lent != nullptr ? line.lent : line.data, line.bytes);
    one.moved += line.bytes;
    one.over = one.moved == what.bytes;
    hand_over(line, 0, what.peer);
    return true;
  }

  void hand_over(channel& line, std::uint32_t full, int to) {
    line.full.store(full, std::memory_order_release);
    ring(comm_.shared->ranks[to]);
  }

  std::string open_text() const {
    std::string text;
    for (const progress& one : open_)
      if (text.size() < 200) text += (text.empty() ? "" : ", ") + describe(*one.what);
    return text;
  }

  ncclComm& comm_;
  std::vector<progress> open_;
};

/// FAKE_NCCL_LOST=rank:n: the n-th group of that rank never does anything, as if its GPU had died.
bool is_lost(const ncclComm& comm, std::uint64_t number) {
  const rank_and_number lost = rank_setting("FAKE_NCCL_LOST");
  return lost.rank == comm.rank && lost.number != 0 && number >= lost.number;
}

}  // namespace

void run(const group& what) {
  ncclComm& comm = *what.comm;
  if (comm.destroyed && !comm.aborted)
    stop(comm.who() + ": " + what.text + " runs on a communicator that was destroyed (a graph must go first)");
  write_text(comm.own().doing, what.text);
  comm.own().waiting.fetch_add(1);
  comm.begin(what.turn);
  write_text(comm.own().doing, what.text);
  bool whole = !is_lost(comm, comm.submitted) && exchange{what}.run();
  for (const auto& one : what.reductions)
    if (whole) combine(*one, comm.rank);
  comm.own().waiting.fetch_sub(1);
  write_text(comm.own().doing, "after " + what.text);
  comm.shared->progress.fetch_add(1);
  comm.end(what.turn);
}

}  // namespace fake_nccl
