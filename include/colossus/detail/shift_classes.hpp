// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/phases.hpp>

#include <utility>

namespace colossus::detail {

/// The ranks by what a shift by `offset` does to their digits. A digit's values are cut where they would carry, so that
/// in a class the digits of all receivers are those of the senders, each moved by one amount. The last digit carries
/// into nothing.
class shift_classes {
 public:
  /// `digits` make up the numbers of all `ranks`, innermost first.
  shift_classes(std::span<const digit> digits, rank_t ranks, rank_t offset)
      : digits_{digits.begin(), digits.end()}, ranks_{ranks}, offset_{offset} {
    bool carries = false;
    for (const digit& d : digits_) {
      const rank_t by = d.of(offset);
      std::vector<rank_t>& starts = starts_.emplace_back(1, 0);
      if (d.end() != ranks && by > 0) starts.push_back(d.radix - by);
      if (d.end() != ranks && carries) starts.push_back(d.radix - by - 1);
      carries |= by > 0;
      std::ranges::sort(starts);
      starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    }
  }

  rank_t offset() const { return offset_; }
  std::size_t size() const {
    std::size_t all = 1;
    for (const auto& starts : starts_) all *= starts.size();
    return all;
  }
  /// The first rank of a class, and how many values of digit `at` its ranks have.
  rank_t first(std::size_t of) const {
    rank_t rank = 0;
    for (std::size_t at = 0; at < digits_.size(); of /= starts_[at++].size())
      rank += starts_[at][of % starts_[at].size()] * digits_[at].stride;
    return rank;
  }
  rank_t width(std::size_t of, std::size_t at) const {
    for (std::size_t before = 0; before < at; ++before) of /= starts_[before].size();
    const std::vector<rank_t>& starts = starts_[at];
    const std::size_t range = of % starts.size();
    return (range + 1 < starts.size() ? starts[range + 1] : digits_[at].radix) - starts[range];
  }
  /// The messages of the first rank of each class.
  std::vector<message> messages(round_t round, block_t blocks) const {
    std::vector<message> all;
    for (std::size_t of = 0; of < size(); ++of) {
      const std::int64_t from = first(of);
      all.push_back(
          {first(of), static_cast<rank_t>((from + offset_) % ranks_), static_cast<std::int32_t>(round), blocks});
    }
    return all;
  }
  /// The class of each place.
  std::vector<std::uint16_t> by_place(const fold& level) const {
    std::vector<std::uint16_t> all{0};
    std::size_t weight = 1;
    for (std::size_t at = 0; at < digits_.size(); weight *= starts_[at++].size()) {
      if (std::ranges::find(level.digits(), digits_[at]) != level.digits().end()) continue;
      const std::vector<std::uint16_t> inner = std::exchange(all, {});
      all.reserve(inner.size() * static_cast<std::size_t>(digits_[at].radix));
      for (rank_t value = 0; value < digits_[at].radix; ++value) {
        const auto range = std::ranges::upper_bound(starts_[at], value) - starts_[at].begin() - 1;
        const auto more = static_cast<std::uint16_t>(weight * static_cast<std::size_t>(range));
        for (const std::uint16_t of : inner) all.push_back(static_cast<std::uint16_t>(of + more));
      }
    }
    return all;
  }

 private:
  std::vector<digit> digits_;
  std::vector<std::vector<rank_t>> starts_;  // of each digit's ranges
  rank_t ranks_, offset_;
};

}  // namespace colossus::detail
