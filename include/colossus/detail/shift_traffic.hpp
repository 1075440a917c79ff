// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/shift_boxes.hpp>
#include <colossus/detail/traffic.hpp>

#include <numeric>

namespace colossus::detail {

/// Adds up how busy shifts keep the links of a regular machine, one link for all that `level` takes for one.
template <topology T>
class shift_traffic {
 public:
  shift_traffic(const T& machine, std::span<const digit> digits, rank_t ranks, const fold& level)
      : machine_{machine}, level_{level}, places_{static_cast<std::size_t>(ranks / level.order())} {
    for (const digit& d : digits) {
      const bool one = std::ranges::find(level.digits(), d) != level.digits().end();
      steps_.push_back(one ? 0 : static_cast<std::size_t>(level.place(d.stride)));
    }
    busy_.resize(machine.kinds().size()), example_.resize(busy_.size());
  }

  /// `seconds`: how long each link of the box is busy.
  void add(const shift_box& b, double seconds) {
    auto& busy = busy_[static_cast<std::size_t>(b.kind)];
    busy.resize(places_, 0);
    example_[static_cast<std::size_t>(b.kind)] = b.example;
    add_from(b, steps_.size(), busy.data(), seconds);
  }
  traffic sum() const {
    traffic all{std::vector<double>(busy_.size(), 0)};
    for (std::size_t kind = 0; kind < busy_.size(); ++kind) {
      const auto& busy = busy_[kind];
      if (busy.empty()) continue;
      const auto used = static_cast<double>(busy.size() - static_cast<std::size_t>(std::ranges::count(busy, 0.0)));
      all.mean[kind] = std::accumulate(busy.begin(), busy.end(), 0.0) / used;
      const auto most = std::ranges::max_element(busy);
      if (*most < all.most) continue;
      const link_t link = moved(machine_, example_[kind], level_.number(static_cast<rank_t>(most - busy.begin())));
      if (*most > all.most || link < all.busiest) all.most = *most, all.busiest = link;
    }
    return all;
  }

 private:
  void add_from(const shift_box& b, std::size_t digits, double* busy, double seconds) {
    if (digits == 0) return void(*busy += seconds);
    const std::size_t at = digits - 1;
    const rank_t first = steps_[at] == 0 ? 0 : b.first[at], width = steps_[at] == 0 ? 1 : b.width[at];
    if (at == 0 && steps_[0] == 1) {  // side by side
      for (double* to = busy + first; to < busy + first + width; ++to) *to += seconds;
      return;
    }
    for (rank_t value = first; value < first + width; ++value)
      add_from(b, at, busy + static_cast<std::size_t>(value) * steps_[at], seconds);
  }

  const T& machine_;
  fold level_;
  std::size_t places_;
  std::vector<std::size_t> steps_;         // between neighbours in a digit; 0 where its values are one
  std::vector<std::vector<double>> busy_;  // by kind, by place of the home; empty: not used
  std::vector<link_t> example_;
};

}  // namespace colossus::detail
