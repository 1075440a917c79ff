// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/detail/edges.hpp>

#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace colossus::detail {

/// Seconds that a message takes: on the port where it arrives; until it has left its sender; until it has arrived.
struct hop_cost {
  double busy, leaves, whole;
};

/// The messages of a pipeline's first generation, by rank and by cost: there are few different ones.
class generation {
 public:
  generation(const edges& e, std::size_t ranks, round_t period) : messages_{e.messages}, period_{period} {
    first_ = e.round(0), rounds_ = e.round(e.size() - 1) - first_ + 1;
    for (auto& of : first_of_) of.assign(ranks + 1, 0);
    for (const message& m : messages_) ++first_of_[out][at(m.from) + 1], ++first_of_[in][at(m.to) + 1];
    for (auto& of : first_of_) std::partial_sum(of.begin(), of.end(), of.begin());
    std::vector<std::uint32_t> next_out = first_of_[out], next_in = first_of_[in];
    for (auto& of : list_) of.resize(e.size());
    kind_.resize(e.size());
    for (std::uint32_t i = 0; i < e.size(); ++i) {
      list_[out][next_out[e.from(i)]++] = i, list_[in][next_in[e.to(i)]++] = i;
      kind_[i] = kind_of(e, i);
    }
  }

  std::size_t size() const { return messages_.size(); }
  std::size_t ranks() const { return first_of_[in].size() - 1; }
  round_t period() const { return period_; }
  /// From the first message to the last.
  round_t rounds() const { return rounds_; }
  /// Rounds of so many generations.
  round_t rounds(round_t generations) const { return rounds_ + (generations - 1) * period_; }
  const message& of(std::uint32_t i) const { return messages_[i]; }
  round_t round(std::uint32_t i) const { return messages_[i].round - first_; }
  /// Messages of one kind cost the same.
  std::uint32_t kind(std::uint32_t i) const { return kind_[i]; }
  std::span<const std::uint32_t> sent_by(std::size_t rank) const { return list(out, rank); }
  std::span<const std::uint32_t> sent_to(std::size_t rank) const { return list(in, rank); }

  /// What each kind of message costs where the whole has so many bytes.
  std::vector<hop_cost> costs(const edges& e, double bytes) const {
    std::vector<hop_cost> all;
    for (const std::uint32_t i : models_) all.push_back({e.busy(i, bytes), e.leaves(i, bytes), e.arrives(i, bytes)});
    return all;
  }

 private:
  enum end { out, in };
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  static std::size_t at(rank_t rank) { return static_cast<std::size_t>(rank); }

  std::span<const std::uint32_t> list(end which, std::size_t rank) const {
    const std::uint32_t first = first_of_[which][rank];
    return {list_[which].data() + first, first_of_[which][rank + 1] - first};
  }
  std::uint32_t kind_of(const edges& e, std::uint32_t i) {
    if (2 * models_.size() >= known_.size()) know_more(e);
    std::uint32_t& kind = find(e, i);
    if (kind == none) {
      kind = static_cast<std::uint32_t>(models_.size());
      models_.push_back(i);
    }
    return kind;
  }
  /// The place of a message's kind in the table of all.
  std::uint32_t& find(const edges& e, std::uint32_t i) {
    const auto bits = std::bit_cast<std::uint64_t>(e.slope[i]) + 3 * std::bit_cast<std::uint64_t>(e.arrives(i, 0));
    std::size_t at = mix(bits) & (known_.size() - 1);
    while (known_[at] != none && !same(e, i, models_[known_[at]])) at = (at + 1) & (known_.size() - 1);
    return known_[at];
  }
  void know_more(const edges& e) {
    known_.assign(std::max<std::size_t>(256, 4 * known_.size()), none);
    for (std::uint32_t kind = 0; kind < models_.size(); ++kind) find(e, models_[kind]) = kind;
  }
  static bool same(const edges& e, std::size_t a, std::size_t b) {
    return e.slope[a] == e.slope[b] && e.leaves(a, 0) == e.leaves(b, 0) && e.arrives(a, 0) == e.arrives(b, 0) &&
           e.queue(a) == e.queue(b);
  }

  std::span<const message> messages_;
  round_t period_, first_ = 0, rounds_ = 0;
  std::array<std::vector<std::uint32_t>, 2> first_of_;  // place of each rank's messages in the list
  std::array<std::vector<std::uint32_t>, 2> list_;      // in order of rounds
  std::vector<std::uint32_t> kind_;
  std::vector<std::uint32_t> models_;  // a message of each kind
  std::vector<std::uint32_t> known_;   // kinds, by hash
};

/// A generation as it is, or backwards in time: from receivers to senders, in mirrored rounds, arriving on the port
/// that had sent. The longest chain of waiting is as long either way.
class generation_view {
 public:
  generation_view(const generation& whole, bool backwards) : whole_{&whole}, backwards_{backwards} {}

  const generation& whole() const { return *whole_; }
  std::size_t from(std::uint32_t i) const {
    return static_cast<std::size_t>(backwards_ ? whole_->of(i).to : whole_->of(i).from);
  }
  std::size_t to(std::uint32_t i) const {
    return static_cast<std::size_t>(backwards_ ? whole_->of(i).from : whole_->of(i).to);
  }
  round_t round(std::uint32_t i) const {
    return backwards_ ? whole_->rounds() - 1 - whole_->round(i) : whole_->round(i);
  }
  std::span<const std::uint32_t> sent_by(std::size_t rank) const {
    return backwards_ ? whole_->sent_to(rank) : whole_->sent_by(rank);
  }
  std::span<const std::uint32_t> sent_to(std::size_t rank) const {
    return backwards_ ? whole_->sent_by(rank) : whole_->sent_to(rank);
  }
  std::vector<hop_cost> costs(std::vector<hop_cost> kinds) const {
    if (backwards_)
      for (hop_cost& c : kinds) std::swap(c.busy, c.leaves);
    return kinds;
  }

 private:
  const generation* whole_;
  bool backwards_;
};

}  // namespace colossus::detail
