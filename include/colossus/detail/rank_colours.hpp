// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/generation.hpp>

namespace colossus::detail {

/// Ranks of a pipeline in colours: those of one colour send and receive in the same rounds at the same cost, from ranks
/// that do so too, and so on for a few messages back. Colours are told by hashes of 64 bits.
class rank_colours {
 public:
  /// Looks further back until there are some more than `most` colours; not at all where most ranks differ anyway.
  rank_colours(const generation_view& view, std::size_t most) {
    const std::size_t ranks = view.whole().ranks();
    const std::vector<std::uint64_t> own = hash_own(view);
    hash_ = own;
    const std::size_t limit = ranks / irregular;
    std::size_t now = count(hash_, limit);
    if (now > limit) return;
    for (int depth = 1; depth < deepest && (depth < least_depth || now <= most); ++depth) {
      std::vector<std::uint64_t> next = hash_senders(view, own);
      const std::size_t more = count(next, limit);
      if (more == now || more > limit) break;
      hash_.swap(next), now = more;
    }
    number(count(hash_, limit));
  }

  /// 0: too many to be of use.
  std::size_t size() const { return first_.empty() ? 0 : first_.size() - 1; }
  std::uint32_t of(std::size_t rank) const { return colour_[rank]; }
  std::span<const std::uint32_t> ranks_of(std::size_t colour) const {
    return std::span{members_}.subspan(first_[colour], first_[colour + 1] - first_[colour]);
  }

 private:
  static constexpr int least_depth = 2, deepest = 8;
  static constexpr std::size_t irregular = 4;  // ranks for each colour, at least

  static std::uint64_t key(const generation_view& view, std::uint32_t i) {
    return static_cast<std::uint64_t>(view.round(i)) << 32 | view.whole().kind(i);
  }
  static std::vector<std::uint64_t> hash_own(const generation_view& view) {
    std::vector<std::uint64_t> own(view.whole().ranks(), 0);
    for (std::uint32_t i = 0; i < view.whole().size(); ++i) {
      const std::uint64_t one = mix(key(view, i));
      own[view.to(i)] += one, own[view.from(i)] += one * 0x9e3779b97f4a7c15u;
    }
    for (std::uint64_t& h : own) h = mix(h);
    return own;
  }
  std::vector<std::uint64_t> hash_senders(const generation_view& view, std::vector<std::uint64_t> next) const {
    for (std::uint32_t i = 0; i < view.whole().size(); ++i)
      next[view.to(i)] += mix(hash_[view.from(i)] + static_cast<std::uint64_t>(view.round(i)));
    return next;
  }

  /// Different hashes; one more than `most` stands for any number above.
  std::size_t count(const std::vector<std::uint64_t>& hashes, std::size_t most) {
    table_.assign(std::bit_ceil(2 * most + 4), {0, none});
    std::uint32_t colours = 0;
    for (const std::uint64_t h : hashes) {
      entry& e = find(h);
      if (e.colour == none) e = {h, colours++};
      if (colours > most) break;
    }
    return colours;
  }
  void number(std::size_t colours) {
    first_.assign(colours + 1, 0);
    colour_.resize(hash_.size()), members_.resize(hash_.size());
    for (std::size_t rank = 0; rank < hash_.size(); ++rank) ++first_[(colour_[rank] = find(hash_[rank]).colour) + 1];
    std::partial_sum(first_.begin(), first_.end(), first_.begin());
    std::vector<std::uint32_t> next = first_;
    for (std::uint32_t rank = 0; rank < hash_.size(); ++rank) members_[next[colour_[rank]]++] = rank;
  }

  static constexpr std::uint32_t none = ~std::uint32_t{0};
  struct entry {
    std::uint64_t hash;
    std::uint32_t colour;
  };
  entry& find(std::uint64_t hash) {
    std::size_t at = hash & (table_.size() - 1);
    while (table_[at].colour != none && table_[at].hash != hash) at = (at + 1) & (table_.size() - 1);
    return table_[at];
  }

  std::vector<std::uint64_t> hash_;
  std::vector<entry> table_;
  std::vector<std::uint32_t> colour_, first_, members_;
};

}  // namespace colossus::detail
