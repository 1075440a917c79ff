// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/stream_turn.hpp>
#include <colossus/error.hpp>

#include <algorithm>
#include <map>

namespace colossus::detail {

/// Adds messages to a turn: from where they lie and to where they belong, or by way of staging memory.
class stream_messages {
 public:
  stream_messages(const stream_cells& cells) : cells_{&cells} {}

  /// A message out: from where it lies, or put together first where it lies in pieces.
  void send(stream_turn& all, rank_t to, block_range blocks, int slice, int slot) {
    std::vector<combination> pieces;
    std::int64_t elements = 0;
    cells_->for_each_piece(blocks, slice, [&](place from, place, std::int64_t count) {
      if (!pieces.empty() && from == pieces.back().from + bytes(pieces.back().count)) pieces.back().count += count;
      else pieces.push_back({.own = from, .from = from, .onto = {}, .count = count});
      elements += count;
    });
    if (elements == 0) return;
    place what = pieces.front().from;
    const bool apart = pieces.size() > 1;
    for_each_cell(blocks, slice,
                  [&](std::int64_t cell) { (apart ? all.packed : all.exchanged).reads.push_back(cell); });
    // Its slot needs no order of its own: packing and messages share a track.
    if (apart) what = stage(pieces, &combination::onto, all.packing, slot, elements);
    all.sends.push_back({to, what, bytes(elements)});
  }

  /// A message in: to its place, or beside it where it is reduced, belongs into several places, or would overwrite what
  /// is being sent.
  void receive(stream_turn& all, const step& now, block_range blocks, int slice, int slot, bool overwrites) {
    std::vector<combination> pieces;
    std::int64_t elements = 0;
    cells_->for_each_piece(blocks, slice, [&](place own, place onto, std::int64_t count) {
      pieces.push_back({own, {}, onto, count, now.arrival});
      elements += count;
    });
    if (elements == 0) return;
    const bool beside = reduces(now.arrival) || overwrites || !together(pieces);
    place what = pieces.front().onto;
    for_each_cell(blocks, slice, [&](std::int64_t cell) {
      (beside ? all.combined : all.exchanged).writes.push_back(cell);
      all.arrived.push_back(cell);
    });
    if (beside) {
      what = stage(pieces, &combination::from, all.combining, slot, elements);
      all.exchanged.writes.push_back(cells_->count() + slot);
      all.combined.reads.push_back(cells_->count() + slot);
    }
    all.recvs.push_back({now.recv.peer, what, bytes(elements)});
  }

  /// A message of a rank to itself is a copy.
  void keep(stream_turn& all, block_range from, block_t onto, int slice) const {
    for (block_t i = 0; i < from.count; ++i) {
      const std::int64_t source = cells_->cell(from.first + i, slice), target = cells_->cell(onto + i, slice);
      const element_range e = cells_->elements(target);
      if (e.count == 0) continue;
      const place here = cells_->now(source);
      all.combining.push_back({here, here, cells_->written(e), e.count, on_arrival::store});
      all.combined.reads.push_back(source);
      all.combined.writes.push_back(target);
      all.arrived.push_back(target);
    }
  }

  /// Slots of staging memory are free again for the next turn but one.
  void next_turn() { used_.clear(); }
  /// Bytes that each slot needs at most.
  const std::map<int, std::int64_t>& largest() const { return largest_; }

 private:
  std::int64_t bytes(std::int64_t elements) const { return elements * cells_->size(); }

  template <class Visit>
  void for_each_cell(block_range blocks, int slice, Visit&& visit) const {
    for (block_t b = blocks.first; b < blocks.first + blocks.count; ++b) visit(cells_->cell(b, slice));
  }

  bool together(const std::vector<combination>& pieces) const {
    for (std::size_t i = 1; i < pieces.size(); ++i)
      if (!(pieces[i].onto == pieces[i - 1].onto + bytes(pieces[i - 1].count))) return false;
    return true;
  }

  /// Adds pieces to `list` one behind the other in a slot, which is their `side`; in step with the first one's other
  /// side, so that 16 bytes can be moved at once. Where they begin.
  place stage(std::vector<combination>& pieces, place combination::*side, std::vector<combination>& list, int slot,
              std::int64_t elements) {
    const place& like = side == &combination::onto ? pieces.front().from : pieces.front().onto;
    std::int64_t& used = used_[slot];
    const place begin{area::staging, (used + 15) / 16 * 16 + like.offset % 16, slot};
    used = begin.offset + bytes(elements);
    largest_[slot] = std::max(largest_[slot], used);
    place at = begin;
    for (combination& c : pieces) {
      c.*side = std::exchange(at, at + bytes(c.count));
      list.push_back(c);
    }
    return begin;
  }

  const stream_cells* cells_;
  std::map<int, std::int64_t> used_, largest_;
};

}  // namespace colossus::detail
