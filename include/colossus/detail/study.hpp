// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/delays.hpp>
#include <colossus/detail/likeness.hpp>
#include <colossus/detail/pacing.hpp>
#include <colossus/detail/route_draw.hpp>
#include <colossus/detail/timeline.hpp>
#include <colossus/detail/traffic.hpp>

namespace colossus::detail {

/// An outline on a topology under one draw of routes: everything about a schedule but the size of its data.
///
/// What folding assumes. Rates hold for a whole pattern: its messages (in a pipeline, those of equal rounds modulo the
/// period) share links as if they were always under way together. Ranks that neither the schedule (`alike`) nor the
/// machine (`digits_of`) tells apart are one, and so are lanes that go in step, each turned by one place of a node:
/// that is exact. Where a message has several paths and one is drawn, nothing is alike: such patterns are routed and
/// solved message by message, and of the copies of a schedule (its lanes, the groups) the one with the slowest message
/// stands for all, among equals the one with the longest ways: lockstep.
template <class Topology, class Model>
class study {
 public:
  study(const Topology& topology, const outline& outline, const crew& crew)
      : topology_{topology},
        outline_{outline},
        use_{crew},
        likeness_{topology, outline, crew},
        sent_(outline.patterns.size()),
        edges_(outline.patterns.size()),
        walks_(outline.patterns.size()),
        paces_(outline.patterns.size()),
        streams_(outline.patterns.size()) {}

  /// What packets add, and who straggles, from the next draw on.
  void use(const packet_effects& packets, const disturbance& disturbed) {
    packets_ = packets;
    if (delays_.none() && disturbed.delays_none()) return;
    delays_ = delays{disturbed, use_.ranks()};
    copy_ = nobody;
  }

  /// Draws the routes and solves every pattern. True where messages now go at another pace than after the last draw.
  bool draw(routing how, int queue_pairs, std::uint64_t seed) {
    how_ = how;
    paths_ = how == routing::ecmp ? queue_pairs : 1;
    drawn_ = route_draw{seed};
    bool all_fold = delays_.none();
    for (std::size_t pattern = 0; pattern < edges_.size(); ++pattern) all_fold &= folds(pattern);
    tell_apart(all_fold ? likeness_.common() : fold{});
    if (all_fold) {
      link_fold links = likeness_.links(level_, packets_);
      busy_.clear(links.size());
      for (std::size_t p = 0; p < edges_.size(); ++p)
        paces_[p] = folded(p, sent_[p], links, [&](link_t link, double busy) { busy_.add(link, busy * times(p)); });
      traffic_ = busy_.sum(links, topology_.kinds().size());
    } else {
      const single_links<Topology> links{topology_, packets_};
      busy_.clear(links.size());
      for (std::size_t p = 0; p < edges_.size(); ++p)
        paces_[p] = folds(p) && outline_.patterns[p].period == 0 ? unfolded(p) : single(p, links);
      traffic_ = busy_.sum(links, topology_.kinds().size());
    }
    return take_copy(slowest_copy());
  }

  const outline& what() const { return outline_; }
  const edges& edges_of(std::size_t pattern) const { return edges_[pattern]; }
  const walks& walks_in(std::size_t pattern) const { return walks_[pattern]; }
  /// How busy the busiest link of each kind is, in one round of the phase (a pipeline: in one generation).
  const std::vector<double>& use_in(std::size_t phase) const { return paces_[outline_.phases[phase].pattern].use; }
  const traffic& busy() const { return traffic_; }
  /// What is known of the pipeline whose first generation the pattern is.
  pipeline& stream(std::size_t pattern) { return streams_[pattern]; }
  /// Ranks that are told apart, and how many each stands for.
  rank_t places() const { return use_.ranks() / level_.order(); }
  rank_t order() const { return level_.order(); }

