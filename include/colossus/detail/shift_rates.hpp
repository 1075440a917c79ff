// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/shift_boxes.hpp>

#include <limits>

namespace colossus::detail {

/// Max-min rates of a shift on a regular machine, class of ranks by class. Boxes of links that overlap cut each other
/// into cells, in each of which all links carry the same. Rates are found cell by cell, as for any links, and tested.
template <topology T>
class shift_rates {
 public:
  shift_rates(const T& machine, const packet_effects& packets, std::span<const digit> digits, rank_t ranks)
      : machine_{machine}, packets_{packets}, where_{machine, digits, ranks} {}

  /// Finds the rates. False where the classes are too coarse for that, or the machine is not as regular as it says.
  bool solve(const shift_classes& classes) {
    boxes_ = where_.of(classes);
    if (boxes_.empty()) return false;
    find_cells();
    fill(classes.size());
    return proved(classes.size());
  }

  const std::vector<double>& rates() const { return rate_; }  ///< bytes/s, by class
  const std::vector<shift_box>& boxes() const { return boxes_; }
  /// By kind, how busy the busiest link is with one byte of each message.
  std::vector<double> most_busy() const {
    std::vector<double> most(where_.kinds(), 0);
    for (const cell& c : cells_) {
      double all = 0;
      for (std::size_t i = c.begin; i < c.end; ++i) all += boxes_[users_[i]].each;
      most[static_cast<std::size_t>(c.kind)] = std::max(most[static_cast<std::size_t>(c.kind)], all / c.capacity);
    }
    return most;
  }
  double capacity(link_t link) const {
    return packets_.none() ? machine_.capacity(link) : packets_.capacity(machine_, link);
  }

 private:
  static constexpr double rounding = 1e-9;

  struct cell {
    int kind;
    double capacity, rest;   // bytes/s of each link; what is left of that
    double open;             // messages on each link whose rates are not known yet
    std::size_t begin, end;  // in users_
  };

  /// Cuts the boxes of each kind by each other.
  void find_cells() {
    cells_.clear(), users_.clear();
    for (int kind = 0; kind < static_cast<int>(where_.kinds()); ++kind) {
      std::array<std::vector<rank_t>, most_shift_digits> starts;
      std::vector<std::uint32_t> mine;
      for (std::uint32_t i = 0; i < boxes_.size(); ++i) {
        if (boxes_[i].kind != kind) continue;
        mine.push_back(i);
        for (std::size_t at = 0; at < where_.digits().size(); ++at) {
          starts[at].push_back(boxes_[i].first[at]);
          starts[at].push_back(boxes_[i].first[at] + boxes_[i].width[at]);
        }
      }
      if (mine.empty()) continue;
      for (auto& some : starts) {
        std::ranges::sort(some);
        some.erase(std::unique(some.begin(), some.end()), some.end());
      }
      add_cells(kind, starts, mine, where_.digits().size());
    }
  }
  void add_cells(int kind, const std::array<std::vector<rank_t>, most_shift_digits>& starts,
                 std::span<const std::uint32_t> boxes, std::size_t digits) {
    if (boxes.empty()) return;
    if (digits == 0) {
      const double capacity = this->capacity(boxes_[boxes.front()].example);
      cells_.push_back({kind, capacity, capacity, 0, users_.size(), users_.size() + boxes.size()});
      users_.insert(users_.end(), boxes.begin(), boxes.end());
      for (const std::uint32_t i : boxes) cells_.back().open += boxes_[i].each;
      return;
    }
    const std::size_t at = digits - 1;
    std::vector<std::uint32_t> here;
    for (const rank_t start : starts[at]) {
      here.clear();
      for (const std::uint32_t i : boxes)
        if (start >= boxes_[i].first[at] && start < boxes_[i].first[at] + boxes_[i].width[at]) here.push_back(i);
      add_cells(kind, starts, here, at);
    }
  }

  /// Fills all links at one pace: where one is full, its users have their rates.
  void fill(std::size_t classes) {
    constexpr double never = std::numeric_limits<double>::infinity();
    rate_.assign(classes, never);
    std::vector<bool> ends(classes);
    for (;;) {
      double least = never;
      for (const cell& c : cells_)
        if (c.open > 0) least = std::min(least, c.rest / c.open);
      if (least == never) return;
      ends.assign(classes, false);
      for (const cell& c : cells_)
        if (c.open > 0 && c.rest / c.open <= least * (1 + 1e-12))
          for (std::size_t i = c.begin; i < c.end; ++i)
            if (const std::size_t user = boxes_[users_[i]].user; rate_[user] == never) ends[user] = true;
      for (std::size_t user = 0; user < classes; ++user)
        if (ends[user]) rate_[user] = least;
      for (cell& c : cells_)
        for (std::size_t i = c.begin; i < c.end; ++i)
          if (const shift_box& b = boxes_[users_[i]]; ends[b.user]) c.rest -= b.each * least, c.open -= b.each;
    }
  }

  /// Whether each class has a box all of whose links are full, with nobody on them who has more.
  bool proved(std::size_t classes) const {
    std::vector<bool> holds(boxes_.size(), true), held(classes, false);
    for (const cell& c : cells_) {
      double sum = 0, most = 0;
      for (std::size_t i = c.begin; i < c.end; ++i) {
        const shift_box& b = boxes_[users_[i]];
        sum += b.each * rate_[b.user], most = std::max(most, rate_[b.user]);
      }
      if (sum > c.capacity * (1 + rounding)) return false;
      for (std::size_t i = c.begin; i < c.end; ++i)
        if (sum < c.capacity * (1 - rounding) || rate_[boxes_[users_[i]].user] < most * (1 - rounding))
          holds[users_[i]] = false;
    }
    for (std::size_t i = 0; i < boxes_.size(); ++i)
      if (holds[i]) held[boxes_[i].user] = true;
    return std::ranges::count(held, false) == 0;
  }

  const T& machine_;
  packet_effects packets_;
  shift_boxes<T> where_;
  std::vector<shift_box> boxes_;
  std::vector<cell> cells_;
  std::vector<std::uint32_t> users_;  // boxes, cell by cell
  std::vector<double> rate_;
};

}  // namespace colossus::detail
