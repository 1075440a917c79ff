// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/likeness.hpp>
#include <colossus/detail/pacing.hpp>
#include <colossus/detail/route_draw.hpp>
#include <colossus/detail/shift_paces.hpp>
#include <colossus/detail/single_links.hpp>

namespace colossus::detail {

/// One draw of routes.
struct routes_drawn {
  routing how = routing::adaptive;
  int paths = 1;  // that each connection draws
  route_draw draw{};
};

/// The paces of all patterns of an outline under one draw of routes, and what links carry.
template <topology T, class Model>
class pattern_paces {
 public:
  /// `tell_use`: of kinds of links, by pattern.
  pattern_paces(const T& machine, const outline& what, const crew& crew, bool tell_use)
      : machine_{machine}, what_{what}, use_{crew}, tell_use_{tell_use}, likeness_{machine, what, crew} {
    paces_.resize(what.patterns.size()), often_.resize(what.patterns.size(), 0);
    once_.resize(what.patterns.size(), true);
    for (const phase& phase : what.phases) {
      often_[phase.pattern] += phase.period == 0 ? static_cast<double>(phase.rounds) * phase.stretch : 1.0;
      if (phase.rounds > 1 || phase.period != 0) once_[phase.pattern] = false;
    }
  }

  void use(const packet_effects& packets) {
    packets_ = packets;
    single_.reset(), shifts_.reset();
  }
  /// Seconds for each byte of a message alone: on the narrowest of its links.
  double slope_alone(std::span<const gpu_t> gpus, const message& m) const {
    double narrowest = std::numeric_limits<double>::infinity();
    machine_.route(gpus[static_cast<std::size_t>(m.from)], gpus[static_cast<std::size_t>(m.to)], routing::adaptive, 0,
                   [&](link_t at) { narrowest = std::min(narrowest, packets_.capacity(machine_, at)); });
    return 1 / narrowest;
  }

  /// Whether the images of a few messages are all of every pattern.
  bool all_fold(routing how) {
    for (std::size_t pattern = 0; pattern < paces_.size(); ++pattern)
      if (!folds(pattern, how)) return false;
    return true;
  }
  fold common() const { return likeness_.common(); }
  /// The classes of ranks by which all patterns are solved, where each is a shift whose images are all; else nothing.
  const shift_paces<T>* shifts(routing how) {
    if (use_.copies() != 1 || !all_fold(how)) return nullptr;
    if (!shifts_) shifts_.emplace(machine_, what_, packets_, likeness_.digits());
    return shifts_->solved() ? &*shifts_ : nullptr;
  }
  bool some_come_once() const { return std::ranges::find(once_, true) != once_.end(); }
  /// The messages of a pattern from ranks that `level` tells apart; where they come once and nothing tells their images
  /// apart but the paths that these draw, and `in_images` may be, they are.
  telling messages(std::size_t pattern, const fold& level, const routes_drawn& routes, bool in_images) {
    if (!level.none()) return {what_.messages(what_.patterns[pattern], level)};
    telling told = likeness_.all(pattern);
    const bool alike = once_[pattern] && folds(pattern, routes.how);
    if (!in_images ||
        !(alike || pacing<Model>::counts_heads(crowd_of(pattern, told.messages, told.images, routes), packets_)))
      told.spell_out();
    return told;
  }

  /// `sent[pattern]` and their `images[pattern]` are the messages from ranks that `level` tells apart: all, or where
  /// all patterns fold so at least a few whose images are all.
  void solve(const routes_drawn& routes, const fold& level, std::span<const std::vector<message>> sent,
             std::span<const std::vector<rank_t>> images) {
    if (!level.none() || all_fold(routes.how)) {
      link_fold links = likeness_.links(level, packets_);
      solve_on(links, routes, level, sent, images);
    } else {
      if (!single_) single_.emplace(machine_, packets_);
      solve_on(*single_, routes, level, sent, images);
    }
  }

  /// The same by classes of ranks.
  void solve(const shift_paces<T>& shifts, const fold& level) {
    for (std::size_t p = 0; p < paces_.size(); ++p) paces_[p] = shifts.paced(p, tell_use_);
    traffic_ = shifts.busy(level, often_);
  }

  const pace& of(std::size_t pattern) const { return paces_[pattern]; }
  const traffic& busy() const { return traffic_; }

 private:
  bool folds(std::size_t pattern, routing how) {
    if constexpr (requires { Model::alone; } || !regular_topology<T>) return false;
    else return packets_.queue_packets == 0 && likeness_.folds(pattern, how);
  }

