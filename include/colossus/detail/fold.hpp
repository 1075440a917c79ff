// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/symmetry.hpp>

#include <algorithm>
#include <vector>

namespace colossus::detail {

/// Numbers that differ only in some of their digits taken for one: `place` counts those that are left.
class fold {
 public:
  fold() = default;
  explicit fold(std::vector<digit> digits) : digits_{std::move(digits)} {
    std::ranges::sort(digits_, {}, &digit::stride);
    for (const digit& d : digits_) {
      strides_.emplace_back(static_cast<std::uint32_t>(d.stride));
      ends_.emplace_back(static_cast<std::uint32_t>(d.end()));
      order_ *= d.radix;
    }
  }

  const std::vector<digit>& digits() const { return digits_; }
  bool none() const { return digits_.empty(); }
  /// Numbers that one stands for.
  rank_t order() const { return order_; }
  bool operator==(const fold& other) const { return digits_ == other.digits_; }

  /// A number without the folded digits.
  rank_t place(rank_t number) const {
    auto n = static_cast<std::uint32_t>(number);
    for (std::size_t i = digits_.size(); i-- > 0;)
      n = ends_[i].quotient(n) * strides_[i].value() + strides_[i].remainder(n);
    return static_cast<rank_t>(n);
  }
  /// The number at a place whose folded digits are 0.
  rank_t number(rank_t place) const {
    auto n = static_cast<std::uint32_t>(place);
    for (std::size_t i = 0; i < digits_.size(); ++i)
      n = strides_[i].quotient(n) * ends_[i].value() + strides_[i].remainder(n);
    return static_cast<rank_t>(n);
  }

 private:
  std::vector<digit> digits_;  // in order of strides
  std::vector<divider> strides_, ends_;
  rank_t order_ = 1;
};

}  // namespace colossus::detail
