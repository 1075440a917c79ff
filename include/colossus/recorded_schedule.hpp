// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collective.hpp>
#include <colossus/error.hpp>
#include <colossus/schedule.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace colossus {

class recording;

/// A schedule read from a table: what other tools synthesise. A view: the `recording` must outlive it unchanged.
class recorded_schedule {
 public:
  rank_t ranks() const { return size_.ranks; }
  block_t blocks() const { return size_.blocks; }
  round_t rounds() const { return rounds_; }
  rank_t extra_ranks() const { return all_ - size_.ranks; }
  rank_t root() const { return size_.root; }
  step at(rank_t rank, round_t round) const { return entry_of(rank, round).now; }

  template <class Visit>
  void runs(rank_t rank, round_t round, side which, Visit&& visit) const {
    const entry& e = entry_of(rank, round);
    const transfer& t = which == side::send ? e.now.send : e.now.recv;
    const block_range* run = runs_ + (which == side::send ? e.sent : e.received);
    for (block_t left = t ? t.blocks.count : 0; left > 0; left -= run++->count) visit(*run);
  }

 private:
  friend class recording;
  struct entry {
    step now{};
    std::size_t sent = 0, received = 0;  // the first run of each message
  };

  recorded_schedule(extent size, rank_t all, round_t rounds, const entry* entries, const block_range* runs)
      : size_{size}, all_{all}, rounds_{rounds}, entries_{entries}, runs_{runs} {}
  const entry& entry_of(rank_t rank, round_t round) const {
    return entries_[static_cast<std::size_t>(round) * static_cast<std::size_t>(all_) + static_cast<std::size_t>(rank)];
  }

  extent size_;
  rank_t all_;  // with the switches
  round_t rounds_;
  const entry* entries_;
  const block_range* runs_;
};

static_assert(multi_run_schedule<recorded_schedule> && rooted_schedule<recorded_schedule>);

/// The table of a `recorded_schedule`, filled message by message. It does not judge: `verify` does.
class recording {
 public:
  explicit recording(extent size, rank_t extra_ranks = 0) : size_{size}, all_{size.ranks + extra_ranks} {
    expects(size.ranks >= 1 && size.blocks >= 1 && extra_ranks >= 0, "recording: at least one rank and one block");
  }

  /// A message of one run of blocks, or of several, in the order in which they travel.
  void message(round_t round, rank_t from, rank_t to, block_range sent, block_range received, on_arrival arrival) {
    message(round, from, to, std::vector{sent}, std::vector{received}, arrival);
  }
  void message(round_t round, rank_t from, rank_t to, const std::vector<block_range>& sent,
               const std::vector<block_range>& received, on_arrival arrival) {
    entry& sender = slot(round, from, "sends");
    refuse_second(sender.now.send, round, from, "sends");
    sender.now.send = {to, total(sent)};
    sender.sent = store(sent);
    entry& receiver = slot(round, to, "receives");
    refuse_second(receiver.now.recv, round, to, "receives");
    receiver.now.recv = {from, total(received)};
    receiver.now.arrival = arrival;
    receiver.received = store(received);
  }

  recorded_schedule schedule() const {
    const auto rounds = static_cast<round_t>(entries_.size() / static_cast<std::size_t>(all_));
    return {size_, all_, rounds, entries_.data(), runs_.data()};
  }

 private:
  using entry = recorded_schedule::entry;

  entry& slot(round_t round, rank_t rank, const char* does) {
    if (round < 0 || rank < 0 || rank >= all_)
      throw error{"recording: rank " + std::to_string(rank) + " " + does + " in round " + std::to_string(round) +
                      ", but there are " + std::to_string(all_) + " ranks and rounds count from 0",
                  failure::input};
    const auto index =
        static_cast<std::size_t>(round) * static_cast<std::size_t>(all_) + static_cast<std::size_t>(rank);
    if (index >= entries_.size())
      entries_.resize((static_cast<std::size_t>(round) + 1) * static_cast<std::size_t>(all_));
    return entries_[index];
  }
  static void refuse_second(const transfer& taken, round_t round, rank_t rank, const char* does) {
    if (taken)
      throw error{"recording: rank " + std::to_string(rank) + " " + does + " twice in round " + std::to_string(round) +
                      ": put the second message into another round",
                  failure::input};
  }
  std::size_t store(const std::vector<block_range>& message) {
    runs_.insert(runs_.end(), message.begin(), message.end());
    return runs_.size() - message.size();
  }
  static block_range total(const std::vector<block_range>& message) {
    block_range all{message.empty() ? 0 : message.front().first, 0};
    for (const block_range& run : message) {
      expects(run.count >= 1, "recording: a run has at least one block", failure::input);
      all.count += run.count;
    }
    return all;
  }

  extent size_;
  rank_t all_;
  std::vector<entry> entries_;
  std::vector<block_range> runs_;
};

/// Writes out a schedule: every rank in every round.
template <schedule S>
recording record(const S& s) {
  recording table{{s.ranks(), s.blocks(), root_of(s)}, extra_ranks(s)};
  const auto runs_of = [&](rank_t rank, round_t round, side which) {
    std::vector<block_range> all;
    for_each_run(s, rank, round, which, [&](block_range run) { all.push_back(run); });
    return all;
  };
  for (round_t round = 0; round < s.rounds(); ++round)
    for (rank_t rank = 0; rank < s.ranks() + extra_ranks(s); ++rank) {
      const step now = s.at(rank, round);
      if (now.recv)
        table.message(round, now.recv.peer, rank, runs_of(now.recv.peer, round, side::send),
                      runs_of(rank, round, side::recv), now.arrival);
    }
  return table;
}

}  // namespace colossus
