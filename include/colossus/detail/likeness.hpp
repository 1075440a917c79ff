// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/crew.hpp>
#include <colossus/detail/link_fold.hpp>
#include <colossus/detail/phases.hpp>

#include <optional>

namespace colossus::detail {

/// Which ranks an outline, run by a crew on a topology, does not tell apart.
template <topology T>
class likeness {
 public:
  likeness(const T& machine, const outline& what, const crew& crew) : machine_{machine}, what_{what} {
    if (crew.groups.size() == 1) digits_ = digits_in_use(machine, crew.groups.front());
    turned_ = crew.lanes > 1 && crew.rotation > 1;
    if (turned_ && (crew.root != crew::no_root || crew.lanes % crew.rotation != 0 || digits_.empty() ||
                    digits_.front() != digit{1, crew.rotation}))
      digits_.clear();
    for (const section& pattern : what.patterns) {
      std::vector<digit> alike;
      for (const digit& d : digits_)
        if (what.alike(pattern, d)) alike.push_back(d);
      patterns_.emplace_back(std::move(alike));
    }
    choice_.resize(patterns_.size());
    lanes_ = crew.lanes;
  }

  /// Whether the images of a few messages, in other ranks and lanes, are all of a pattern.
  bool folds(std::size_t pattern, routing how) {
    if (digits_.empty() || (patterns_[pattern].none() && lanes_ == 1)) return false;
    return how == routing::adaptive || !chooses(pattern);
  }
  /// The digits of the ranks that the machine does not tell apart.
  std::span<const digit> digits() const { return digits_; }
  /// The digits that are alike in a pattern, and those that are in all.
  const fold& of(std::size_t pattern) const { return patterns_[pattern]; }
  fold common() const {
    std::vector<digit> alike = digits_;
    for (const fold& of : patterns_)
      std::erase_if(alike, [&](const digit& d) { return std::ranges::find(of.digits(), d) == of.digits().end(); });
    return fold{std::move(alike)};
  }
  /// All messages of a pattern, told by as few as the schedule has to be asked for: ranks that keep a digit which is
  /// alike send what their images do.
  telling all(std::size_t pattern) const {
    const section& part = what_.patterns[pattern];
    std::vector<digit> kept = patterns_[pattern].digits();
    std::vector<message> some = what_.messages(part, patterns_[pattern]);
    if (kept.empty()) return {std::move(some)};
    for (const message& m : some) std::erase_if(kept, [&](const digit& d) { return d.of(m.from) != d.of(m.to); });
    if (kept != patterns_[pattern].digits()) some = what_.messages(part, fold{kept});
    if (kept.empty()) return {std::move(some)};
    std::vector<rank_t> images{0};
    for (const digit& d : kept) {
      const std::size_t before = images.size();
      for (rank_t value = 1; value < d.radix; ++value)
        for (std::size_t i = 0; i < before; ++i) images.push_back(images[i] + value * d.stride);
    }
    return {std::move(some), std::move(images)};
  }
  /// The links, where ranks are folded so; lanes that are turned fold the digit by which they are.
  link_fold<T> links(const fold& ranks, const packet_effects& packets) const {
    std::vector<digit> digits = ranks.digits();
    if (turned_ && (digits.empty() || digits.front() != digits_.front())) digits.push_back(digits_.front());
    return {machine_, packets, what_.ranks, fold{std::move(digits)}, std::int64_t{ranks.order()} * lanes_};
  }

 private:
  /// Whether some message of a pattern has several paths.
  bool chooses(std::size_t pattern) {
    if (choice_[pattern]) return *choice_[pattern];
    bool some = false;
    std::vector<bool> known(static_cast<std::size_t>(machine_.distances()), false);
    for (const message& m : what_.messages(what_.patterns[pattern], patterns_[pattern])) {
      const auto distance = static_cast<std::size_t>(machine_.distance(m.from, m.to));
      if (known[distance]) continue;
      known[distance] = true;
      machine_.route(m.from, m.to, routing::adaptive, 0,
                     [&](link_t link) { some |= !machine_.uses(routing::ecmp, link); });
    }
    choice_[pattern] = some;
    return some;
  }

  const T& machine_;
  const outline& what_;
  int lanes_ = 1;
  bool turned_ = false;  // lane l by l places of a node
  std::vector<digit> digits_;
  std::vector<fold> patterns_;
  std::vector<std::optional<bool>> choice_;
};

}  // namespace colossus::detail