  template <class Links>
  void solve_on(Links& links, const routes_drawn& routes, const fold& level, std::span<const std::vector<message>> sent,
                std::span<const std::vector<rank_t>> images) {
    carried_.clear(links.size());
    for (std::size_t p = 0; p < paces_.size(); ++p) {
      const bool few = folds(p, routes.how) && what_.patterns[p].period == 0 && !(likeness_.of(p) == level);
      paces_[p] = few ? unfolded(p, sent[p], links) : paced(p, sent[p], images[p], links, routes);
    }
    traffic_ = carried_.sum(links);
  }

  crowd crowd_of(std::size_t pattern, std::span<const message> messages) const {
    return {messages, what_.share(), what_.patterns[pattern].period, 1, 1, often_[pattern]};
  }
  crowd crowd_of(std::size_t pattern, std::span<const message> messages, std::span<const rank_t> images,
                 const routes_drawn& routes) const {
    crowd who = crowd_of(pattern, messages);
    who.copies = use_.copies(), who.paths = routes.paths, who.images = images;
    who.once = routes.how == routing::ecmp && once_[pattern];
    return who;
  }
  pace paced(std::size_t pattern, std::span<const message> some, std::span<const rank_t>, link_fold<T>& links,
             const routes_drawn&) {
    return pacing_(
        crowd_of(pattern, some), links, packets_, tell_use_,
        [&](int, const message& m, int, auto&& visit) { links.route(m.from, m.to, visit); }, carried_);
  }
  pace paced(std::size_t pattern, std::span<const message> all, std::span<const rank_t> images, single_links<T>& links,
             const routes_drawn& routes) {
    while (gpus_.size() < static_cast<std::size_t>(use_.copies()))
      gpus_.push_back(use_.gpus_of(static_cast<int>(gpus_.size())));
    return pacing_(
        crowd_of(pattern, all, images, routes), links, packets_, tell_use_,
        [&](int copy, const message& m, int path, auto&& visit) {
          const auto& gpus = gpus_[static_cast<std::size_t>(copy)];
          const gpu_t from = gpus[static_cast<std::size_t>(m.from)], to = gpus[static_cast<std::size_t>(m.to)];
          machine_.route(from, to, routes.how, routes.draw(from, to, copy % use_.lanes * routes.paths + path), visit);
        },
        carried_);
  }
  /// The pace of many messages from that of those whose images they are.
  template <class Links>
  pace unfolded(std::size_t pattern, std::span<const message> many, Links& links) {
    const fold& of = likeness_.of(pattern);
    const std::vector<message> some = what_.messages(what_.patterns[pattern], of);
    link_fold folded = likeness_.links(of, packets_);
    traffic_sum few_carry;
    few_carry.clear(folded.size());
    pace few = pacing_(
        crowd_of(pattern, some), folded, packets_, tell_use_,
        [&](int, const message& m, int, auto&& visit) { folded.route(m.from, m.to, visit); }, few_carry);
    few_carry.for_each([&](link_t at, double load) {
      const double each = load * folded.images() / folded.count(at);
      folded.for_each_link(at, links.digits(), [&](link_t link) {
        const link_t number = links.number(link);
        carried_.add(number, each * links.count(number) / links.images());
      });
    });
    std::vector<double> by_place(static_cast<std::size_t>(use_.ranks() / of.order()), 0), slopes;
    for (std::size_t i = 0; i < some.size(); ++i)
      by_place[static_cast<std::size_t>(of.place(some[i].from))] = few.slopes[i];
    slopes.reserve(many.size());
    for (const message& m : many) slopes.push_back(by_place[static_cast<std::size_t>(of.place(m.from))]);
    few.slopes = std::move(slopes);
    return few;
  }

  const T& machine_;
  const outline& what_;
  crew use_;
  bool tell_use_;
  packet_effects packets_;
  likeness<T> likeness_;
  std::vector<double> often_;             // each pattern comes
  std::vector<bool> once_;                // whether in no phase a pattern comes twice in a row
  std::vector<std::vector<gpu_t>> gpus_;  // of each copy's ranks
  std::optional<single_links<T>> single_;
  std::optional<shift_paces<T>> shifts_;
  pacing<Model> pacing_;
  std::vector<pace> paces_;
  traffic_sum carried_;
  traffic traffic_;
};

}  // namespace colossus::detail
