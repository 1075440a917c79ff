// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/delays.hpp>
#include <colossus/detail/script.hpp>
#include <colossus/detail/wiring.hpp>

#include <deque>
#include <map>
#include <vector>

namespace colossus::test {

/// The meaning of discrete events, with nothing kept from one event to the next: all rates are solved anew whenever
/// anything happens, and who may send is looked up among all messages. For a handful of ranks.
class brute_events {
 public:
  brute_events(const detail::script& s, detail::wiring& machine, std::span<const gpu_t> placement, double bytes,
               const detail::delays& waits)
      : script_{s}, machine_{machine}, placement_{placement}, bytes_{bytes}, waits_{waits} {}

  double operator()() {
    ranks_.assign(static_cast<std::size_t>(script_.ranks() * script_.lanes()), {});
    for (rank_t rank = 0; rank < script_.ranks(); ++rank) open(0, rank, waits_.begin(rank));
    double now = 0;
    while (true) {
      while (settle(now)) {}
      const std::vector<flow> flows = flying();
      double next = never;
      for (const auto& r : ranks_)
        for (const double t : {r.begins, r.sends, r.ends})
          if (t > now) next = std::min(next, t);
      for (const flow& f : flows) next = std::min(next, now + f.of->left[f.path] / f.rate);
      if (next == never) break;
      for (const flow& f : flows) {
        double& left = f.of->left[f.path];
        const double due = now + left / f.rate;  // ends that differ by rounding are one
        left = due <= next * (1 + 1e-12) ? 0 : left - f.rate * (next - now);
      }
      now = next;
    }
    double last = 0;
    for (const auto& r : ranks_) last = std::max(last, r.done);
    return last;
  }

 private:
  static constexpr double never = std::numeric_limits<double>::infinity(), no = -1;

  struct walker {
    round_t round = 0;
    double begins = never, sends = never, ends = never;  // when the round begins, its message leaves, the round ends
    double out = no, in = no, done = no, port = 0;
    bool opened = false;
  };
  struct message {
    std::size_t from, to;
    round_t round;
    double busy, latency;
    std::vector<double> left;  // of each path
    std::vector<std::vector<link_t>> links;
    bool over = false;
  };
  struct flow {
    message* of;
    std::size_t path;
    double rate;
  };

  std::size_t at(int lane, rank_t rank) const { return static_cast<std::size_t>(lane * script_.ranks() + rank); }
  int lane_of(std::size_t cursor) const { return static_cast<int>(cursor) / script_.ranks(); }
  rank_t rank_of(std::size_t cursor) const { return static_cast<rank_t>(cursor) % script_.ranks(); }

  void open(int lane, rank_t rank, double now) {
    if (lane == script_.lanes() || ranks_[at(lane, rank)].opened) return;
    ranks_[at(lane, rank)].opened = true;
    ranks_[at(lane, rank)].begins = now;
  }

  /// Does one of the things that can be done now.
  bool settle(double now) {
    for (std::size_t c = 0; c < ranks_.size(); ++c) {
      walker& r = ranks_[c];
      const bool begun = r.opened && (r.round > 0 || r.begins <= now || r.begins == never);
      if (begun && (r.round >= script_.stagger() || r.done != no)) open(lane_of(c) + 1, rank_of(c), now);
      if (r.begins <= now) return begin(c, now), true;
      if (r.sends <= now) return send(c), true;
      if (r.ends <= now) return r.begins = r.ends, r.ends = never, ++r.round, true;
    }
    for (message& m : messages_) {
      if (m.over || *std::ranges::max_element(m.left) > 0) continue;
      m.over = true;
      ranks_[m.from].out = now;
      arrivals_[{m.to, m.round}] = {now + m.latency, m.busy};
    }
    for (std::size_t c = 0; c < ranks_.size(); ++c) {
      walker& r = ranks_[c];
      const auto came = arrivals_.find({c, r.round});
      const bool waits = r.opened && r.begins == never && r.done == no && r.ends == never;
      if (waits && r.in == no && came != arrivals_.end())
        r.in = r.port = std::max(r.port + came->second.second, came->second.first);
      if (waits && r.in != no && r.out != no) return r.ends = std::max(r.in, r.out), true;
    }
    return false;
  }
  void begin(std::size_t c, double now) {
    walker& r = ranks_[c];
    r.begins = never;
    if (r.round == script_.rounds()) return void(r.done = now);
    const detail::turn t = script_.at(lane_of(c), rank_of(c), r.round);
    r.out = t.to == nobody ? now : no;
    r.in = t.from == nobody ? now : no;
    if (t.to != nobody) r.sends = now + (waits_.none() ? 0 : waits_.before(rank_of(c), lane_of(c), r.round));
  }
  void send(std::size_t c) {
    walker& r = ranks_[c];
    r.sends = never;
    const detail::turn t = script_.at(lane_of(c), rank_of(c), r.round);
    const gpu_t a = placement_[static_cast<std::size_t>(rank_of(c))], b = placement_[static_cast<std::size_t>(t.to)];
    const int distance = machine_.distance(a, b);
    const double bytes = bytes_ * t.share;
    message m{c,
              at(lane_of(c), t.to),
              r.round,
              bytes * machine_.slope(a, b, lane_of(c), distance),
              machine_.latency_s(distance),
              {},
              {}};
    for (int path = 0; path < machine_.paths(); ++path) {
      const auto links = machine_.route(a, b, lane_of(c), path);
      m.left.push_back(bytes / machine_.paths());
      m.links.emplace_back(links.begin(), links.end());
    }
    messages_.push_back(std::move(m));
  }

  /// The flows of the lowest round on their way to each cursor, at max-min rates: the fullest link first.
  std::vector<flow> flying() {
    std::map<std::size_t, message*> first;
    for (message& m : messages_)
      if (!m.over && (!first.contains(m.to) || m.round < first[m.to]->round)) first[m.to] = &m;
    std::vector<flow> flows;
    for (const auto& [to, m] : first)
      for (std::size_t path = 0; path < m->left.size(); ++path)
        if (m->left[path] > 0) flows.push_back({m, path, 0});
    for (std::size_t fixed = 0; fixed < flows.size();) {
      std::map<link_t, double> room, open;
      for (const flow& f : flows)
        for (const link_t link : f.of->links[f.path]) {
          room.try_emplace(link, machine_.capacity(link));
          if (f.rate > 0) room[link] -= f.rate;
          else ++open[link];
        }
      link_t tight = 0;
      double least = never;
      for (const auto& [link, count] : open)
        if (room[link] / count < least) least = room[link] / count, tight = link;
      for (flow& f : flows)
        if (f.rate == 0 && std::ranges::count(f.of->links[f.path], tight) > 0) f.rate = least, ++fixed;
    }
    return flows;
  }

  const detail::script& script_;
  detail::wiring& machine_;
  std::span<const gpu_t> placement_;
  double bytes_;
  const detail::delays& waits_;
  std::vector<walker> ranks_;
  std::deque<message> messages_;
  std::map<std::pair<std::size_t, round_t>, std::pair<double, double>> arrivals_;  // time, busy
};

}  // namespace colossus::test
