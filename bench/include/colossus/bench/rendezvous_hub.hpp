// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/process_group.hpp>
#include <colossus/bench/rank_list.hpp>
#include <colossus/bench/rendezvous_link.hpp>

#include <functional>

namespace colossus::bench::rendezvous {

/// Rank 0 of processes that meet over TCP: all others are connected to it, and to nobody else.
class hub final : public process_group {
 public:
  /// Waits at `listening` until all have come that `own` speaks of.
  hub(tcp_socket listening, const hello& own, std::chrono::milliseconds deadline, std::string way)
      : own_{own},
        deadline_{deadline},
        way_{std::move(way)},
        listening_{std::move(listening)},
        peers_(static_cast<std::size_t>(own.size)),
        names_(peers_.size()) {
    until_ = std::chrono::steady_clock::now() + deadline_;
    wait([&] { return arrived() == size(); }, [&] { return too_few(); });
    tcp_socket{std::move(listening_)};  // whoever comes now is told at once that nobody listens
    for (link& peer : others()) peer.post(kind::welcome, "");
    wait([&] { return all_sent(); }, [&] { return idle("does not take what it is sent", &link::has_unsent); });
  }

  int rank() const override { return 0; }
  int size() const override { return own_.size; }
  std::string way() const override { return way_; }

  std::vector<std::byte> all_gather(std::span<const std::byte> mine) override {
    if (!broken_.empty()) throw error{broken_, failure::broke};
    until_ = std::chrono::steady_clock::now() + deadline_;
    parts_.assign(peers_.size(), std::nullopt);
    parts_[0] = std::vector<std::byte>{mine.begin(), mine.end()};
    take_messages();
    wait([&] { return std::all_of(parts_.begin(), parts_.end(), [](const auto& part) { return part.has_value(); }); },
         [&] { return silent(); });
    std::vector<std::byte> whole;
    for (const auto& part : parts_) whole.insert(whole.end(), part->begin(), part->end());
    const auto framed = frame(kind::whole, whole);
    for (link& peer : others()) peer.post(framed);
    wait([&] { return all_sent(); }, [&] { return idle("does not take what it is sent", &link::has_unsent); });
    return whole;
  }

  void abort(const std::string& why) noexcept override {
    if (!broken_.empty()) return;
    try {
      tell_all(own_.who() + " ended the run: " + why);
    } catch (...) {
      broken_ = "aborted";
    }
  }

 private:
  std::span<link> others() { return std::span{peers_}.subspan(1); }
  int arrived() const {
    return 1 + static_cast<int>(std::count_if(peers_.begin(), peers_.end(), [](const link& l) { return l.open(); }));
  }
  bool all_sent() const {
    return std::none_of(peers_.begin(), peers_.end(), [](const link& l) { return l.has_unsent(); });
  }
  std::string too_few() const {
    return roll_call(size(), deadline_,
                     [&](int rank) { return rank == 0 || peers_[static_cast<std::size_t>(rank)].open(); }) +
           (refused_.empty() ? "" : "; refused " + refused_) +
           ": see what the missing ones say, or wait longer (--deadline)";
  }
  /// The first peer for which `waiting` holds, and how many more.
  template <class Waiting>
  std::string idle(const std::string& what, Waiting&& waiting) const {
    std::vector<int> ranks;
    for (std::size_t rank = 1; rank < peers_.size(); ++rank)
      if (std::invoke(waiting, peers_[rank])) ranks.push_back(static_cast<int>(rank));
    return names_[static_cast<std::size_t>(ranks.empty() ? 0 : ranks[0])] + " " + what + " within " +
           in_seconds(deadline_) + (ranks.size() > 1 ? "; so do ranks " + rank_list(std::span{ranks}.subspan(1)) : "") +
           ": see what it says, or wait longer (--deadline)";
  }
  std::string silent() const {
    return idle("sends no word", [&](const link& l) { return !parts_[static_cast<std::size_t>(&l - &peers_[0])]; });
  }

  /// Moves messages until `done`. At the deadline all are told what `late` says.
  template <class Done, class Late>
  void wait(Done&& done, Late&& late) {
    while (!done()) {
      if (milliseconds_until(until_) == 0) fail(late());
      std::vector<pollfd> polled{{listening_.descriptor(), POLLIN, 0}};  // poll passes over what is closed
      std::vector<link*> links{nullptr};
      for (const std::span<link> some : {std::span{strangers_}, others()})
        for (link& one : some)
          if (one.open() && !one.gone()) polled.push_back(one.interest()), links.push_back(&one);
      ::poll(polled.data(), polled.size(), milliseconds_until(until_));
      for (std::size_t i = 1; i < links.size(); ++i)
        if (polled[i].revents != 0) links[i]->work();
      take_strangers();
      take_messages();
    }
  }

