// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/options.hpp>
#include <colossus/bench/pair_data.hpp>
#include <colossus/bench/pairs.hpp>
#include <colossus/bench/participant.hpp>
#include <colossus/bench/statistics.hpp>
#include <colossus/detail/watch.hpp>

#include <cstring>
#include <span>

namespace colossus::bench {
namespace detail {

/// Sends and receives one message, and waits for both. Throws (broke) where nothing moves until the deadline.
template <class Comm>
void exchange(Comm& comm, rank_t to, std::span<const std::byte> out, rank_t from, std::span<std::byte> in) {
  auto pending = comm.start(0, to, out, from, in);
  try {
    for (colossus::detail::watch patience{comm.waits()}; !comm.test(pending);)
      if (patience.too_long())
        throw error{colossus::detail::gave_up(
                        comm, "rank " + std::to_string(to == nobody ? from : to) + " to exchange a message"),
                    failure::broke};
  } catch (...) {
    comm.cancel(pending);
    throw;
  }
}

/// One rank while it meets another.
template <class Member>
class host_pair_rank {
 public:
  static constexpr std::int64_t small_bytes = 8;

  host_pair_rank(Member& m, const pair_end& end, std::int64_t bytes, const options& o)
      : member_{&m}, options_{&o}, bytes_{bytes}, own_{end} {
    m.in.reserve(words() * 8), m.out.reserve(words() * 8);
  }

  /// Begins a round; a rank that meets itself rests.
  void begin(int round, rank_t partner) {
    const rank_t self = member_->comm->rank();
    partner_ = partner;
    found_.result = {.a = std::min(self, partner),
                     .b = std::max(self, partner),
                     .round = round,
                     .bytes = bytes_,
                     .small_bytes = small_bytes,
                     .iterations = options_->iterations,
                     .checked = options_->check};
    if (!meets()) return;
    for (std::int64_t i = 0; i < words(); ++i)
      put_word(member_->out.data(), i, pair_word(self, partner_, word_index(i)));
    exchange_and_check();
    for (int i = 0; i < options_->warmup; ++i) both_ways(bytes_);
  }

  /// Times messages both ways, each once both ends are there; a sample is the time of the later end.
  void time_both_ways() {
    if (!meets()) return;
    samples_.clear();
    for (int i = 0; i < options_->iterations; ++i) {
      both_ways(1);
      samples_.push_back(seconds_of([this] { both_ways(bytes_); }));
    }
    std::vector<double> theirs(samples_.size());
    swap_with_partner(std::as_bytes(std::span{samples_}), std::as_writable_bytes(std::span{theirs}));
    std::transform(samples_.begin(), samples_.end(), theirs.begin(), samples_.begin(),
                   [](double mine, double other) { return std::max(mine, other); });
    if (const double s = median(); s > 0) found_.result.GBps = static_cast<double>(bytes_) / s * 1e-9;
  }

  /// Times a small message there and back: half of it, by the clock of the lower rank.
  void time_there_and_back() {
    if (!meets()) return;
    for (int i = 0; i < options_->warmup; ++i) there_and_back();
    samples_.clear();
    for (int i = 0; i < options_->iterations; ++i)
      samples_.push_back(seconds_of([this] { there_and_back(); }) / 2 * 1e6);
    found_.result.us = median();
  }

  /// Checks the data once more, and tells the lower rank who its partner is and what that found.
  void end() {
    if (!meets()) return;
    exchange_and_check();
    const last_words mine{found_.result.wrong, own_};
    last_words theirs;
    swap_with_partner(std::as_bytes(std::span{&mine, 1}), std::as_writable_bytes(std::span{&theirs, 1}));
    found_.result.wrong += theirs.wrong;
    found_.a = serves() ? own_ : theirs.end, found_.b = serves() ? theirs.end : own_;
  }

  bool meets() const { return partner_ != member_->comm->rank(); }
  /// The lower rank of a pair begins, and tells what was found.
  bool serves() const { return member_->comm->rank() < partner_; }
  const named_pair& found() const { return found_; }

 private:
  struct last_words {
    std::int64_t wrong = 0;
    pair_end end;
  };

  std::int64_t words() const { return (bytes_ + 7) / 8; }
  static std::uint64_t word_index(std::int64_t i) { return static_cast<std::uint64_t>(i); }
  static void put_word(std::byte* to, std::int64_t i, std::uint64_t word) { std::memcpy(to + 8 * i, &word, 8); }

  void swap_with_partner(std::span<const std::byte> out, std::span<std::byte> in) {
    exchange(*member_->comm, partner_, out, partner_, in);
  }
  void both_ways(std::int64_t bytes) { swap_with_partner(outgoing(bytes), incoming(bytes)); }
  void there_and_back() {
    for (const bool sends : {serves(), !serves()})
      if (sends) exchange(*member_->comm, partner_, outgoing(small_bytes), nobody, {});
      else exchange(*member_->comm, nobody, {}, partner_, incoming(small_bytes));
  }
  std::span<const std::byte> outgoing(std::int64_t bytes) const {
    return {member_->out.data(), static_cast<std::size_t>(bytes)};
  }
  std::span<std::byte> incoming(std::int64_t bytes) const {
    return {member_->in.data(), static_cast<std::size_t>(bytes)};
  }

  void exchange_and_check() {
    std::memset(member_->in.data(), 0xff, static_cast<std::size_t>(words() * 8));
    both_ways(bytes_);
    if (options_->check) found_.result.wrong = std::max(found_.result.wrong, wrong_words());
  }

  std::int64_t wrong_words() const {
    std::int64_t wrong = 0;
    for (std::int64_t i = 0; i < words(); ++i) {
      const std::uint64_t word = pair_word(partner_, member_->comm->rank(), word_index(i));
      const auto bytes = static_cast<std::size_t>(std::min<std::int64_t>(8, bytes_ - 8 * i));
      wrong += std::memcmp(member_->in.data() + 8 * i, &word, bytes) != 0;
    }
    return wrong;
  }

  double median() {
    std::sort(samples_.begin(), samples_.end());
    return percentile(samples_, 0.5);
  }

  Member* member_;
  const options* options_;
  std::int64_t bytes_;
  pair_end own_;
  rank_t partner_ = nobody;
  named_pair found_;
  std::vector<double> samples_;
};

}  // namespace detail
}  // namespace colossus::bench
