// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithms/reduce/double_tree.hpp>
#include <colossus/collectives/all_reduce.hpp>
#include <colossus/compose/reversed.hpp>
#include <colossus/compose/then.hpp>

namespace colossus {

/// Double binary tree (Sanders, Speck, Traeff 2009): up to rank 0 on two trees at once, and down the same way back.
constexpr auto double_tree_all_reduce(rank_t ranks, block_t chunks) {
  const double_tree_up up{ranks, chunks};
  return then{up, reversed{up}};
}

}  // namespace colossus

namespace colossus::algorithms {

/// Double binary tree in lanes that leave a node by all its NICs.
struct double_tree {
  using collective = collectives::all_reduce;
  static constexpr std::string_view name = "double_tree";
  static constexpr auto one_lane(const problem& p) { return double_tree_all_reduce(p.ranks, p.pipeline().chunks); }
  static constexpr auto schedule(const problem& p) {
    const auto [lanes_wanted, chunks] = p.pipeline();
    return lanes{double_tree_all_reduce(p.ranks, chunks), lanes_wanted, 0, p.rotation()};
  }
};

}  // namespace colossus::algorithms
