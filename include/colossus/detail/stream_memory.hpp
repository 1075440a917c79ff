// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/collectives.hpp>
#include <colossus/detail/stream_program.hpp>
#include <colossus/partition.hpp>

#include <vector>

namespace colossus::detail {

/// Where the elements of a rank's working memory lie among the buffers of a call: some begin in the input, everything
/// that arrives or is reduced goes to one other buffer, some have to end in the output. Nothing is copied that need not
/// be.
struct memory_map {
  std::int64_t count = 0;     ///< elements of an area
  rank_t areas = 1;           ///< areas of working memory
  element_range given;        ///< these begin in the input, the first of them at its beginning
  bool copied_first = false;  ///< they are put where results go before anything else
  area written = area::output;
  std::int64_t written_from = 0;  ///< the element at the beginning of the buffer that is written
  element_range result;           ///< these end in the output, the first of them at its beginning
  bool keeps_input = false;       ///< input and output are needed at once, also where the caller gave the same memory

  /// What nccl-tests calls the size: the larger of input and output.
  constexpr std::int64_t elements() const { return count * (keeps_input ? areas / 2 : areas); }
};

/// The map of collective `C` for `count` elements, NCCL's count argument.
template <class C>
constexpr memory_map memory_of(rank_t ranks, rank_t rank, rank_t root, std::int64_t count) {
  const std::int64_t all = count * ranks, before = count * rank;
  const bool owner = rank == root;
  if constexpr (std::same_as<C, collectives::all_reduce>)
    return {.count = count, .given = {0, count}, .result = {0, count}};
  else if constexpr (std::same_as<C, collectives::reduce>)
    return {.count = count,
            .given = {0, count},
            .written = owner ? area::output : area::work,
            .result = {0, owner ? count : 0}};
  else if constexpr (std::same_as<C, collectives::broadcast>)
    return {.count = count, .given = {0, owner ? count : 0}, .result = {0, count}};
  else if constexpr (std::same_as<C, collectives::reduce_scatter>)
    return {.count = count, .areas = ranks, .given = {0, all}, .written = area::work, .result = {before, count}};
  else if constexpr (std::same_as<C, collectives::all_gather>)
    return {.count = count, .areas = ranks, .given = {before, count}, .copied_first = true, .result = {0, all}};
  else if constexpr (std::same_as<C, collectives::all_to_all>)
    return {
        .count = count, .areas = 2 * ranks, .given = {0, all}, .written_from = all, .result = {}, .keeps_input = true};
  else {
    static_assert(std::same_as<C, collectives::send_recv>);
    return {.count = count, .areas = 2, .given = {0, count}, .written_from = count, .result = {}, .keeps_input = true};
  }
}

/// A partition whose areas are cut into slices, each of which holds all blocks: a schedule that runs slice by slice
/// does one thing to many small copies of the data. Slices begin at multiples of 64 elements.
class sliced_partition {
 public:
  sliced_partition(std::int64_t count, block_t blocks, block_t areas, int slices)
      : count_{count}, per_area_{blocks / areas}, areas_{areas} {
    for (int k = 0; k <= slices; ++k) starts_.push_back(k == slices ? count : count / slices * k / 64 * 64);
    for (int k = 0; k < slices; ++k) slices_.emplace_back(starts_[at(k + 1)] - starts_[at(k)], per_area_);
  }

  int slices() const { return static_cast<int>(slices_.size()); }
  block_t area_of(block_t block) const { return areas_ == 1 ? 0 : block / per_area_; }

  element_range elements(block_t block, int slice) const {
    const block_t in_area = area_of(block);
    element_range range = slices_[at(slice)].elements({block - in_area * per_area_, 1});
    range.first += in_area * count_ + starts_[at(slice)];
    return range;
  }

 private:
  static std::size_t at(int index) { return static_cast<std::size_t>(index); }

  std::int64_t count_;
  block_t per_area_;
  block_t areas_;
  std::vector<std::int64_t> starts_;
  std::vector<partition> slices_;
};

}  // namespace colossus::detail