  /// Share of the whole that the busiest rank sends.
  double wire_factor(bool in_step) const {
    std::vector<double> sent(static_cast<std::size_t>(places()), 0);
    for (const phase& phase : outline_.phases)
      for (const message& m : edges_[phase.pattern].messages)
        sent[static_cast<std::size_t>(m.from)] +=
            outline_.share(m) * (phase.period != 0 ? 1.0 : static_cast<double>(phase.rounds) * outline_.scale);
    const bool rails = level_.none() || level_.digits().front().stride > 1;
    if (use_.rotation > 1 && in_step && rails)  // lanes take turns at the places of a node
      for (auto node = sent.begin(); node != sent.end(); node += use_.rotation)
        std::fill_n(node, use_.rotation, std::accumulate(node, node + use_.rotation, 0.0) / use_.rotation);
    return sent.empty() ? 0 : *std::ranges::max_element(sent);
  }

 private:
  static constexpr std::size_t nobody = ~std::size_t{0};

  bool folds(std::size_t pattern) {
    if constexpr (requires { Model::alone; } || !regular_topology<Topology>) return false;
    else return packets_.queue_packets == 0 && likeness_.folds(pattern, how_);
  }
  /// How often a pattern comes.
  double times(std::size_t pattern) const {
    double sum = 0;
    for (const phase& phase : outline_.phases)
      if (phase.pattern == pattern) sum += phase.period == 0 ? static_cast<double>(phase.rounds) * outline_.scale : 1.0;
    return sum;
  }

  /// From here ranks are one that differ in the digits of `level` only.
  void tell_apart(const fold& level) {
    if (known_ && level == level_) return;
    level_ = level, known_ = true, copy_ = nobody;
    for (std::size_t p = 0; p < edges_.size(); ++p) {
      sent_[p] = outline_.messages(outline_.patterns[p], level);
      edges_[p] = {sent_[p]};
      if (!level.none())
        for (message& m : edges_[p].messages) m.from = level.place(m.from), m.to = level.place(m.to);
      walks_[p] = {};
    }
    for (const phase& phase : outline_.phases)
      if (phase.period == 0 && phase.rounds > 1 && walks_[phase.pattern].all.empty())
        walks_[phase.pattern] = walks_of(edges_[phase.pattern].messages, places());
  }

  template <class Add>
  pace folded(std::size_t pattern, std::span<const message> some, link_fold<Topology>& links, Add&& add) {
    return pacing_(
        outline_, some, outline_.patterns[pattern].period, 1, 1, packets_, links, topology_.kinds().size(),
        [&](int, const message& m, int, auto&& visit) { links.route(m.from, m.to, visit); }, add);
  }
  /// The pace of all messages of a pattern from that of a few.
  pace unfolded(std::size_t pattern) {
    const fold& of = likeness_.of(pattern);
    const std::vector<message> some = outline_.messages(outline_.patterns[pattern], of);
    link_fold links = likeness_.links(of, packets_);
    const double often = times(pattern);
    pace few = folded(pattern, some, links, [&](link_t at, double busy) {
      links.for_each_link(at, [&](link_t link) { busy_.add(link, busy * often); });
    });
    std::vector<double> by_place(static_cast<std::size_t>(use_.ranks() / of.order()), 0), slopes;
    for (std::size_t i = 0; i < some.size(); ++i)
      by_place[static_cast<std::size_t>(of.place(some[i].from))] = few.slopes[i];
    for (const message& m : sent_[pattern]) slopes.push_back(by_place[static_cast<std::size_t>(of.place(m.from))]);
    few.slopes = std::move(slopes);
    return few;
  }
  /// The pace of all messages of a pattern, each routed.
  pace single(std::size_t pattern, const single_links<Topology>& links) {
    while (gpus_.size() < static_cast<std::size_t>(use_.copies()))
      gpus_.push_back(use_.gpus_of(static_cast<int>(gpus_.size())));
    const double often = times(pattern);
    return pacing_(
        outline_, sent_[pattern], outline_.patterns[pattern].period, use_.copies(), paths_, packets_, links,
        topology_.kinds().size(),
        [&](int copy, const message& m, int path, auto&& visit) {
          const auto& gpus = gpus_[static_cast<std::size_t>(copy)];
          const gpu_t from = gpus[static_cast<std::size_t>(m.from)], to = gpus[static_cast<std::size_t>(m.to)];
          topology_.route(from, to, how_, drawn_(from, to, copy % use_.lanes * paths_ + path), visit);
        },
        [&](link_t link, double busy) { busy_.add(link, busy * often); });
  }

