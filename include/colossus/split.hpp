// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/step.hpp>

namespace colossus {

/// `count` things dealt in order to `parts`, in sizes that differ by one at most: part i has [first(i), first(i + 1)).
struct split {
  std::int64_t count = 0;
  rank_t parts = 1;

  constexpr std::int64_t first(std::int64_t part) const { return part * count / parts; }
  constexpr rank_t size(rank_t part) const { return static_cast<rank_t>(first(part + 1) - first(part)); }
  constexpr rank_t part_of(std::int64_t thing) const { return static_cast<rank_t>(((thing + 1) * parts - 1) / count); }
  constexpr rank_t smallest() const { return static_cast<rank_t>(count / parts); }
  constexpr rank_t largest() const { return static_cast<rank_t>((count + parts - 1) / parts); }
  constexpr bool even() const { return count % parts == 0; }
  constexpr bool operator==(const split&) const = default;
};

/// A `split` of ranks into groups, quick to ask where the groups are equal.
class grouping {
 public:
  constexpr explicit grouping(split ranks)
      : ranks_{ranks}, even_{ranks.even() ? ranks.smallest() : 0}, smallest_{ranks.smallest()} {}

  constexpr const split& ranks() const { return ranks_; }
  constexpr bool even() const { return even_ != 0; }
  constexpr rank_t smallest() const { return smallest_; }
  constexpr rank_t group_of(rank_t rank) const { return even_ ? rank / even_ : ranks_.part_of(rank); }
  constexpr rank_t first(rank_t group) const {
    return even_ ? group * even_ : static_cast<rank_t>(ranks_.first(group));
  }
  constexpr rank_t size(rank_t group) const { return even_ ? even_ : ranks_.size(group); }

 private:
  split ranks_;
  rank_t even_;      // members of every group, 0 where they differ
  rank_t smallest_;  // members of a small group
};

}  // namespace colossus
