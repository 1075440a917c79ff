// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/link_fold.hpp>
#include <colossus/detail/shift_classes.hpp>

#include <array>
#include <limits>

namespace colossus::detail {

/// Max-min rates of a shift on a regular machine, class of ranks by class. The links of a kind that a class uses are
/// a box: in each digit of their homes as many values as the class has, from some first one on, round and round. Boxes
/// that overlap cut each other into cells, in each of which all links carry the same. Rates are found cell by cell, as
/// for any links, and tested: where the links that hold a class are not full in all cells of a box, the class is cut.
template <topology T>
class shift_rates {
 public:
  static constexpr std::size_t most_digits = 4;

  /// Links of one kind that a class uses.
  struct box {
    std::size_t user;  // the class
    int kind;
    link_t example;
    double each;                                   // messages on each link
    std::array<rank_t, most_digits> first, width;  // in each digit; 0 and 1 where the links of the kind do not differ
  };

  shift_rates(const T& machine, const packet_effects& packets, std::span<const digit> digits, rank_t ranks)
      : machine_{machine}, packets_{packets}, digits_{digits.begin(), digits.end()}, ranks_{ranks} {
    const link_fold links{machine, packets, ranks, fold{digits_}, 1};
    varies_.resize(links.kinds());
    for (std::size_t kind = 0; kind < varies_.size(); ++kind)
      for (std::size_t at = 0; at < digits_.size(); ++at) varies_[kind][at] = links.varies(kind, digits_[at]);
  }

  /// Finds the rates; cuts classes where it must. False where it fails to.
  bool solve(shift_classes& classes) {
    for (int turn = 0; turn < most_turns && classes.size() <= most_classes; ++turn) {
      if (!describe(classes)) return false;
      find_cells();
      fill(classes.size());
      if (proved(classes)) return true;
    }
    return false;
  }

  const std::vector<double>& rates() const { return rate_; }  ///< bytes/s, by class
  const std::vector<box>& boxes() const { return boxes_; }
  /// By kind, how busy the busiest link is with one byte of each message.
  std::vector<double> most_busy() const {
    std::vector<double> most(varies_.size(), 0);
    for (const cell& c : cells_) {
      double all = 0;
      for (std::size_t i = c.begin; i < c.end; ++i) all += boxes_[users_[i]].each;
      most[static_cast<std::size_t>(c.kind)] = std::max(most[static_cast<std::size_t>(c.kind)], all / c.capacity);
    }
    return most;
  }
  bool varies(int kind, std::size_t at) const { return varies_[static_cast<std::size_t>(kind)][at]; }
  double capacity(link_t link) const {
    return packets_.none() ? machine_.capacity(link) : packets_.capacity(machine_, link);
  }

 private:
  static constexpr int most_turns = 8;
  static constexpr std::size_t most_classes = 512;
  static constexpr double rounding = 1e-9;

  using values = std::array<rank_t, most_digits>;
  struct cell {
    int kind;
    values first;  // of its links' homes, by digit
    double capacity, rest;
    double open;             // messages on each link whose rates are not known yet
    std::size_t begin, end;  // in users_
  };

  /// The boxes of all classes, from the way of a class's first rank. That of its last rank must agree.
  bool describe(const shift_classes& classes) {
    boxes_.clear();
    for (std::size_t user = 0; user < classes.size(); ++user) {
      const rank_t first = classes.first(user);
      rank_t last = first;
      double ranks = 1;
      for (std::size_t at = 0; at < digits_.size(); ++at) {
        last += (classes.width(user, at) - 1) * digits_[at].stride;
        ranks *= classes.width(user, at);
      }
      const std::size_t begin = boxes_.size();
      route(first, classes.offset(), [&](link_t link) { boxes_.push_back(box_of(classes, user, ranks, link)); });
      std::size_t next = begin;
      bool same = true;
      route(last, classes.offset(),
            [&](link_t link) { same = same && next < boxes_.size() && ends(boxes_[next++], link); });
      if (!same || next != boxes_.size()) return false;
    }
    return true;
  }
  template <class Visit>
  void route(rank_t from, rank_t offset, Visit&& visit) const {
    machine_.route(from, static_cast<gpu_t>((std::int64_t{from} + offset) % ranks_), routing::adaptive, 0, visit);
  }
  box box_of(const shift_classes& classes, std::size_t user, double ranks, link_t link) const {
    box made{user, machine_.kind(link), link, ranks, {}, {}};
    for (std::size_t at = 0; at < digits_.size(); ++at) {
      made.width[at] = varies(made.kind, at) ? classes.width(user, at) : 1;
      made.first[at] = made.width[at] == digits_[at].radix ? 0 : digits_[at].of(home_of(machine_, link));
      made.each /= made.width[at];
    }
    return made;
  }
  bool ends(const box& of, link_t link) const {
    if (machine_.kind(link) != of.kind) return false;
    for (std::size_t at = 0; at < digits_.size(); ++at) {
      const rank_t radix = digits_[at].radix, last = digits_[at].of(home_of(machine_, link));
      if (of.width[at] != radix && last != (of.first[at] + of.width[at] - 1) % radix) return false;
    }
    return true;
  }