  /// The copy with the slowest message; among equals the one with the longest ways.
  std::size_t slowest_copy() const {
    std::vector<double> slowest(static_cast<std::size_t>(use_.copies()), 0);
    for (std::size_t p = 0; p < edges_.size(); ++p) {
      const std::size_t n = edges_[p].size();
      for (std::size_t copy = 0; copy < slowest.size() && (copy + 1) * n <= paces_[p].slopes.size(); ++copy)
        for (std::size_t i = copy * n; i < (copy + 1) * n; ++i)
          slowest[copy] = std::max(slowest[copy], paces_[p].slopes[i]);
    }
    const double most = *std::ranges::max_element(slowest) * (1 - 1e-12);
    std::size_t chosen = nobody;
    double longest = 0;
    for (std::size_t copy = 0; copy < slowest.size(); ++copy) {
      if (slowest[copy] < most) continue;
      const double way = use_.groups.size() > 1 ? latencies(static_cast<int>(copy)) : 0;
      if (chosen == nobody || way > longest) chosen = copy, longest = way;
    }
    return chosen;
  }
  double latencies(int copy) const {
    const std::vector<gpu_t> gpus = use_.gpus_of(copy);
    double sum = 0;
    for (const auto& sent : sent_)
      for (const message& m : sent)
        sum += topology_.latency_s(gpus[static_cast<std::size_t>(m.from)], gpus[static_cast<std::size_t>(m.to)]);
    return sum;
  }

  /// True where that changes anything.
  bool take_copy(std::size_t copy) {
    bool changed = copy != copy_;
    const std::vector<gpu_t> gpus = changed ? use_.gpus_of(static_cast<int>(copy)) : std::vector<gpu_t>{};
    for (std::size_t p = 0; p < edges_.size(); ++p) {
      edges& e = edges_[p];
      const std::size_t first = paces_[p].slopes.size() > e.size() ? copy * e.size() : 0;
      const auto own = [&](const std::vector<double>& all) {
        return all.empty() ? all
                           : std::vector<double>(all.begin() + static_cast<std::ptrdiff_t>(first),
                                                 all.begin() + static_cast<std::ptrdiff_t>(first + e.size()));
      };
      std::vector<double> slope = own(paces_[p].slopes), waits = own(paces_[p].waits);
      const bool same = copy == copy_ && slope == e.slope && waits == e.wait;
      changed |= !same;
      e.slope = std::move(slope), e.wait = std::move(waits);
      if (copy != copy_) place(e, sent_[p], static_cast<int>(copy), gpus);
      if (!same) e.find_uniform(static_cast<std::size_t>(places()));
    }
    if (changed) streams_.assign(edges_.size(), {});
    copy_ = copy;
    return changed;
  }
  /// What depends on where a copy is: latencies, and who straggles.
  void place(edges& e, std::span<const message> sent, int copy, std::span<const gpu_t> gpus) const {
    e.latency.resize(sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i)
      e.latency[i] =
          topology_.latency_s(gpus[static_cast<std::size_t>(sent[i].from)], gpus[static_cast<std::size_t>(sent[i].to)]);
    e.delay.clear();
    for (std::size_t i = 0; !delays_.none() && i < sent.size(); ++i)
      e.delay.push_back(delays_.before(use_.actor(sent[i].from, copy), 0, 0));
  }

  const Topology& topology_;
  const outline& outline_;
  crew use_;
  routing how_ = routing::adaptive;
  int paths_ = 1;  // that each connection draws
  route_draw drawn_;
  packet_effects packets_;
  delays delays_{{}, 0};
  likeness<Topology> likeness_;
  fold level_;
  bool known_ = false;
  std::size_t copy_ = nobody;               // that stands for all
  std::vector<std::vector<gpu_t>> gpus_;    // of each copy's ranks
  std::vector<std::vector<message>> sent_;  // of each pattern, between ranks
  std::vector<edges> edges_;
  std::vector<walks> walks_;
  std::vector<pace> paces_;
  std::vector<pipeline> streams_;
  pacing<Model> pacing_;
  traffic_sum busy_;
  traffic traffic_;
};

}  // namespace colossus::detail
