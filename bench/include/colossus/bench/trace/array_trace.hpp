// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/trace/array_tracks.hpp>
#include <colossus/bench/trace/spans.hpp>
#include <colossus/bench/trace/tier_counters.hpp>
#include <colossus/bench/trace/traced.hpp>

namespace colossus::bench {

/// The messages that one array (pod) sends, and what crosses the links of the whole machine.
class array_trace {
 public:
  static constexpr std::size_t most_spans = 400'000, steps = 1'000;

  /// Times are stretched so that the last rank is done after `seconds`, of which the first `head` are software.
  array_trace(const traced& what, double seconds, double head)
      : what_{what},
        tracks_{what},
        spans_{most_spans},
        counters_{what.wires.kinds().size(), seconds, steps},
        head_{head} {
    if (what.folded) follow(*what.folded, seconds - head);
    else follow_events(seconds - head);
  }

  const track_spans& spans() const { return spans_; }
  const tier_counters& counters() const { return counters_; }
  const std::vector<track_place>& places() const { return tracks_.places(); }
  std::int32_t pod() const { return tracks_.pod(); }
  std::size_t gpus() const { return tracks_.ranks().size(); }
  std::size_t gpus_left_out() const { return tracks_.left_out(); }
  std::int64_t messages() const { return messages_; }
  /// When something of the price's own time is drawn, seconds.
  double at(double seconds) const { return head_ + seconds * stretch_; }
  double stretched() const { return stretch_; }

 private:
  // Folded prices

  void follow(const colossus::detail::timetable& table, double seconds) {
    stretch_ = table.seconds > 0 ? seconds / table.seconds : 1;
    for (const auto& lane : table.lanes)
      for (const colossus::detail::stint& s : lane) count(table, s);
    for (const rank_t rank : tracks_.ranks())
      for (int lane = 0; lane < what_.script.lanes(); ++lane) {
        const auto at = table.lanes.size() == 1 ? 0 : static_cast<std::size_t>(lane);
        for (const colossus::detail::stint& s : table.lanes[at]) follow(table.phases[s.phase], s, rank, lane);
      }
  }

  /// What a stint moves over the links of the whole machine.
  void count(const colossus::detail::timetable& table, const colossus::detail::stint& s) {
    const colossus::detail::traced_phase& phase = table.phases[s.phase];
    const double lanes = table.in_step;
    const double step = (s.end - s.begin) / static_cast<double>(s.rounds);
    if (phase.period == 0) {
      // of a sample the bytes are those of all the rounds that one stands for
      const double times = table.sampled ? 1 : static_cast<double>(s.rounds);
      return count(phase.moved.front(), at(s.begin), at(s.end), lanes * times);
    }
    const auto own = static_cast<round_t>(phase.moved.size());
    for (round_t generation = 0; generation < phase.generations; ++generation)
      for (round_t k = 0; k < own; ++k) {
        const auto round = phase_round(table, s, generation * phase.period + k);
        if (!round) continue;
        const double begin = s.begin + static_cast<double>(*round) * step;
        count(phase.moved[static_cast<std::size_t>(k)], at(begin), at(begin + step), lanes);
      }
  }
  /// Round `k` of a phase as one of the stint; nothing where another stint has it.
  std::optional<round_t> phase_round(const colossus::detail::timetable& table, const colossus::detail::stint& s,
                                     round_t k) const {
    const round_t first = s.first - first_of(table, s);
    return k >= first && k < first + s.rounds ? std::optional{k - first} : std::nullopt;
  }
  /// The round with which the stint's phase begins.
  round_t first_of(const colossus::detail::timetable& table, const colossus::detail::stint& s) const {
    if (table.lanes.size() == 1) return s.first;
    const auto lane = std::ranges::find_if(
        table.lanes, [&](const auto& all) { return &s >= all.data() && &s < all.data() + all.size(); });
    const colossus::detail::stint* one = &s;
    while (one != lane->data() && (one - 1)->phase == s.phase) --one;
    return one->first;
  }
  void count(const std::vector<double>& moved, double begin, double end, double times) {
    for (std::size_t kind = 0; kind < moved.size(); ++kind)
      if (moved[kind] > 0) counters_.add(kind, begin, end, moved[kind] * times);
  }

