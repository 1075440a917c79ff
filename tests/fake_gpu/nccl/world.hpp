// SPDX-License-Identifier: Apache-2.0
// What the ranks of a communicator share: a file in /dev/shm named by the unique id, so that they may be threads,
// devices of one thread, or processes.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace fake_nccl {

inline constexpr int most_ranks = 64;
inline constexpr std::size_t piece_bytes = 1 << 16;

/// One direction between two ranks. A send is over only when its receiver has taken every byte.
struct channel {
  std::atomic<std::uint32_t> full;         // the receiver's turn
  std::atomic<std::uint32_t> connections;  // who has come to connect it: see group.cpp
  std::uint64_t total, bytes;              // of the message, and of the piece that lies here
  const char* lent;                        // within one process: the sender's own memory
  char kind[96];
  alignas(64) char data[piece_bytes];
};

/// What one rank tells the others, so that a rank that waits in vain can say for whom.
struct rank_state {
  std::atomic<int> present, aborted, waiting;
  std::atomic<std::uint32_t> bell;     // rung when something of interest to this rank happened
  std::atomic<std::uint32_t> windows;  // registered so far: that is a collective call
  std::atomic<pid_t> process;
  int device;
  char doing[512], open[512], host[512];  // its stream's last operation; what is unfinished in it; its host's last call
};

struct world {
  std::atomic<int> joined;
  std::atomic<std::uint64_t> progress;  // counts whatever moves
  rank_state ranks[most_ranks];
  channel channels[];  // [from * size + to]
};

/// Opens the file of `name`, which the first rank makes. Null where the system refuses.
world* open_world(const std::string& name, int size);

/// Takes the name away; who has it open keeps it.
void remove_name(const std::string& name);

/// Wakes whoever waits for something to happen to `rank`.
void ring(rank_state& rank);

/// Waits until the bell is rung after it was read as `heard`, at most 5 ms.
void listen(rank_state& rank, std::uint32_t heard);

bool is_gone(const rank_state& rank);  // its process has ended

void write_text(char (&into)[512], const std::string& text);

/// Notices that nothing moves any more in a world. Ask it again and again while waiting.
class watch {
 public:
  watch(const world& shared, int size) : shared_{&shared}, size_{size} {}
  /// Whether nothing has moved for so long that nothing will.
  bool is_over();

 private:
  const world* shared_;
  int size_;
  std::uint64_t seen_ = ~std::uint64_t{0};
  std::chrono::steady_clock::time_point since_{};
};

/// One line for each rank: for what it waits, and what its host did last.
std::string situation(const world& shared, int size);

}  // namespace fake_nccl