  /// Cuts the boxes of each kind by each other.
  void find_cells() {
    cells_.clear(), users_.clear();
    for (int kind = 0; kind < static_cast<int>(varies_.size()); ++kind) {
      std::array<std::vector<rank_t>, most_digits> starts;
      std::vector<std::uint32_t> mine;
      for (std::uint32_t i = 0; i < boxes_.size(); ++i) {
        if (boxes_[i].kind != kind) continue;
        mine.push_back(i);
        for (std::size_t at = 0; at < digits_.size(); ++at) {
          starts[at].push_back(boxes_[i].first[at]);
          starts[at].push_back((boxes_[i].first[at] + boxes_[i].width[at]) % digits_[at].radix);
        }
      }
      if (mine.empty()) continue;
      for (auto& some : starts) {
        std::ranges::sort(some);
        some.erase(std::unique(some.begin(), some.end()), some.end());
      }
      values first{};
      add_cells(kind, starts, mine, first, digits_.size());
    }
  }
  void add_cells(int kind, const std::array<std::vector<rank_t>, most_digits>& starts,
                 std::span<const std::uint32_t> boxes, values& first, std::size_t digits) {
    if (boxes.empty()) return;
    if (digits == 0) {
      const double capacity = this->capacity(boxes_[boxes.front()].example);
      cells_.push_back({kind, first, capacity, capacity, 0, users_.size(), users_.size() + boxes.size()});
      users_.insert(users_.end(), boxes.begin(), boxes.end());
      for (const std::uint32_t i : boxes) cells_.back().open += boxes_[i].each;
      return;
    }
    const std::size_t at = digits - 1;
    std::vector<std::uint32_t> here;
    for (const rank_t start : starts[at]) {
      here.clear();
      for (const std::uint32_t i : boxes)
        if (from(start, boxes_[i].first[at], at) < boxes_[i].width[at]) here.push_back(i);
      first[at] = start;
      add_cells(kind, starts, here, first, at);
    }
  }
  /// How far a value of a digit is from another, upwards.
  rank_t from(rank_t value, rank_t other, std::size_t at) const {
    return value >= other ? value - other : value - other + digits_[at].radix;
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
          if (const box& b = boxes_[users_[i]]; ends[b.user]) c.rest -= b.each * least, c.open -= b.each;
    }
  }

  /// Whether each class has a box all of whose links are full, with nobody on them who has more. Cuts those that do
  /// not.
  bool proved(shift_classes& classes) {
    std::vector<std::size_t> held(boxes_.size(), 0), all(boxes_.size(), 0);  // cells of each box that hold its class
    for (const cell& c : cells_) {
      double sum = 0, most = 0;
      for (std::size_t i = c.begin; i < c.end; ++i) {
        const box& b = boxes_[users_[i]];
        sum += b.each * rate_[b.user], most = std::max(most, rate_[b.user]);
      }
      for (std::size_t i = c.begin; i < c.end; ++i) {
        const double rate = rate_[boxes_[users_[i]].user];
        held[users_[i]] += sum >= c.capacity * (1 - rounding) && rate >= most * (1 - rounding), ++all[users_[i]];
      }
    }
    std::vector<bool> good(classes.size(), false);
    for (std::size_t i = 0; i < boxes_.size(); ++i) good[boxes_[i].user] = good[boxes_[i].user] || held[i] == all[i];
    if (std::ranges::count(good, false) == 0) return true;
    const shift_classes before = classes;
    for (const cell& c : cells_)
      for (std::size_t i = c.begin; i < c.end; ++i)
        if (const box& b = boxes_[users_[i]]; !good[b.user] && held[users_[i]] > 0)
          cut(classes, before.first(b.user), b, c.first);
    return false;
  }
  /// Cuts a class, whose first rank is `rank`, where one of its boxes is.
  void cut(shift_classes& classes, rank_t rank, const box& b, const values& where) const {
    for (std::size_t at = 0; at < digits_.size(); ++at)
      if (const rank_t by = from(where[at], b.first[at], at);
          b.width[at] > 1 && b.width[at] < digits_[at].radix && by > 0)
        classes.cut(at, digits_[at].of(rank) + by);
  }

  const T& machine_;
  packet_effects packets_;
  std::vector<digit> digits_;
  rank_t ranks_;
  std::vector<std::array<bool, most_digits>> varies_;  // by kind: in which digits the homes of its links differ
  std::vector<box> boxes_;
  std::vector<cell> cells_;
  std::vector<std::uint32_t> users_;  // boxes, cell by cell
  std::vector<double> rate_;
};

}  // namespace colossus::detail
