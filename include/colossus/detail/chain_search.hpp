// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/chain_bounds.hpp>

#include <cmath>
#include <optional>

namespace colossus::detail {

/// The longest chain of waiting in a pipeline, from its end back to its start, the most promising first: A* (Hart,
/// Nilsson, Raphael 1968) on moments of ranks, where colours bound what may lie before a moment. What it finds is the
/// makespan from all ranks ready at 0.
class chain_search {
 public:
  chain_search(const generation_view& view, const rank_colours& colours, const chain_bounds& bounds,
               std::vector<hop_cost> costs, round_t generations)
      : view_{view},
        colours_{colours},
        bounds_{bounds},
        costs_{std::move(costs)},
        rounds_{view.whole().rounds(generations)},
        last_{(generations - 1) * view.whole().period()},
        next_(colours.size(), 0),
        known_(std::size_t{1} << 12, 0) {
    double most = 0;
    for (std::uint32_t colour = 0; colour < colours.size(); ++colour)
      most = std::max(most, bounds.end(colour, rounds_ - 1));
    equal_ = std::max(most * 1e-13, 1e-300);
    for (std::uint32_t colour = 0; colour < colours.size(); ++colour) begin(colour);
  }

  /// Goes on until the chain is found, or `most` moments were looked at since the beginning.
  std::optional<double> operator()(std::size_t most) {
    while (looked_ < most && !open_.empty()) {
      std::ranges::pop_heap(open_, worse);
      const moment now = open_.back();
      open_.pop_back();
      if (now.round < 0) return now.after;
      if (now.last) begin(colours_.of(now.rank));
      if (!is_new(now)) continue;
      if (now.port) look_at_port(now);
      else look_at_end(now);
    }
    if (open_.empty()) return 0;
    return {};
  }
  /// No chain is longer.
  double bound() const { return open_.empty() ? 0 : (open_.front().hope + 1) * equal_; }
  std::size_t looked() const { return looked_; }

 private:
  /// A rank after one of its rounds, or its port after a message, and how much the longest chain is from there.
  struct moment {
    double hope;  // of a whole chain, in steps of what counts as equal
    double after;
    round_t round;  // below 0: the start of all
    std::uint32_t rank;
    bool port, last;
  };
  static bool worse(const moment& a, const moment& b) {
    return a.hope != b.hope ? a.hope < b.hope : a.round != b.round ? a.round > b.round : a.rank > b.rank;
  }

  /// The last moment of the colour's next rank.
  void begin(std::uint32_t colour) {
    const auto ranks = colours_.ranks_of(colour);
    if (next_[colour] == ranks.size()) return;
    const std::uint32_t rank = ranks[next_[colour]++];
    push(rank, before(rank, rounds_), 0, false, true);
  }
  void push(std::uint32_t rank, round_t round, double after, bool port, bool last = false) {
    double hope = after;
    const std::uint32_t colour = colours_.of(rank);
    if (round >= 0) hope += port ? bounds_.in(colour, round) : bounds_.end(colour, round);
    open_.push_back({std::floor(hope / equal_), after, round, rank, port, last});
    std::ranges::push_heap(open_, worse);
  }

  void look_at_end(const moment& now) {
    double leaves = 0;
    for (const std::uint32_t i : view_.sent_by(now.rank))
      if (latest(i, now.round) == now.round) leaves = cost(i).leaves;
    push(now.rank, before(now.rank, now.round), now.after + leaves, false);
    for (const std::uint32_t i : view_.sent_to(now.rank))
      if (latest(i, now.round) == now.round) push(now.rank, now.round, now.after, true);
  }
  void look_at_port(const moment& now) {
    for (const std::uint32_t i : view_.sent_to(now.rank)) {
      if (latest(i, now.round) != now.round) continue;
      push(now.rank, latest_of(view_.sent_to(now.rank), now.round - 1), now.after + cost(i).busy, true);
      const auto from = static_cast<std::uint32_t>(view_.from(i));
      push(from, before(from, now.round), now.after + cost(i).whole, false);
    }
  }

  const hop_cost& cost(std::uint32_t i) const { return costs_[view_.whole().kind(i)]; }
  /// The last round until this one in which some generation's message comes; below 0: none.
  round_t latest(std::uint32_t i, round_t until) const {
    const round_t first = view_.round(i), since = until - first;
    if (since < 0) return -1;
    return first + std::min(since - since % view_.whole().period(), last_);
  }
  round_t latest_of(std::span<const std::uint32_t> messages, round_t until) const {
    round_t found = -1;
    for (const std::uint32_t i : messages) found = std::max(found, latest(i, until));
    return found;
  }
  /// The last round before this one in which a rank does something.
  round_t before(std::uint32_t rank, round_t round) const {
    return std::max(latest_of(view_.sent_by(rank), round - 1), latest_of(view_.sent_to(rank), round - 1));
  }

  /// False where it was looked at before: whoever came first had the longest chain.
  bool is_new(const moment& now) {
    if (2 * ++looked_ > known_.size()) grow();
    const auto key = static_cast<std::uint64_t>(now.rank) << 32 | static_cast<std::uint64_t>(now.round + 1) << 1 |
                     static_cast<std::uint64_t>(now.port);
    std::uint64_t& place = find(key);
    if (place == key) return --looked_, false;
    place = key;
    return true;
  }
  std::uint64_t& find(std::uint64_t key) {
    std::size_t at = mix(key) & (known_.size() - 1);
    while (known_[at] != 0 && known_[at] != key) at = (at + 1) & (known_.size() - 1);
    return known_[at];
  }
  void grow() {
    std::vector<std::uint64_t> old(4 * known_.size(), 0);
    old.swap(known_);
    for (const std::uint64_t key : old)
      if (key != 0) find(key) = key;
  }

  generation_view view_;
  const rank_colours& colours_;
  const chain_bounds& bounds_;
  std::vector<hop_cost> costs_;
  round_t rounds_, last_;  // of all generations; from the first to the last
  double equal_ = 0;       // seconds that make no difference
  std::size_t looked_ = 0;
  std::vector<std::size_t> next_;     // of each colour's ranks
  std::vector<moment> open_;          // a heap
  std::vector<std::uint64_t> known_;  // moments that were looked at, by hash; 0: free
};

}  // namespace colossus::detail
