// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/stream_turn.hpp>
#include <colossus/error.hpp>

#include <algorithm>
#include <iterator>
#include <map>

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
        order_{static_cast<std::size_t>(cells_.count() + 4 * std::int64_t{lane_count(s)})},
        stamp_(static_cast<std::size_t>(cells_.count()), -1) {}

  stream_program plan() {
    add(stream_operation::kind::begin, track::main, {});
    if (map_.copied_first) copy_given();
    const int last = turns();
    stream_turn now = last > 0 ? turn(0) : stream_turn{};
    for (int t = 0; t < last; ++t) {
      emit_exchange(now, t);
      for (const std::int64_t cell : now.arrived) cells_.move(cell);
      stream_turn next = t + 1 < last ? turn(t + 1) : stream_turn{};
      if (!now.combining.empty())
        add_combinations(now.combining, now.combined, needs(next, now, t) ? track::main : track::side);
      now = std::move(next);
    }
    copy_results();
    add(stream_operation::kind::end, track::main, {}, last_on_side_);
    lay_out();
    return std::move(program_);
  }

 private:
  using kind = stream_operation::kind;

  int turns() const {
    const std::int64_t rounds = lane_rounds() + std::int64_t{lane_count(schedule_) - 1} * stagger(schedule_);
    expects(rounds * slices_ <= 4'000'000, "a plan for streams has at most 4 million groups: choose another algorithm");
    return static_cast<int>(rounds * slices_);
  }
  std::int64_t lane_rounds() const {
    std::int64_t most = 0;
    for (int l = 0; l < lane_count(schedule_); ++l)
      most = std::max<std::int64_t>(most, nth_lane(schedule_, l).rounds());
    return most;
  }

  /// What this rank does in turn `t`, given where its memory lies by now.
  stream_turn turn(int t) {
    stream_turn all;
    for (int l = 0; l < lane_count(schedule_); ++l) {
      const auto lane = nth_lane(schedule_, l);
      const std::int64_t round = t / slices_ - std::int64_t{l} * stagger(schedule_);
      if (round < 0 || round >= lane.rounds()) continue;
      add_lane(all, lane, static_cast<round_t>(round), t, l);
    }
    return all;
  }

  template <schedule Lane>
  void add_lane(stream_turn& all, const Lane& lane, round_t round, int t, int l) {
    const step now = lane.at(rank_, round);
    const int slice = t % slices_;
    const run_list out = runs_of(lane, rank_, round, side::send), in = runs_of(lane, rank_, round, side::recv);
    const auto ends = [&](block_t a, block_t b) { return cells_.ends_area(a) || cells_.ends_area(b); };
    if (now.send && now.send.peer == rank_) {
      expects(now.recv.peer == rank_, "a message of a rank to itself arrives in the round it is sent in");
      return for_each_frame(out, in, ends, [&](block_range from, block_t onto) {
        keep(all, from, {onto, from.count}, slice);
      });
    }
    const int slot = 4 * l + 2 * (t % 2);
    if (now.send) {
      const run_list there = runs_of(lane, now.send.peer, round, side::recv);
      for_each_frame(out, there, ends, [&](block_range b, block_t) { send(all, now.send.peer, b, slice, slot); });
    }
    if (now.recv) {
      const run_list there = runs_of(lane, now.recv.peer, round, side::send);
      for_each_frame(in, there, ends, [&](block_range b, block_t) {
        receive(all, now, b, slice, slot + 1, now.send && overlap(out, b));
      });
    }
  }

  static bool overlap(const run_list& runs, block_range b) {
    return std::any_of(runs.begin(), runs.end(),
                       [&](block_range r) { return r.first < b.first + b.count && b.first < r.first + r.count; });
  }

  template <class Visit>
  void for_each_cell(block_range blocks, int slice, Visit&& visit) const {
    for (block_t b = blocks.first; b < blocks.first + blocks.count; ++b) visit(cells_.cell(b, slice));
  }

  /// A message out: from where it lies, or put together first where it lies in pieces.
  void send(stream_turn& all, rank_t to, block_range blocks, int slice, int slot) {
    struct piece {
      place from;
      std::int64_t count;
    };
    std::vector<piece> pieces;
    std::int64_t elements = 0;
    cells_.for_each_piece(blocks, slice, [&](place from, place, std::int64_t count) {
      if (!pieces.empty() && from == pieces.back().from + pieces.back().count * cells_.size())
        pieces.back().count += count;
      else pieces.push_back({from, count});
      elements += count;
    });
    if (elements == 0) return;
    place what = pieces.front().from;
    footprint& reader = pieces.size() == 1 ? all.exchanged : all.packed;
    for_each_cell(blocks, slice, [&](std::int64_t cell) { reader.reads.push_back(cell); });
    if (pieces.size() > 1) {
      what = staged(slot, elements, what);
      place at = what;
      for (const piece& p : pieces) {
        all.packing.push_back({p.from, p.from, at, p.count, on_arrival::store});
        at = at + p.count * cells_.size();
      }
      all.packed.writes.push_back(cells_.count() + slot);
      all.exchanged.reads.push_back(cells_.count() + slot);
    }
    all.sends.push_back({to, what, elements * cells_.size()});
  }

  /// A message in: to its place, or beside it where it is reduced, belongs into several places, or would overwrite what
  /// is being sent.
  void receive(stream_turn& all, const step& now, block_range blocks, int slice, int slot, bool overwrites) {
    std::vector<combination> pieces;
    std::int64_t elements = 0;
    cells_.for_each_piece(blocks, slice, [&](place own, place onto, std::int64_t count) {
      pieces.push_back({own, {}, onto, count, now.arrival});
      elements += count;
    });
    if (elements == 0) return;
    const bool beside = reduces(now.arrival) || overwrites || !together(pieces);
    place what = pieces.front().onto;
    footprint& writer = beside ? all.combined : all.exchanged;
    for_each_cell(blocks, slice, [&](std::int64_t cell) {
      writer.writes.push_back(cell);
      all.arrived.push_back(cell);
    });
    if (beside) {
      what = staged(slot, elements, what);
      place at = what;
      for (combination& c : pieces) {
        c.from = at;
        at = at + c.count * cells_.size();
        all.combining.push_back(c);
      }
      all.exchanged.writes.push_back(cells_.count() + slot);
      all.combined.reads.push_back(cells_.count() + slot);
    }
    all.recvs.push_back({now.recv.peer, what, elements * cells_.size()});
  }

  bool together(const std::vector<combination>& pieces) const {
    for (std::size_t i = 1; i < pieces.size(); ++i)
      if (!(pieces[i].onto == pieces[i - 1].onto + pieces[i - 1].count * cells_.size())) return false;
    return true;
  }

  /// A message of a rank to itself is a copy.
  void keep(stream_turn& all, block_range from, block_range onto, int slice) {
    for (block_t i = 0; i < from.count; ++i) {
      const std::int64_t source = cells_.cell(from.first + i, slice), target = cells_.cell(onto.first + i, slice);
      const element_range e = cells_.elements(target);
      if (e.count == 0) continue;
      all.combining.push_back({cells_.now(source), cells_.now(source), cells_.written(e), e.count, on_arrival::store});
      all.combined.reads.push_back(source);
      all.combined.writes.push_back(target);
      all.arrived.push_back(target);
    }
  }

  /// Room in a slot of staging memory, in step with `like` so that 16 bytes can be moved at once.
  place staged(int slot, std::int64_t elements, const place& like) {
    std::int64_t& used = used_[slot];
    const std::int64_t at = (used + 15) / 16 * 16 + like.offset % 16;
    used = at + elements * cells_.size();
    largest_[slot] = std::max(largest_[slot], used);
    return {area::staging, at, slot};
  }

  void emit_exchange(const stream_turn& now, int t) {
    used_.clear();
    if (!now.packing.empty()) add_combinations(now.packing, now.packed, track::main);
    if (now.sends.empty() && now.recvs.empty()) return;
    stream_operation& o = add(kind::exchange, track::main, now.exchanged);
    o.turn = t;
    o.first_send = program_.send_list.size(), o.sends = now.sends.size();
    o.first_recv = program_.recv_list.size(), o.recvs = now.recvs.size();
    std::copy(now.sends.begin(), now.sends.end(), std::back_inserter(program_.send_list));
    std::copy(now.recvs.begin(), now.recvs.end(), std::back_inserter(program_.recv_list));
  }

  void add_combinations(const std::vector<combination>& list, const footprint& what, track on) {
    stream_operation& o = add(kind::combine, on, what);
    o.first_combination = program_.combination_list.size(), o.combinations = list.size();
    std::copy(list.begin(), list.end(), std::back_inserter(program_.combination_list));
  }

  /// An operation behind all others of its track, and behind those of the other track that it has to wait for. What
  /// goes on beside the caller's stream begins behind what the caller put there before.
  stream_operation& add(kind what, track on, const footprint& touched, int also = -1) {
    auto& all = program_.operations;
    const int index = static_cast<int>(all.size());
    const int first = also >= 0 ? also : on == track::side ? 0 : -1;
    const int behind = std::max(order_.place(index, on, touched, all), order_.wait(on, first));
    all.push_back({.what = what, .on = on, .waits_for = behind});
    if (behind >= 0) all[static_cast<std::size_t>(behind)].waited_for = true;
    if (on == track::side) last_on_side_ = index;
    return all.back();
  }

  /// Does the next turn begin with what is combined after this one? Then there is nothing to gain beside.
  bool needs(const stream_turn& next, const stream_turn& now, int t) {
    const auto mark = [&](const std::vector<std::int64_t>& cells) {
      for (const std::int64_t cell : cells)
        if (cell < cells_.count()) stamp_[static_cast<std::size_t>(cell)] = t;
    };
    const auto marked = [&](const std::vector<std::int64_t>& cells) {
      return std::any_of(cells.begin(), cells.end(), [&](std::int64_t cell) {
        return cell < cells_.count() && stamp_[static_cast<std::size_t>(cell)] == t;
      });
    };
    mark(now.combined.writes);
    return marked(next.exchanged.reads) || marked(next.exchanged.writes) || marked(next.packed.reads);
  }

  void copy_given() {
    footprint touched;
    std::vector<combination> copies;
    copy(
        map_.given, touched, copies, [&](std::int64_t cell) { return cells_.given(cells_.elements(cell)); },
        [&](element_range e) { return cells_.written(e); }, [](std::int64_t) { return true; });
    if (!copies.empty()) add_combinations(copies, touched, track::main);
  }

  /// What has to end in the output and does not lie there: the input as it was given, beside everything else; results.
  void copy_results() {
    for (const bool moved : {false, true}) {
      if (moved && map_.written == area::output) continue;
      footprint touched;
      std::vector<combination> copies;
      copy(
          map_.result, touched, copies, [&](std::int64_t cell) { return cells_.now(cell); },
          [&](element_range e) { return cells_.result(e); },
          [&](std::int64_t cell) { return cells_.moved(cell) == moved; });
      if (!copies.empty()) add_combinations(copies, touched, moved ? track::main : track::side);
    }
  }

  template <class From, class Onto, class Which>
  void copy(element_range range, footprint& touched, std::vector<combination>& copies, From&& from, Onto&& onto,
            Which&& which) const {
    for (std::int64_t cell = 0; cell < cells_.count(); ++cell) {
      const element_range e = cells_.elements(cell);
      if (e.count == 0 || e.first < range.first || e.first >= range.first + range.count || !which(cell)) continue;
      const place source = from(cell), target = onto(e);
      touched.reads.push_back(cell);
      touched.writes.push_back(cell);
      if (!copies.empty()) {
        combination& last = copies.back();
        const std::int64_t bytes = last.count * cells_.size();
        if (source == last.from + bytes && target == last.onto + bytes) {
          last.count += e.count;
          continue;
        }
      }
      copies.push_back({source, source, target, e.count, on_arrival::store});
    }
  }

  /// Gives every part of the workspace its place, and collects the peers.
  void lay_out() {
    const auto rounded = [](std::int64_t bytes) { return (bytes + 255) / 256 * 256; };
    const std::int64_t in_work = map_.written == area::work ? map_.count * map_.areas * cells_.size() : 0;
    std::int64_t end = rounded(in_work);
    std::map<int, std::int64_t> starts;
    for (const auto& [slot, bytes] : largest_) starts[slot] = std::exchange(end, end + rounded(bytes));
    const auto resolve = [&](place& p) {
      if (p.where == area::staging) p = {area::work, starts[p.slot] + p.offset};
    };
    for (combination& c : program_.combination_list) resolve(c.own), resolve(c.from), resolve(c.onto);
    program_.input_bytes = map_.given.count * cells_.size();
    if (map_.keeps_input) program_.aside = std::exchange(end, end + rounded(program_.input_bytes));
    std::set<rank_t> to, from;
    for (stream_message& m : program_.send_list) resolve(m.what), to.insert(m.peer);
    for (stream_message& m : program_.recv_list) resolve(m.what), from.insert(m.peer);
    program_.to.assign(to.begin(), to.end());
    program_.from.assign(from.begin(), from.end());
    program_.work_bytes = std::max(end, static_cast<std::int64_t>(16 * (to.size() + from.size())));
  }

  S schedule_;
  rank_t rank_;
  memory_map map_;
  int slices_;
  stream_cells cells_;
  stream_order order_;
  std::vector<int> stamp_;
  std::map<int, std::int64_t> used_, largest_;
  stream_program program_;
  int last_on_side_ = -1;
};

}  // namespace colossus::detail
