// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/pacing.hpp>
#include <colossus/detail/shift_rates.hpp>
#include <colossus/detail/shift_traffic.hpp>

namespace colossus::detail {

/// The paces of an outline all of whose patterns are shifts that come once, by classes of ranks: a cost that depends on
/// the digits of the shift, and hardly on how many ranks there are.
template <topology T>
class shift_paces {
 public:
  shift_paces(const T& machine, const outline& what, const packet_effects& packets, std::span<const digit> digits)
      : machine_{machine}, what_{what}, digits_{digits.begin(), digits.end()} {
    if constexpr (regular_topology<T>) solved_ = applies() && solve(packets);
  }

  /// False where it does not apply.
  bool solved() const { return solved_; }
  const shift_classes& classes(std::size_t pattern) const { return all_[pattern].classes; }
  /// A message of each class.
  std::vector<message> messages(std::size_t pattern) const {
    return classes(pattern).messages(what_.patterns[pattern].first, of(pattern).blocks);
  }

  /// A pattern's pace, by class.
  pace paced(std::size_t pattern, bool tell_use) const {
    pace found;
    const double share = of(pattern).blocks * what_.share();
    for (const double rate : all_[pattern].rates) found.slopes.push_back(share / rate);
    if (tell_use)
      for (const double use : all_[pattern].use) found.use.push_back(share * use);
    return found;
  }
  /// What links carry, where patterns come so often.
  traffic busy(const fold& level, std::span<const double> often) const {
    shift_traffic<T> sum{machine_, digits_, what_.ranks, level};
    for (std::size_t p = 0; p < all_.size(); ++p)
      for (const auto& [box, seconds] : all_[p].boxes) sum.add(box, seconds * of(p).blocks * what_.share() * often[p]);
    if constexpr (regular_topology<T>) return sum.sum();
    else return {};
  }

 private:
  struct solution {
    shift_classes classes;
    std::vector<double> rates{}, use{};  // by class; by kind, the busiest link's seconds for a byte of each message
    std::vector<std::pair<shift_box, double>> boxes{};  // and what their links are busy for that
  };

  shift of(std::size_t pattern) const { return what_.shifted(what_.patterns[pattern]); }
  bool applies() const {
    rank_t numbers = 1;
    for (const digit& d : digits_) numbers *= d.radix;
    if (numbers != what_.ranks || digits_.size() > most_shift_digits) return false;
    for (const phase& phase : what_.phases)
      if (phase.period != 0 || phase.rounds != 1 || of(phase.pattern).offset == 0) return false;
    return true;
  }
  bool solve(const packet_effects& packets) {
    shift_rates<T> rates{machine_, packets, digits_, what_.ranks};
    for (std::size_t p = 0; p < what_.patterns.size(); ++p) {
      solution& found = all_.emplace_back(solution{{digits_, what_.ranks, of(p).offset}});
      if (!rates.solve(found.classes)) return false;
      found.rates = rates.rates(), found.use = rates.most_busy();
      for (const auto& box : rates.boxes()) found.boxes.emplace_back(box, box.each / rates.capacity(box.example));
    }
    return true;
  }

  const T& machine_;
  const outline& what_;
  std::vector<digit> digits_;
  std::vector<solution> all_;
  bool solved_ = false;
};

}  // namespace colossus::detail
