// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/rendezvous_hub.hpp>

namespace colossus::bench::rendezvous {

/// Where rank 0 says that it listens. Without addresses it is not known yet, for the reason `unknown`.
struct place {
  std::vector<std::string> addresses;
  int port = 0;
  std::string token;
  std::string unknown;
};

/// Any other rank of processes that meet over TCP.
class spoke final : public process_group {
 public:
  /// Looks for rank 0 where `where()` says, again and again: it may not listen yet, or what was found is of an earlier
  /// run.
  template <class Where>
  spoke(Where&& where, const hello& own, std::chrono::milliseconds deadline, std::string way)
      : own_{own}, deadline_{deadline}, way_{std::move(way)} {
    const auto until = std::chrono::steady_clock::now() + patience();
    std::string why;
    while (!link_.open()) {
      join(where(), until, why);
      if (link_.open()) break;
      if (milliseconds_until(until) == 0)
        throw error{"rank " + std::to_string(rank()) + " found no rank 0 within " + in_seconds(deadline_) + ": " + why,
                    failure::broke};
      ::poll(nullptr, 0, std::min(50, milliseconds_until(until)));
    }
  }

  int rank() const override { return own_.rank; }
  int size() const override { return own_.size; }
  std::string way() const override { return way_; }

  std::vector<std::byte> all_gather(std::span<const std::byte> mine) override {
    if (!broken_.empty()) throw error{broken_, failure::broke};
    link_.post(frame(kind::part, mine));
    const auto found = receive(std::chrono::steady_clock::now() + patience());
    if (!found)
      fail(link_.gone() ? "rank 0 is gone: see what it says" : "rank 0 sends no word within " + in_seconds(deadline_));
    if (found->what == kind::abort) fail(found->text());
    if (found->what != kind::whole) fail("rank 0 sends what nobody asked for");
    return found->bytes;
  }

  void abort(const std::string& why) noexcept override {
    if (!broken_.empty()) return;
    try {
      broken_ = why;
      link_.post(kind::abort, why);
      send_all(std::chrono::steady_clock::now() + std::chrono::milliseconds{500});
    } catch (...) {
      broken_ = "aborted";
    }
  }

 private:
  /// A little longer than rank 0 waits, whose word says more.
  std::chrono::milliseconds patience() const {
    return deadline_ + std::clamp(deadline_ / 10, std::chrono::milliseconds{500}, std::chrono::milliseconds{5'000});
  }

  void join(const place& at, deadline_time until, std::string& why) {
    if (at.addresses.empty()) why = at.unknown;
    for (const std::string& address : at.addresses) {
      const std::string target = address + ":" + std::to_string(at.port);
      std::string reason;
      if (tcp_socket s = connect_to(address, at.port, until, reason)) link_ = link{std::move(s)};
      if (link_.open() && introduce(at, until, reason)) return;
      link_ = link{};
      why = target + " (" + reason + "): is rank 0 started, on the host of that address?";
      if (!refusal_.empty()) why = "at " + target + ", " + refusal_;
    }
  }

  /// True when all have come. Whoever does not answer soon is not of this program.
  bool introduce(const place& at, deadline_time until, std::string& reason) {
    hello mine = own_;
    copy_text(mine.token, at.token);
    link_.post(frame(kind::hello, std::as_bytes(std::span{&mine, 1})));
    const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds{3};
    auto found = receive(std::min(soon, until));
    if (found && found->what == kind::seen) found = receive(until);
    reason = link_.gone() ? "closed the connection" : "somebody else listens there";
    if (found && found->what == kind::abort) fail(found->text());
    if (found && found->what == kind::refusal) refusal_ = found->text();
    return found && found->what == kind::welcome;
  }

  /// The next message; nothing at `until`, or when rank 0 is gone.
  std::optional<message> receive(deadline_time until) {
    for (;;) {
      link_.work();
      if (auto found = link_.next()) return found;
      if (link_.gone() || milliseconds_until(until) == 0) return std::nullopt;
      pollfd ready = link_.interest();
      ::poll(&ready, 1, milliseconds_until(until));
    }
  }

  void send_all(deadline_time until) {
    for (link_.work(); link_.has_unsent() && milliseconds_until(until) > 0; link_.work()) ::poll(nullptr, 0, 5);
  }

  [[noreturn]] void fail(const std::string& why) {
    broken_ = why;
    link_ = link{};
    throw error{why, failure::broke};
  }

  hello own_;
  std::chrono::milliseconds deadline_;
  std::string way_, broken_, refusal_;
  link link_;
};

}  // namespace colossus::bench::rendezvous
