// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/capacity_runs.hpp>
#include <colossus/detail/fold.hpp>
#include <colossus/packets.hpp>

namespace colossus::detail {

/// A machine whose GPUs have digits that may be permuted, and whose links know the first GPU that they serve.
template <class T>
concept regular_topology = topology<T> && requires(const T& machine, link_t link, gpu_t gpu) {
  { digits_of(machine) } -> std::same_as<std::vector<digit>>;
  { home_of(machine, link) } -> std::same_as<gpu_t>;
  { moved(machine, link, gpu) } -> std::same_as<link_t>;
};

/// The digits of ranks 0 .. ranks - 1 on GPUs of the same numbers whose values are alike for the machine; none where it
/// does not say, or the placement is another.
template <topology T>
std::vector<digit> digits_in_use(const T& machine, std::span<const gpu_t> placement) {
  std::vector<digit> in_use;
  if constexpr (regular_topology<T>) {
    const auto ranks = static_cast<rank_t>(placement.size());
    for (rank_t rank = 0; rank < ranks; ++rank)
      if (placement[static_cast<std::size_t>(rank)] != rank) return {};
    for (const digit& d : digits_of(machine)) {
      const rank_t radix = ranks % d.end() == 0                       ? d.radix
                           : ranks < d.end() && ranks % d.stride == 0 ? ranks / d.stride
                                                                      : 0;
      if (radix == 0) break;
      if (radix > 1) in_use.push_back({d.stride, radix});
    }
  }
  return in_use;
}

/// The links of a machine with those taken for one that permutations of some digits take into each other. Where the
/// messages of all GPUs are the images of a few, each such class of links carries the few as one link would that has
///   capacity * (links of the class) / (images of a message).
template <topology T>
class link_fold {
 public:
  /// `digits` of `all` that are in use are folded; `images`: of each message, those in other lanes included.
  link_fold(const T& machine, const packet_effects& packets, rank_t ranks, fold digits, std::int64_t images)
      : machine_{machine},
        packets_{packets},
        fold_{std::move(digits)},
        places_{ranks / fold_.order()},
        images_{images} {
    classes_.assign(machine.kinds().size(), {});
    for (const digit& d : fold_.digits()) {
      const rank_t far = (ranks - 1) / d.end() * d.end();
      if (far > 0) find_kinds(d, d.stride, d.stride + far);
      find_kinds(d, d.stride, 0), find_kinds(d, 0, d.stride);
      if (d.stride > 1) find_kinds(d, d.stride, d.stride + 1);
    }
    links_.resize(static_cast<std::size_t>(places_) * classes_.size());
  }

  link_t size() const { return static_cast<link_t>(links_.size()); }
  std::size_t kinds() const { return classes_.size(); }
  int kind(link_t at) const { return static_cast<int>(at / static_cast<link_t>(places_)); }
  bool uses(routing how, link_t at) const { return machine_.uses(how, links_[at]); }
  /// One link of the class, and how many there are.
  link_t link(link_t at) const { return links_[at]; }
  double count(link_t at) const { return static_cast<double>(classes_[static_cast<std::size_t>(kind(at))].count); }
  link_t same_until(link_t at) const { return at + 1; }
  double capacity(link_t at) const {
    const double one = packets_.none() ? machine_.capacity(links_[at]) : packets_.capacity(machine_, links_[at]);
    return one * count(at) / static_cast<double>(images_);
  }
  /// Of a kind all links carry the same.
  std::span<const capacity_run> capacities() {
    runs_.clear();
    for (std::size_t kind = 0; kind < classes_.size(); ++kind)
      runs_.push_back({static_cast<link_t>(kind + 1) * static_cast<link_t>(places_), capacity(classes_[kind].example)});
    return runs_;
  }
  template <class Visit>
  void route(gpu_t a, gpu_t b, Visit&& visit) {
    machine_.route(a, b, routing::adaptive, 0, [&](link_t link) { visit(number(link)); });
  }
  /// Visits all links of a class, leaving out digits that are folded in `still`: their numbers are linear in the
  /// digits.
  template <class Visit>
  void for_each_link(link_t at, const fold& still, Visit&& visit) const {
    struct run {
      link_t count, step;
    };
    std::vector<run> runs{{1, 0}};  // the innermost first
    const gpu_t home = fold_.number(static_cast<rank_t>(at % static_cast<link_t>(places_)));
    const link_t first = at_home(links_[at], home);
    for (const digit& d : classes_[static_cast<std::size_t>(kind(at))].digits) {
      if (std::ranges::find(still.digits(), d) != still.digits().end()) continue;
      const link_t step = at_home(links_[at], home + d.stride) - first;
      if (runs.back().count == 1 || step == runs.back().count * runs.back().step)
        runs.back() = {runs.back().count * static_cast<link_t>(d.radix),
                       runs.back().count == 1 ? step : runs.back().step};
      else runs.push_back({static_cast<link_t>(d.radix), step});
    }
    const auto visit_from = [&](auto& self, std::size_t i, link_t link) -> void {
      for (link_t n = 0; n < runs[i].count; ++n, link += runs[i].step)
        if (i == 0) visit(link);
        else self(self, i - 1, link);
    };
    visit_from(visit_from, runs.size() - 1, first);
  }
  /// The number of a link's class.
  link_t number(link_t link) {
    const link_t at = static_cast<link_t>(machine_.kind(link)) * static_cast<link_t>(places_) +
                      static_cast<link_t>(fold_.place(home(link)));
    links_[at] = link;
    classes_[static_cast<std::size_t>(kind(at))].example = at;
    return at;
  }
  const fold& digits() const { return fold_; }
  /// Whether the links of a kind differ in a folded digit.
  bool varies(std::size_t kind, digit d) const {
    const std::vector<digit>& all = classes_[kind].digits;
    return std::ranges::find(all, d) != all.end();
  }
  double images() const { return static_cast<double>(images_); }

 private:
  gpu_t home(link_t link) const {
    if constexpr (regular_topology<T>) return home_of(machine_, link);
    else return 0;
  }
  link_t at_home(link_t link, gpu_t place) const {
    if constexpr (regular_topology<T>) return moved(machine_, link, place);
    else return link;
  }

  struct link_class {
    std::vector<digit> digits{};  // in which the links of a kind differ
    rank_t count = 1;             // links of one class
    link_t example = 0;           // a class that is used
  };

  /// Notes which kinds of links on a route have a home in which digit `d` is 1: they are not one for all its values.
  void find_kinds(digit d, gpu_t a, gpu_t b) {
    machine_.route(a, b, routing::adaptive, 0, [&](link_t link) {
      link_class& of = classes_[static_cast<std::size_t>(machine_.kind(link))];
      if (d.of(home(link)) != 1 || std::ranges::find(of.digits, d) != of.digits.end()) return;
      of.digits.push_back(d);
      of.count *= d.radix;
    });
  }

  const T& machine_;
  packet_effects packets_;
  fold fold_;
  rank_t places_;
  std::int64_t images_;
  std::vector<link_class> classes_;  // by kind
  std::vector<link_t> links_;        // one of each class
  std::vector<capacity_run> runs_;
};

}  // namespace colossus::detail
