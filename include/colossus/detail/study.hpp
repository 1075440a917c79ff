// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/delays.hpp>
#include <colossus/detail/drift.hpp>
#include <colossus/detail/pattern_paces.hpp>
#include <colossus/detail/timeline.hpp>
#include <colossus/detail/wire_factor.hpp>

#include <optional>
#include <tuple>

namespace colossus::detail {

/// An outline on a topology under one draw of routes: everything about a schedule but the size of its data.
///
/// What folding assumes. Rates hold for a whole pattern: its messages (in a pipeline, those of equal rounds modulo the
/// period) share links as if they were always under way together; where lanes that are turned repeat a pattern of
/// unlike messages, in the mean of those that meet by chance (`drift`). Ranks that neither the schedule (`alike`) nor
/// the machine (`digits_of`) tells apart are one, and so are lanes that go in step, each turned by one place of a node:
/// that is exact. Where a message has several paths and one is drawn, nothing is alike: such patterns are routed and
/// solved message by message, and of the copies of a schedule (its lanes, the groups) the one with the slowest message
/// stands for all, among equals the one with the longest ways: lockstep. Where such a pattern is large and comes once,
/// heads are counted instead of solving it.
template <class Topology, class Model>
class study {
 public:
  study(const Topology& topology, const outline& outline, const crew& crew, bool tell_use = true)
      : topology_{topology},
        outline_{outline},
        use_{crew},
        tells_use_{tell_use},
        paces_{topology, outline, crew, tell_use} {
    const std::size_t n = outline.patterns.size();
    sent_.resize(n), placed_.resize(n), images_.resize(n), edges_.resize(n);
    walks_.resize(n), streams_.resize(n), drifts_.resize(n), alone_.resize(n);
  }

  /// What packets add, and who straggles, from the next draw on.
  void use(const packet_effects& packets, const disturbance& disturbed) {
    paces_.use(packets);
    for (auto& alone : alone_) alone.clear();
    if (delays_.none() && disturbed.delays_none()) return;
    delays_ = delays{disturbed, use_.ranks()};
    copy_ = nobody;
  }

  /// Draws the routes and solves every pattern. True where messages now go at another pace than after the last draw.
  bool draw(routing how, int queue_pairs, std::uint64_t seed) {
    const bool folds = delays_.none() && paces_.all_fold(how);
    const auto* const shifts = folds ? paces_.shifts(how) : nullptr;
    const routes_drawn routes{how, how == routing::ecmp ? queue_pairs : 1, route_draw{seed}};
    tell_apart(folds ? paces_.common() : fold{}, shifts, routes);
    if (shifts != nullptr) paces_.solve(*shifts, level_);
    else paces_.solve(routes, level_, sent_, images_);
    return take_copy(slowest_copy());
  }

  const outline& what() const { return outline_; }
  bool tells_use() const { return tells_use_; }
  const edges& edges_of(std::size_t pattern) const { return edges_[pattern]; }
  const walks& walks_in(std::size_t pattern) const { return walks_[pattern]; }
  /// The messages of a phase as they go when the whole is of so many bytes; valid until the next call.
  const edges& edges_in(const phase& phase, double bytes) {
    return drifts_[phase.pattern](edges_[phase.pattern], walks_[phase.pattern], phase.rounds, bytes);
  }
  /// Whether the pace of some messages is a mean, for ranks drift.
  bool drifts() const { return !std::ranges::all_of(drifts_, &drift::none); }
  /// How busy the busiest link of each kind is, in one round of the phase (a pipeline: in one generation).
  const std::vector<double>& use_in(std::size_t phase) const { return paces_.of(outline_.phases[phase].pattern).use; }
  const traffic& busy() const { return paces_.busy(); }
  /// What is known of the pipeline whose first generation the pattern is.
  pipeline& stream(std::size_t pattern) { return streams_[pattern]; }
  /// Ranks that are told apart, and how many each stands for.
  rank_t places() const { return use_.ranks() / level_.order(); }
  rank_t order() const { return level_.order(); }

