// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>
#include <colossus/error.hpp>
#include <colossus/step.hpp>

#include <array>
#include <string>
#include <string_view>

namespace colossus::bench {

/// How a collective's buffers relate to NCCL's count argument: whose buffers hold a part for each rank, and what a call
/// may be given besides.
struct data_layout {
  std::string_view collective;
  bool reduces = false, has_root = false;
  bool parts_in = false, parts_out = false;  ///< count elements for each rank
  bool one_area = true;  ///< blocks are changed where they lie; else input and output are blocks of their own

  std::int64_t in_elements(std::int64_t count, rank_t ranks) const { return count * (parts_in ? ranks : 1); }
  std::int64_t out_elements(std::int64_t count, rank_t ranks) const { return count * (parts_out ? ranks : 1); }
  /// Areas of `count` elements that blocks lie in.
  block_t areas(rank_t ranks) const { return (one_area ? 1 : 2) * (parts_in || parts_out ? ranks : 1); }
  /// The larger of the two: what nccl-tests calls the size.
  std::int64_t elements(std::int64_t count, rank_t ranks) const { return count * (parts_in || parts_out ? ranks : 1); }
};

/// The collectives that the calls of the library serve.
inline constexpr std::array data_layouts{
    data_layout{.collective = "all_reduce", .reduces = true},
    data_layout{.collective = "reduce_scatter", .reduces = true, .parts_in = true},
    data_layout{.collective = "all_gather", .parts_out = true},
    data_layout{.collective = "reduce", .reduces = true, .has_root = true},
    data_layout{.collective = "broadcast", .has_root = true},
    data_layout{.collective = "send_recv", .one_area = false},
    data_layout{.collective = "all_to_all", .parts_in = true, .parts_out = true, .one_area = false},
};

/// The layout of a collective. Throws (usage) for one that the calls do not serve.
inline const data_layout& layout_of(std::string_view collective) {
  for (const data_layout& layout : data_layouts)
    if (layout.collective == collective) return layout;
  throw error{"no call serves the collective " + std::string{collective}};
}

/// Fills the columns that say what is moved: count elements of `type_size` bytes. bytes is nccl-tests' size.
inline void set_size(row& of, const data_layout& layout, std::int64_t count, std::int64_t type_size) {
  of.count = count;
  of.bytes = layout.elements(count, static_cast<rank_t>(*of.ranks)) * type_size;
}

/// The count for a size of at most `bytes`: whole elements, as many for each rank.
inline std::int64_t count_of(const data_layout& layout, std::int64_t bytes, std::int64_t type_size, rank_t ranks) {
  return bytes / type_size / layout.elements(1, ranks);
}

}  // namespace colossus::bench
