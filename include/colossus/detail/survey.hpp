// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/script.hpp>
#include <colossus/detail/wiring.hpp>

#include <utility>

namespace colossus::detail {

/// What a schedule's messages put on the links of a machine, over the whole operation, and whether they can meet there.
/// Nothing contends where no link could be asked for more than it carries though all its senders (each with one message
/// of a lane at a time), or all its receivers, were at work at once.
class survey {
 public:
  survey(const script& s, wiring& machine, std::span<const gpu_t> placement)
      : script_{s}, machine_{machine}, placement_{placement}, load_(machine.links()), seconds_(machine.links()) {
    visit_all(false);
    contends_ = machine.paths() > 1;
    for (link_t link = 0; link < load_.size() && !contends_; ++link) suspect_ |= too_much(link);
    if (contends_ || !suspect_) return;
    std::vector<load> senders(load_.size());
    senders.swap(load_);
    visit_all(true);
    for (link_t link = 0; link < load_.size(); ++link)
      if (too_much(link) && senders[link].rate > machine.capacity(link) * enough) contends_ = true;
  }

  bool contends() const { return contends_; }
  /// Seconds that a link needs for each byte of the whole.
  double seconds(link_t link) const { return seconds_[link]; }
  /// The largest share of the whole that a rank sends.
  double most_sent() const { return most_sent_; }
  std::int64_t messages() const { return messages_; }

 private:
  static constexpr double enough = 1 + 1e-9;

  struct load {
    double rate = 0;  // bytes/s, if all its ends were at work
    double last = 0;  // of these, those of the last end
    std::uint64_t end = ~std::uint64_t{0};
  };

  bool too_much(link_t link) const { return load_[link].rate > machine_.capacity(link) * enough; }

  void visit_all(bool receives) {
    for (rank_t rank = 0; rank < script_.ranks(); ++rank) {
      double sent = 0;
      for (int lane = 0; lane < script_.lanes(); ++lane) sent += visit(lane, rank, receives);
      most_sent_ = std::max(most_sent_, sent);
    }
  }
  /// The messages that a rank sends in a lane, or those that it receives; equal ones in a row at once.
  double visit(int lane, rank_t rank, bool receives) {
    double sent = 0;
    for (round_t round = 0, times = 1; round < script_.rounds(); round += times) {
      times = runs_of(round);
      const turn t = script_.at(lane, rank, round);
      const rank_t peer = receives ? t.from : t.to;
      if (peer == nobody) continue;
      const double share = t.share * static_cast<double>(times);
      if (!receives) messages_ += times, sent += share;
      meet(lane, receives ? peer : rank, receives ? rank : peer, receives, receives ? 0 : share);
    }
    return sent;
  }
  void meet(int lane, rank_t from, rank_t to, bool receives, double share) {
    const gpu_t a = placement_[static_cast<std::size_t>(from)], b = placement_[static_cast<std::size_t>(to)];
    const double slope = machine_.slope(a, b, lane, machine_.distance(a, b)), rate = slope > 0 ? 1 / slope : 0;
    const auto end = static_cast<std::uint64_t>(lane) << 32 | static_cast<std::uint32_t>(receives ? to : from);
    for (int path = 0; path < machine_.paths(); ++path)
      for (const link_t link : machine_.route(a, b, lane, path)) {
        load& l = load_[link];
        if (std::exchange(l.end, end) != end) l.last = 0;
        l.rate += std::max(rate - l.last, 0.0);
        l.last = std::max(rate, l.last);
        if (share > 0) seconds_[link] += share / machine_.paths() / machine_.capacity(link);
      }
  }
  round_t runs_of(round_t round) {
    if (runs_.empty()) runs_.assign(static_cast<std::size_t>(script_.rounds()), 0);
    round_t& known = runs_[static_cast<std::size_t>(round)];
    if (known == 0) known = script_.alike(round);
    return known;
  }

  const script& script_;
  wiring& machine_;
  std::span<const gpu_t> placement_;
  std::vector<load> load_;
  std::vector<double> seconds_;
  std::vector<round_t> runs_;
  double most_sent_ = 0;
  std::int64_t messages_ = 0;
  bool contends_ = false, suspect_ = false;
};

}  // namespace colossus::detail
