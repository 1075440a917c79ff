// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/lane_set.hpp>
#include <colossus/detail/stream_memory.hpp>
#include <colossus/detail/stream_order.hpp>

#include <vector>

namespace colossus::detail {

/// The runs of blocks of one message, in the order in which they travel.
using run_list = std::vector<block_range>;

template <schedule S>
run_list runs_of(const S& s, rank_t rank, round_t round, side which) {
  run_list runs;
  for_each_run(s, rank, round, which, [&](block_range run) { runs.push_back(run); });
  return runs;
}

/// Cuts a message where either end begins another run, or `ends(a, b)` says that block a is the last of something on
/// one of the two: visits (blocks of the one, first block of the other). Both ends come to the same cuts.
template <class Ends, class Visit>
void for_each_frame(const run_list& here, const run_list& there, Ends&& ends, Visit&& visit) {
  std::size_t i = 0, j = 0;
  block_t a = 0, b = 0;  // blocks of here[i] and there[j] that are done
  while (i < here.size() && j < there.size()) {
    block_range frame{here[i].first + a, 0};
    const block_t first_there = there[j].first + b;
    bool cut = false;
    while (!cut && a < here[i].count && b < there[j].count) {
      cut = ends(here[i].first + a, there[j].first + b);
      ++a, ++b, ++frame.count;
    }
    if (a == here[i].count) ++i, a = 0;
    if (b == there[j].count) ++j, b = 0;
    visit(frame, first_there);
  }
}

/// All that a rank sends and receives in one turn, and what is to be combined before and after.
struct stream_turn {
  std::vector<stream_message> sends, recvs;
  std::vector<combination> packing, combining;
  footprint exchanged, packed, combined;
  std::vector<std::int64_t> arrived;  ///< cells that lie where results go from now on
};

/// Where each cell (a block of a slice) of a rank's memory lies, as the rank goes through its turns.
class stream_cells {
 public:
  stream_cells(const memory_map& map, const sliced_partition& parts, block_t blocks, std::int64_t element_size)
      : map_{map}, parts_{parts}, blocks_{blocks}, size_{element_size}, moved_(static_cast<std::size_t>(count())) {
    for (std::int64_t cell = 0; cell < count(); ++cell) {
      const element_range e = elements(cell);
      const bool given = e.first >= map.given.first && e.first + e.count <= map.given.first + map.given.count;
      moved_[static_cast<std::size_t>(cell)] = !given || map.copied_first;
    }
  }

  std::int64_t count() const { return std::int64_t{blocks_} * parts_.slices(); }
  std::int64_t cell(block_t block, int slice) const { return std::int64_t{slice} * blocks_ + block; }
  std::int64_t size() const { return size_; }
  element_range elements(std::int64_t cell) const {
    return parts_.elements(static_cast<block_t>(cell % blocks_), static_cast<int>(cell / blocks_));
  }
  /// Whether a message that spans these two blocks has to be cut between them.
  bool ends_area(block_t block) const {
    return parts_.slices() > 1 && block + 1 < blocks_ && parts_.area_of(block) != parts_.area_of(block + 1);
  }

  bool moved(std::int64_t cell) const { return moved_[static_cast<std::size_t>(cell)]; }
  void move(std::int64_t cell) { moved_[static_cast<std::size_t>(cell)] = true; }
  place given(element_range e) const { return {area::input, (e.first - map_.given.first) * size_}; }
  place written(element_range e) const { return {map_.written, (e.first - map_.written_from) * size_}; }
  place result(element_range e) const { return {area::output, (e.first - map_.result.first) * size_}; }
  place now(std::int64_t cell) const { return moved(cell) ? written(elements(cell)) : given(elements(cell)); }

  /// Visits the blocks of a slice in pieces that lie together: (where they are, where what is written goes, elements).
  template <class Visit>
  void for_each_piece(block_range blocks, int slice, Visit&& visit) const {
    place from{}, onto{};
    std::int64_t elements_so_far = 0;
    for (block_t b = blocks.first; b < blocks.first + blocks.count; ++b) {
      const element_range e = elements(cell(b, slice));
      if (e.count == 0) continue;
      const place here = now(cell(b, slice)), there = written(e);
      const std::int64_t bytes = elements_so_far * size_;
      if (elements_so_far > 0 && !(here == from + bytes && there == onto + bytes)) {
        visit(from, onto, elements_so_far);
        elements_so_far = 0;
      }
      if (elements_so_far == 0) from = here, onto = there;
      elements_so_far += e.count;
    }
    if (elements_so_far > 0) visit(from, onto, elements_so_far);
  }

 private:
  memory_map map_;
  sliced_partition parts_;
  block_t blocks_;
  std::int64_t size_;
  std::vector<bool> moved_;
};

}  // namespace colossus::detail
