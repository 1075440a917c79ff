// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce/double_tree.hpp>
#include <colossus/collectives/broadcast.hpp>
#include <colossus/compose/reversed.hpp>

namespace colossus::algorithms {

/// The double-tree reduce backwards: even chunks go down one tree, odd ones its mirror.
struct double_tree_broadcast {
  using collective = collectives::broadcast;
  static constexpr std::string_view name = "double_tree";
  static constexpr auto schedule(const problem& p) {
    const auto [lanes_wanted, chunks] = p.pipeline();
    return lanes{rooted{reversed{double_tree_up{p.ranks, chunks}}, p.root}, lanes_wanted, 0, p.rotation()};
  }
};

}  // namespace colossus::algorithms