  /// The GPU of each rank of the copy that stands for all.
  std::vector<gpu_t> gpus() const { return use_.gpus_of(static_cast<int>(copy_)); }
  /// Visits each message of a pattern that is told, between ranks: (message, seconds for each byte of the whole on the
  /// mean, how many of its copy it stands for).
  template <class Visit>
  void for_each_told(std::size_t pattern, Visit&& visit) const {
    const edges& e = edges_[pattern];
    const std::size_t images = std::max<std::size_t>(1, images_[pattern].size());
    std::vector<double> members(e.size(), static_cast<double>(images));
    if (!e.shift.none()) members.assign(e.size(), 0);
    for (const std::uint16_t of : e.shift.classes) ++members[of];
    for (std::size_t i = 0; i < e.size(); ++i) {
      double slope = e.images_differ() ? 0 : e.slope[i];
      for (std::size_t image = 0; e.images_differ() && image < images; ++image)
        slope += e.slope[i * images + image] / static_cast<double>(images);
      visit(sent_[pattern][i], slope, members[i] * order());
    }
  }

  double wire_factor(bool in_step) const { return detail::wire_factor(outline_, use_, level_, edges_, in_step); }

 private:
  static constexpr std::size_t nobody = ~std::size_t{0};

  /// From here ranks are one that differ in the digits of `level` only.
  void tell_apart(const fold& level, const shift_paces<Topology>* shifts, const routes_drawn& routes) {
    const std::tuple asked{routes.how, routes.paths, delays_.none()};
    const bool same = asked_ && (asked == *asked_ || !paces_.some_come_once());
    if (same && level == level_ && by_class_ == (shifts != nullptr)) return;
    level_ = level, asked_ = asked, by_class_ = shifts != nullptr, copy_ = nobody;
    if (by_class_) return tell_shifts(*shifts);
    for (std::size_t p = 0; p < edges_.size(); ++p) {
      telling told = paces_.messages(p, level, routes, delays_.none());
      sent_[p] = std::move(told.messages), images_[p] = std::move(told.images);
      placed_[p] = level.none() ? std::vector<message>{} : sent_[p];
      for (message& m : placed_[p]) m.from = level.place(m.from), m.to = level.place(m.to);
      edges_[p] = {level.none() ? sent_[p] : placed_[p], images_[p]};
      walks_[p] = {};
    }
    for (const phase& phase : outline_.phases)
      if (phase.period == 0 && phase.rounds > 1 && walks_[phase.pattern].all.empty())
        walks_[phase.pattern] = walks_of(edges_[phase.pattern].messages, places());
  }

  void tell_shifts(const shift_paces<Topology>& shifts) {
    for (std::size_t p = 0; p < edges_.size(); ++p) {
      sent_[p] = shifts.messages(p), placed_[p].clear(), images_[p].clear(), walks_[p] = {};
      const shift_classes& classes = shifts.classes(p);
      edges_[p] = {.messages = sent_[p],
                   .shift = {static_cast<std::size_t>(level_.place(classes.offset())), classes.by_place(level_)}};
    }
  }

  /// The copy with the slowest message; among equals the one with the longest ways.
  std::size_t slowest_copy() const {
    const auto copies = static_cast<std::size_t>(use_.copies());
    if (copies == 1) return 0;
    std::vector<double> slowest(copies, 0);
    for (std::size_t p = 0; p < edges_.size(); ++p) {
      const std::vector<double>& slopes = paces_.of(p).slopes;
      for (std::size_t copy = 0, n = edges_[p].count(); copy < copies && (copy + 1) * n <= slopes.size(); ++copy)
        for (std::size_t i = copy * n; i < (copy + 1) * n; ++i) slowest[copy] = std::max(slowest[copy], slopes[i]);
    }
    const double most = *std::ranges::max_element(slowest) * (1 - 1e-12);
    std::size_t chosen = nobody;
    double longest = 0;
    for (std::size_t copy = 0; copy < copies; ++copy) {
      if (slowest[copy] < most) continue;
      const double way = use_.groups.size() > 1 ? latencies(static_cast<int>(copy)) : 0;
      if (chosen == nobody || way > longest) chosen = copy, longest = way;
    }
    return chosen;
  }
  double latencies(int copy) const {
    double sum = 0;
    for (const std::vector<gpu_t> gpus = use_.gpus_of(copy); const auto& sent : sent_)
      for (const message& m : sent) sum += latency_s(gpus, m);
    return sum;
  }
  double latency_s(std::span<const gpu_t> gpus, const message& m) const {
    return topology_.latency_s(gpus[static_cast<std::size_t>(m.from)], gpus[static_cast<std::size_t>(m.to)]);
  }

