// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/link_fold.hpp>
#include <colossus/detail/shift_classes.hpp>

#include <array>

namespace colossus::detail {

inline constexpr std::size_t most_shift_digits = 4;

/// Links of one kind that a class of ranks uses in a shift: in each digit of their homes as many values as the class
/// has, from some first one on: where these would go round, a class is cut.
struct shift_box {
  std::size_t user;  // the class
  int kind;
  link_t example;
  double each;                                             // messages on each link
  std::array<rank_t, most_shift_digits> first{}, width{};  // 0 and 1 in digits in which links of the kind do not differ
};

/// The boxes of all classes of a shift on a regular machine.
template <topology T>
class shift_boxes {
 public:
  shift_boxes(const T& machine, std::span<const digit> digits, rank_t ranks)
      : machine_{machine}, digits_{digits.begin(), digits.end()}, ranks_{ranks} {
    const link_fold<T> links{machine, {}, ranks, fold{digits_}, 1};
    varies_.resize(links.kinds());
    for (std::size_t kind = 0; kind < varies_.size(); ++kind)
      for (std::size_t at = 0; at < digits_.size(); ++at) varies_[kind][at] = links.varies(kind, digits_[at]);
  }

  const std::vector<digit>& digits() const { return digits_; }
  std::size_t kinds() const { return varies_.size(); }

  /// The boxes of all classes, from the way of a class's first rank. Nothing where that of its last rank tells another
  /// story.
  std::vector<shift_box> of(const shift_classes& classes) const {
    std::vector<shift_box> boxes;
    for (std::size_t user = 0; user < classes.size(); ++user) {
      const rank_t first = classes.first(user);
      rank_t last = first;
      double ranks = 1;
      for (std::size_t at = 0; at < digits_.size(); ++at) {
        last += (classes.width(user, at) - 1) * digits_[at].stride;
        ranks *= classes.width(user, at);
      }
      const std::size_t begin = boxes.size();
      route(first, classes.offset(), [&](link_t link) { boxes.push_back(box_of(classes, user, ranks, link)); });
      std::size_t next = begin;
      bool same = true;
      route(last, classes.offset(),
            [&](link_t link) { same = same && next < boxes.size() && ends(boxes[next++], link); });
      if (!same || next != boxes.size()) return {};
    }
    return boxes;
  }

 private:
  template <class Visit>
  void route(rank_t from, rank_t offset, Visit&& visit) const {
    machine_.route(from, static_cast<gpu_t>((std::int64_t{from} + offset) % ranks_), routing::adaptive, 0, visit);
  }
  shift_box box_of(const shift_classes& classes, std::size_t user, double ranks, link_t link) const {
    shift_box made{user, machine_.kind(link), link, ranks};
    for (std::size_t at = 0; at < digits_.size(); ++at) {
      made.width[at] = varies_[static_cast<std::size_t>(made.kind)][at] ? classes.width(user, at) : 1;
      made.first[at] = made.width[at] == digits_[at].radix ? 0 : digits_[at].of(home_of(machine_, link));
      made.each /= made.width[at];
    }
    return made;
  }
  bool ends(const shift_box& of, link_t link) const {
    if (machine_.kind(link) != of.kind) return false;
    for (std::size_t at = 0; at < digits_.size(); ++at) {
      const rank_t radix = digits_[at].radix, last = digits_[at].of(home_of(machine_, link));
      if (of.width[at] != radix && last != of.first[at] + of.width[at] - 1) return false;
    }
    return true;
  }

  const T& machine_;
  std::vector<digit> digits_;
  rank_t ranks_;
  std::vector<std::array<bool, most_shift_digits>> varies_;  // by kind: in which digits the homes of its links differ
};

}  // namespace colossus::detail
