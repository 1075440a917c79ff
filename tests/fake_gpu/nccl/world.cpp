// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include "finding.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <ctime>

namespace fake_nccl {

world* open_world(const std::string& name, int size) {
  const std::size_t bytes = sizeof(world) + sizeof(channel) * static_cast<std::size_t>(size * size);
  const int file = ::shm_open(name.c_str(), O_CREAT | O_RDWR, 0600);
  if (file < 0 || ::ftruncate(file, static_cast<off_t>(bytes)) != 0) return nullptr;
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  return mapped == MAP_FAILED ? nullptr : static_cast<world*>(mapped);
}

void remove_name(const std::string& name) { ::shm_unlink(name.c_str()); }

void ring(rank_state& rank) {
  rank.bell.fetch_add(1);
  ::syscall(SYS_futex, &rank.bell, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);  // not private: other processes listen
}

void listen(rank_state& rank, std::uint32_t heard) {
  const std::timespec most{0, 5'000'000};
  ::syscall(SYS_futex, &rank.bell, FUTEX_WAIT, heard, &most, nullptr, 0);
}

bool is_gone(const rank_state& rank) { return rank.process != 0 && ::kill(rank.process, 0) != 0 && errno == ESRCH; }

void write_text(char (&into)[512], const std::string& text) { std::snprintf(into, sizeof into, "%s", text.c_str()); }

bool watch::is_over() {
  const auto now = std::chrono::steady_clock::now();
  if (const std::uint64_t progress = shared_->progress; progress != seen_) {
    seen_ = progress;
    since_ = now;
    return false;
  }
  if (now - since_ <= deadlock_limit()) return false;
  bool hope = false;  // somebody may still compute, and come
  for (int r = 0; r < size_; ++r) {
    const rank_state& rank = shared_->ranks[r];
    hope |= rank.waiting == 0 && !is_gone(rank) && rank.aborted == 0;
  }
  return !hope || now - since_ > patience * deadlock_limit();
}

std::string situation(const world& shared, int size) {
  std::string text;
  for (int r = 0; r < size; ++r) {
    const rank_state& rank = shared.ranks[r];
    text += "\n  rank " + std::to_string(r);
    if (rank.present == 0) text += " has never called ncclCommInitRank";
    else if (is_gone(rank)) text += " is gone: its process has ended";
    else if (rank.aborted != 0) text += " has aborted";
    else if (rank.waiting != 0) text += std::string{" waits: on its stream "} + rank.doing + ", open: " + rank.open;
    else text += std::string{" is outside NCCL: on its stream "} + rank.doing;
    if (rank.present != 0) text += std::string{"; its host last: "} + rank.host;
  }
  return text;
}

}  // namespace fake_nccl
