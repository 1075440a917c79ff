// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/step.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>

namespace colossus {

/// Elements [first, first + count) of a rank's memory.
struct element_range {
  std::int64_t first = 0;
  std::int64_t count = 0;
  constexpr bool operator==(const element_range&) const = default;
};

/// Says which elements consecutive blocks are. A model is a value, the same on every rank.
template <class P>
concept partitioner = requires(const P p, block_range blocks) {
  { p.blocks() } -> std::same_as<block_t>;
  { p.elements(blocks) } -> std::same_as<element_range>;
  { p.total() } -> std::same_as<std::int64_t>;
};

/// `groups` areas of `count` elements each, one behind the other, each cut into `blocks / groups` blocks whose sizes
/// differ by one at most; blocks may be empty. all_reduce, reduce and broadcast have one group, all_gather and
/// reduce_scatter one a rank, send_recv one for the input and one for the output, all_to_all two a rank.
class partition {
 public:
  constexpr partition(std::int64_t count, block_t blocks, block_t groups = 1)
      : count_{count}, blocks_{blocks}, groups_{groups} {
    expects(count >= 0, "a partition has a count of at least zero");
    expects(groups >= 1 && blocks >= groups && blocks % groups == 0, "a partition has as many blocks in each group");
    quotient_ = count / per_group();
    remainder_ = count % per_group();
  }

  constexpr block_t blocks() const { return blocks_; }
  constexpr std::int64_t count() const { return count_; }
  constexpr std::int64_t total() const { return count_ * groups_; }

  /// The elements of consecutive blocks.
  constexpr element_range elements(block_range range) const {
    const std::int64_t first = start(range.first);
    return {first, start(range.first + range.count) - first};
  }

 private:
  constexpr block_t per_group() const { return blocks_ / groups_; }
  constexpr std::int64_t start(block_t block) const {
    const block_t group = groups_ == 1 ? 0 : block / per_group();
    const std::int64_t within = block - group * per_group();
    return group * count_ + within * quotient_ + std::min(within, remainder_);
  }

  std::int64_t count_;
  std::int64_t quotient_ = 0;
  std::int64_t remainder_ = 0;
  block_t blocks_;
  block_t groups_;
};

static_assert(partitioner<partition>);

}  // namespace colossus