  /// True where that changes anything.
  bool take_copy(std::size_t copy) {
    const bool elsewhere = copy != copy_;
    bool changed = elsewhere;
    const std::vector<gpu_t> gpus = elsewhere ? use_.gpus_of(static_cast<int>(copy)) : std::vector<gpu_t>{};
    for (std::size_t p = 0; p < edges_.size(); ++p) {
      edges& e = edges_[p];
      const pace& of = paces_.of(p);
      const std::size_t n = of.slopes.size() == e.size() ? e.size() : e.count();
      const std::size_t first = of.slopes.size() > n ? copy * n : 0;
      const std::span slopes = std::span{of.slopes}.subspan(first, n);
      const std::span waits = of.waits.empty() ? std::span{of.waits} : std::span{of.waits}.subspan(first, n);
      if (!elsewhere && std::ranges::equal(slopes, e.slope) && std::ranges::equal(waits, e.wait)) continue;
      changed = true;
      e.slope.assign(slopes.begin(), slopes.end()), e.wait.assign(waits.begin(), waits.end());
      if (elsewhere) place(e, sent_[p], static_cast<int>(copy), gpus), alone_[p].clear();
      e.find_uniform(static_cast<std::size_t>(places()));
      find_drift(p, static_cast<int>(copy));
    }
    if (changed) streams_.assign(edges_.size(), {});
    copy_ = copy;
    return changed;
  }
  /// Lanes that are turned, each by one place, meet in other parts of the pattern: there ranks drift apart.
  void find_drift(std::size_t pattern, int copy) {
    const edges& e = edges_[pattern];
    drifts_[pattern] = {};
    if (e.uniform || walks_[pattern].all.empty() || use_.lanes <= 1 || use_.rotation <= 1 || use_.groups.size() > 1)
      return;
    if (std::vector<double>& alone = alone_[pattern]; alone.empty())
      for (const std::vector<gpu_t> gpus = use_.gpus_of(copy); const message& m : sent_[pattern])
        alone.push_back(outline_.share(m) * paces_.slope_alone(gpus, m));
    drifts_[pattern].describe(e, alone_[pattern], (use_.lanes + use_.rotation - 1) / use_.rotation);
  }
  /// What depends on where a copy is: latencies, and who straggles.
  void place(edges& e, std::span<const message> sent, int copy, std::span<const gpu_t> gpus) const {
    e.delay.clear(), e.latency.resize(sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) e.latency[i] = latency_s(gpus, sent[i]);
    if (delays_.none()) return;
    for (const message& m : sent) e.delay.push_back(delays_.before(use_.actor(m.from, copy), 0, 0));
  }

  const Topology& topology_;
  const outline& outline_;
  crew use_;
  bool tells_use_;  // of kinds of links, phase by phase
  delays delays_{{}, 0};
  pattern_paces<Topology, Model> paces_;
  fold level_;
  std::optional<std::tuple<routing, int, bool>> asked_{};  // how, by how many paths, nobody delayed
  bool by_class_ = false;                                  // messages are those of classes of ranks
  std::size_t copy_ = nobody;                              // that stands for all
  std::vector<std::vector<message>> sent_, placed_;        // of each pattern, between ranks, between places
  std::vector<std::vector<rank_t>> images_;                // of the messages
  std::vector<edges> edges_;
  std::vector<walks> walks_;
  std::vector<pipeline> streams_;
  std::vector<drift> drifts_;
  std::vector<std::vector<double>> alone_;  // of each message: its slope where no other is under way
};

}  // namespace colossus::detail
