// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/chain_bounds.hpp>

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
        period_{static_cast<std::uint32_t>(view.whole().period())},
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
      std::pop_heap(open_.begin(), open_.end(), worse{});
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
  double bound() const {
    return open_.empty() ? 0 : static_cast<double>((open_.front().hope >> round_bits) + 1) * equal_;
  }
  std::size_t looked() const { return looked_; }

 private:
  /// A rank after one of its rounds, or its port after a message, and how much the longest chain is from there.
  struct moment {
    std::uint64_t hope;  // of a whole chain, in steps of what counts as equal; among equals what is nearer to the start
    double after;
    std::int32_t round;  // below 0: the start of all
    std::uint32_t rank;
    bool port, last;
  };
  struct worse {
    bool operator()(const moment& a, const moment& b) const { return a.hope < b.hope; }
  };
  static constexpr int round_bits = 20;
  std::uint64_t hope_of(double whole, round_t round) const {
    constexpr round_t most = (round_t{1} << round_bits) - 1;
    return static_cast<std::uint64_t>(whole / equal_) << round_bits |
           static_cast<std::uint64_t>(most - std::min(most, round + 1));
  }

  /// The last moment of the colour's next rank.
  void begin(std::uint32_t colour) {
    const auto ranks = colours_.ranks_of(colour);
    if (next_[colour] == ranks.size()) return;
    const std::uint32_t rank = ranks[next_[colour]++];
    push(rank, before(rank, rounds_), 0, false, true);
  }
  void push(std::uint32_t rank, round_t round, double after, bool port, bool last = false) {
    double whole = after;
    const std::uint32_t colour = colours_.of(rank);
    if (round >= 0) whole += port ? bounds_.in(colour, round) : bounds_.end(colour, round);
    open_.push_back({hope_of(whole, round), after, static_cast<std::int32_t>(round), rank, port, last});
    std::push_heap(open_.begin(), open_.end(), worse{});
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
    return first + std::min<round_t>(since - period_.remainder(static_cast<std::uint32_t>(since)), last_);
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
  divider period_;
  double equal_ = 0;  // seconds that make no difference
  std::size_t looked_ = 0;
  std::vector<std::size_t> next_;     // of each colour's ranks
  std::vector<moment> open_;          // a heap
  std::vector<std::uint64_t> known_;  // moments that were looked at, by hash; 0: free
};

}  // namespace colossus::detail