  void take_strangers() {
    if (listening_)
      for (tcp_socket s{::accept(listening_.descriptor(), nullptr, nullptr)}; s;
           s = tcp_socket{::accept(listening_.descriptor(), nullptr, nullptr)})
        strangers_.emplace_back(std::move(s)).expect_at_most(sizeof(hello));
    for (link& stranger : strangers_)
      if (const auto first = stranger.next()) greet(stranger, *first);
    std::erase_if(strangers_, [](const link& l) { return !l.open() || l.gone(); });
  }

  /// A peer of this run moves to its place; one that is of another run is told so, and we go on waiting.
  void greet(link& stranger, const message& first) {
    hello other{};
    if (first.what != kind::hello || first.bytes.size() != sizeof other) return stranger.close();
    std::memcpy(&other, first.bytes.data(), sizeof other);
    if (other.version != own_.version) return refuse(stranger, other, "is of another version of this program");
    if (other.job != own_.job)
      return refuse(
          stranger, other,
          "is of job '" + std::string{other.job.data()} + "', this is job '" + std::string{own_.job.data()} + "'");
    if (other.token != own_.token) return refuse(stranger, other, "has the id of an earlier run");
    const auto place = static_cast<std::size_t>(other.rank);
    if (other.size != own_.size)
      fail_with(stranger, other.who() + " was told of " + std::to_string(other.size) + " processes, rank 0 of " +
                              std::to_string(own_.size) + ": start all with the same number");
    if (other.rank < 1 || other.rank >= own_.size || peers_[place].open())
      fail_with(stranger, "two processes say that they are rank " + std::to_string(other.rank) + ": " +
                              (other.rank == 0 ? own_.who() : names_[place]) + " and " + other.who() +
                              ": start each rank once");
    stranger.post(kind::seen, "");
    stranger.expect_at_most(std::uint64_t{1} << 30);
    names_[place] = other.who();
    peers_[place] = std::move(stranger);
  }

  [[noreturn]] void fail_with(link& stranger, const std::string& why) {
    stranger.post(kind::abort, why);
    stranger.work();
    fail(why);
  }

  void refuse(link& stranger, const hello& other, const std::string& why) {
    stranger.post(kind::refusal, other.who() + " " + why);
    stranger.work();
    stranger.close();
    const std::string told = other.who() + ", which " + why;  // it will try again
    if (refused_.find(told) == std::string::npos) refused_ += (refused_.empty() ? "" : ", ") + told;
  }

  void take_messages() {
    for (std::size_t rank = 1; rank < peers_.size(); ++rank) {
      link& peer = peers_[rank];
      const bool expecting = listening_ || (rank < parts_.size() && !parts_[rank]);
      if (!expecting) continue;  // what it sends is of the next call
      if (const auto found = peer.next()) take(rank, *found);
      else if (peer.gone()) fail(names_[rank] + " is gone: see what it says");
    }
  }

  void take(std::size_t rank, const message& found) {
    if (found.what == kind::abort) fail(names_[rank] + " ended the run: " + found.text());
    if (found.what != kind::part || rank >= parts_.size()) fail(names_[rank] + " sends what nobody asked for");
    if (found.bytes.size() != parts_[0]->size())
      fail(names_[rank] + " sends " + std::to_string(found.bytes.size()) + " bytes where rank 0 sends " +
           std::to_string(parts_[0]->size()) + ": start all with the same command line");
    parts_[rank] = found.bytes;
  }

  void tell_all(const std::string& why) {
    broken_ = why;
    for (link& peer : others()) peer.post(kind::abort, why);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{500};
    while (!all_sent() && milliseconds_until(until) > 0) {
      for (link& peer : others()) peer.work();
      if (!all_sent()) ::poll(nullptr, 0, 5);
    }
  }
  [[noreturn]] void fail(const std::string& why) {
    tell_all(why);
    throw error{why, failure::broke};
  }

  hello own_;
  std::chrono::milliseconds deadline_;
  deadline_time until_{};
  std::string way_, broken_, refused_;
  tcp_socket listening_;
  std::vector<link> strangers_, peers_;  ///< peers by rank; nobody at 0
  std::vector<std::string> names_;
  std::vector<std::optional<std::vector<std::byte>>> parts_;
};

}  // namespace colossus::bench::rendezvous
