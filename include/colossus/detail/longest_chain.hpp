// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/chain_search.hpp>
#include <colossus/detail/tally.hpp>

#include <limits>

namespace colossus::detail {

/// What is known of the longest chain of waiting, in seconds.
struct chain_length {
  std::optional<double> exact{};
  double most = std::numeric_limits<double>::infinity();  ///< it is not longer
};

/// The makespan of a pipeline of any length without following its messages: the chain of waiting that sets it is
/// searched for, from the end of time whose bounds are the tighter ones. Knows when to give up: where ranks have little
/// in common, or too many chains are nearly as long.
class longest_chain {
 public:
  longest_chain(const edges& e, std::size_t ranks, round_t period) : whole_{e, ranks, period} {}

  /// From all ranks ready at 0.
  chain_length operator()(const edges& e, round_t generations, double bytes) {
    const std::vector<hop_cost> costs = whole_.costs(e, bytes);
    std::array<std::optional<chain_search>, 2> search;
    chain_length found;
    for (const std::size_t way : {better_, 1 - better_}) {
      if (found.exact || !ready(way, generations)) return found;
      begin(search[way], way, costs, generations);
      look(*search[way], few, found);
      if (found.most >= search[way]->bound()) better_ = way;
    }
    if (!found.exact) look(*search[better_], many, found);
    return found;
  }

 private:
  // Moments to look at in one direction before the other has its turn, and all in all: some 300 ns each.
  static constexpr std::size_t few = 1 << 12, many = 1 << 17;
  static constexpr std::size_t most_colours = 1'024, most_bounds = 1 << 21;

  static void look(chain_search& search, std::size_t most, chain_length& found) {
    const std::size_t before = search.looked();
    found.exact = search(most);
    found.most = std::min(found.most, found.exact ? *found.exact : search.bound());
    tallied.messages += static_cast<std::int64_t>(search.looked() - before);
  }

  struct direction {
    direction(const generation_view& view, std::size_t most) : colours{view, most} {
      if (colours.size() > 0) bounds.emplace(view, colours);
    }
    rank_colours colours;
    std::optional<chain_bounds> bounds{};
  };

  generation_view view(std::size_t which) const { return {whole_, which == 1}; }
  bool ready(std::size_t which, round_t generations) {
    auto& way = ways_[which];
    if (!way) way.emplace(view(which), std::min(most_colours, whole_.ranks() / 16));
    return way->bounds && way->colours.size() * static_cast<std::size_t>(whole_.rounds(generations)) <= most_bounds;
  }
  void begin(std::optional<chain_search>& search, std::size_t which, const std::vector<hop_cost>& costs,
             round_t generations) {
    direction& way = *ways_[which];
    std::vector<hop_cost> seen = view(which).costs(costs);
    way.bounds->find(seen, whole_.rounds(generations), generations);
    search.emplace(view(which), way.colours, *way.bounds, std::move(seen), generations);
  }

  generation whole_;
  std::array<std::optional<direction>, 2> ways_;  // as time goes, and backwards
  std::size_t better_ = 0;                        // the way that was found last
};

}  // namespace colossus::detail
