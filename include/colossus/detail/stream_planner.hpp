// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/stream_messages.hpp>
#include <colossus/detail/stream_writer.hpp>
#include <colossus/error.hpp>

#include <algorithm>

namespace colossus::detail {

/// Turns a schedule into what one rank does on its streams. Turns go round by round and, within a round, slice by
/// slice: while one slice is reduced the next one arrives. All lanes of a turn travel in one group.
template <schedule S>
class stream_planner {
 public:
  stream_planner(const S& s, rank_t rank, const memory_map& map, int slices, std::int64_t element_size)
      : schedule_{s},
        rank_{rank},
        map_{map},
        slices_{slices},
        cells_{map, sliced_partition{map.count, s.blocks(), map.areas, slices}, s.blocks(), element_size},
        messages_{cells_},
        out_{static_cast<std::size_t>(cells_.count() + slots_per_lane * std::int64_t{lane_count(s)})},
        stamp_(static_cast<std::size_t>(cells_.count()), -1) {}

  stream_program plan() {
    if (map_.copied_first) copy_given();
    const int last = turns();
    stream_turn now = last > 0 ? turn(0) : stream_turn{};
    for (int t = 0; t < last; ++t) {
      out_.add_combinations(now.packing, now.packed, track::main);
      out_.add_exchange(now, t);
      for (const std::int64_t cell : now.arrived) cells_.move(cell);
      stream_turn next = t + 1 < last ? turn(t + 1) : stream_turn{};
      out_.add_combinations(now.combining, now.combined, needs(next, now, t) ? track::main : track::side);
      now = std::move(next);
    }
    copy_results();
    return out_.finish(map_, cells_.size(), messages_.largest());
  }

 private:
  static constexpr int slots_per_lane = 4;  ///< to send from and to receive into, for this turn and the one before

  int turns() const {
    std::int64_t rounds = 0;
    for (int l = 0; l < lane_count(schedule_); ++l)
      rounds = std::max<std::int64_t>(rounds, first_round(l) + nth_lane(schedule_, l).rounds());
    expects(rounds * slices_ <= 4'000'000, "a plan for streams has at most 4 million groups: choose another algorithm");
    return static_cast<int>(rounds * slices_);
  }
  std::int64_t first_round(int lane) const { return std::int64_t{lane} * stagger(schedule_); }

  /// What this rank does in turn `t`, given where its memory lies by now.
  stream_turn turn(int t) {
    messages_.next_turn();
    stream_turn all;
    for (int l = 0; l < lane_count(schedule_); ++l) {
      const auto lane = nth_lane(schedule_, l);
      const std::int64_t round = t / slices_ - first_round(l);
      if (round >= 0 && round < lane.rounds()) add_lane(all, lane, static_cast<round_t>(round), t, l);
    }
    return all;
  }

  template <schedule Lane>
  void add_lane(stream_turn& all, const Lane& lane, round_t round, int t, int l) {
    const step now = lane.at(rank_, round);
    const int slice = t % slices_, slot = slots_per_lane * l + 2 * (t % 2);
    const run_list out = runs_of(lane, rank_, round, side::send), in = runs_of(lane, rank_, round, side::recv);
    const auto ends = [&](block_t a, block_t b) { return cells_.ends_area(a) || cells_.ends_area(b); };
    if (now.send && now.send.peer == rank_) {
      expects(now.recv.peer == rank_, "a message of a rank to itself arrives in the round it is sent in");
      return for_each_frame(out, in, ends,
                            [&](block_range from, block_t onto) { messages_.keep(all, from, onto, slice); });
    }
    if (now.send)
      for_each_frame(out, runs_of(lane, now.send.peer, round, side::recv), ends,
                     [&](block_range b, block_t) { messages_.send(all, now.send.peer, b, slice, slot); });
    if (now.recv)
      for_each_frame(in, runs_of(lane, now.recv.peer, round, side::send), ends, [&](block_range b, block_t) {
        messages_.receive(all, now, b, slice, slot + 1, now.send && overlap(out, b));
      });
  }

  static bool overlap(const run_list& runs, block_range b) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](block_range r) { return r.first < b.first + b.count && b.first < r.first + r.count; });
  }

  /// Does the next turn begin with what is combined after this one? Then there is nothing to gain beside.
  bool needs(const stream_turn& next, const stream_turn& now, int t) {
    for (const std::int64_t cell : now.combined.writes) stamp_[static_cast<std::size_t>(cell)] = t;
    const auto marked = [&](const std::vector<std::int64_t>& cells) {
      return std::any_of(cells.begin(), cells.end(), [&](std::int64_t cell) {
        return cell < cells_.count() && stamp_[static_cast<std::size_t>(cell)] == t;
      });
    };
    return marked(next.exchanged.reads) || marked(next.exchanged.writes) || marked(next.packed.reads);
  }

  void copy_given() {
    copy(
        map_.given, track::main, [&](std::int64_t cell) { return cells_.given(cells_.elements(cell)); },
        [&](element_range e) { return cells_.written(e); }, [](std::int64_t) { return true; });
  }

  /// What has to end in the output and does not lie there: the input as it was given, beside everything else; results.
  void copy_results() {
    for (const bool moved : {false, true})
      if (!moved || map_.written != area::output)
        copy(
            map_.result, moved ? track::main : track::side, [&](std::int64_t cell) { return cells_.now(cell); },
            [&](element_range e) { return cells_.result(e); },
            [&](std::int64_t cell) { return cells_.moved(cell) == moved; });
  }

  template <class From, class Onto, class Which>
  void copy(element_range range, track on, From&& from, Onto&& onto, Which&& which) {
    footprint touched;
    std::vector<combination> copies;
    for (std::int64_t cell = 0; cell < cells_.count(); ++cell) {
      const element_range e = cells_.elements(cell);
      if (e.count == 0 || e.first < range.first || e.first >= range.first + range.count || !which(cell)) continue;
      const place source = from(cell), target = onto(e);
      touched.reads.push_back(cell);
      touched.writes.push_back(cell);
      const std::int64_t before = copies.empty() ? 0 : copies.back().count * cells_.size();
      if (before > 0 && source == copies.back().from + before && target == copies.back().onto + before)
        copies.back().count += e.count;
      else copies.push_back({source, source, target, e.count, on_arrival::store});
    }
    out_.add_combinations(copies, touched, on);
  }

  S schedule_;
  rank_t rank_;
  memory_map map_;
  int slices_;
  stream_cells cells_;
  stream_messages messages_;
  stream_writer out_;
  std::vector<int> stamp_;
};

}  // namespace colossus::detail