  void follow(const colossus::detail::traced_phase& phase, const colossus::detail::stint& s, rank_t rank, int lane) {
    const round_t end = std::min(s.first + s.rounds, what_.script.rounds());
    const double step = (s.end - s.begin) / static_cast<double>(s.rounds);
    const colossus::detail::turn first = what_.script.at(lane, rank, s.first);
    const auto is_like = [&](round_t round) {
      const colossus::detail::turn other = what_.script.at(lane, rank, round);
      return other.to == first.to && other.share == first.share;
    };
    if (s.first >= end) return;
    if (phase.alike && end - s.first > 2 && is_like((s.first + end) / 2) && is_like(end - 1))
      return send(phase, s, rank, lane, first, s.first, end - s.first, step);
    for (round_t round = s.first; round < end; ++round)
      send(phase, s, rank, lane, what_.script.at(lane, rank, round), round, 1, step);
  }

  /// Like messages, one in each of so many rounds.
  void send(const colossus::detail::traced_phase& phase, const colossus::detail::stint& s, rank_t rank, int lane,
            const colossus::detail::turn& t, round_t round, round_t times, double step) {
    if (t.to == nobody) return;
    const gpu_t a = what_.gpu(rank), b = what_.gpu(t.to);
    const int distance = what_.wires.distance(a, b);
    double slope = phase.slope[static_cast<std::size_t>(distance)];
    if (slope == 0) slope = what_.wires.slope(a, b, lane, distance);
    const double begin = s.begin + static_cast<double>(round - s.first) * step;
    double busy = std::min(what_.bytes * t.share * slope * s.slowed, what_.folded->seconds - begin);
    if (times > 1) busy = std::min(busy, step);
    draw(rank, lane, {at(begin), at(begin + busy), t.to, round, round, 1, what_.bytes * t.share}, step * stretch_,
         times);
  }

  // Discrete events

  void follow_events(double seconds) {
    const colossus::detail::delays waits{what_.how.disturbed, what_.script.ranks()};
    colossus::detail::event_pricing events{what_.script, what_.wires, what_.placement};
    if (what_.how.routing.kind == routing::ecmp && what_.how.routing.seeds > 1)
      stretch_ = seconds / events.seconds(what_.bytes, waits);
    events.seconds(what_.bytes, waits, [this](const colossus::detail::sent_message& m) {
      const double bytes = m.share * what_.bytes;
      for (const std::size_t kind : way(what_.gpu(m.from), what_.gpu(m.to), m.lane))
        counters_.add(kind, at(m.begun), at(m.out), bytes);
      if (tracks_.has(m.from)) draw(m.from, m.lane, {at(m.begun), at(m.out), m.to, m.round, m.round, 1, bytes}, 0, 1);
    });
  }
  /// Kinds of the links on a message's way; equal distances have equal ones.
  const std::vector<std::size_t>& way(gpu_t a, gpu_t b, int lane) {
    const auto distance = static_cast<std::size_t>(what_.wires.distance(a, b));
    if (distance >= ways_.size()) ways_.resize(distance + 1);
    if (ways_[distance].empty())
      for (const link_t link : what_.wires.route(a, b, lane, 0)) ways_[distance].push_back(what_.wires.kind(link));
    return ways_[distance];
  }

  // Both

  void draw(rank_t rank, int lane, const span_of_messages& one, double step, std::int64_t times) {
    messages_ += times;
    draw_on(tracks_.cursor(rank, lane), one, step, times);
    if (const std::size_t nic = tracks_.nic_track(rank, lane, one.to); nic != array_tracks::none)
      draw_on(nic, one, step, times);
  }
  void draw_on(std::size_t track, const span_of_messages& one, double step, std::int64_t times) {
    if (span_of_messages* const before = spans_.last(track)) before->end = std::min(before->end, one.begin);
    if (times == 1) spans_.add(track, one);
    else spans_.add_run(track, one, step, times);
  }

  const traced& what_;
  array_tracks tracks_;
  track_spans spans_;
  tier_counters counters_;
  double head_, stretch_ = 1;
  std::int64_t messages_ = 0;
  std::vector<std::vector<std::size_t>> ways_;
};

}  // namespace colossus::bench
