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
  constexpr rank_t part_of(std::int64_t thing) const {
    return static_cast<rank_t>(((thing + 1) * parts - 1) / count);
  }
  constexpr rank_t smallest() const { return static_cast<rank_t>(count / parts); }
  constexpr rank_t largest() const { return static_cast<rank_t>((count + parts - 1) / parts); }
  constexpr bool operator==(const split&) const = default;
};

}  // namespace colossus
