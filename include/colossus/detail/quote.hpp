// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/repeated.hpp>
#include <colossus/cost_models.hpp>
#include <colossus/detail/overlap.hpp>
#include <colossus/detail/study.hpp>
#include <colossus/price.hpp>

#include <cmath>
#include <cstring>

namespace colossus::detail {

/// A schedule to be priced at a size.
template <schedule S>
struct request {
  S schedule;
  std::int64_t bytes = 0;
};

/// A schedule taken apart: `lanes` copies of `times` repetitions of a core, whose pipelines (if any) run `generations` times.
template <schedule Core>
struct dissected {
  Core core;
  int lanes = 1, times = 1;
  round_t stagger = 0, generations = 1;
  rank_t rotation = 0;
  block_t blocks = 1;  // of the whole

  bool in_step() const { return stagger == 0; }
};

template <schedule S>
auto dissect_core(const S& s) {
  if constexpr (pipelined_schedule<S>) {
    const auto period = static_cast<block_t>(std::min<round_t>(s.period(), s.chunks()));
    return dissected<S>{.core = s.with_chunks(period), .generations = (s.chunks() + period - 1) / period};
  } else return dissected<S>{.core = s};
}
template <schedule S>
auto dissect_times(const S& s) {
  if constexpr (requires { s.times(); }) {
    auto parts = dissect_core(s.inner());
    parts.times = s.times();
    return parts;
  } else return dissect_core(s);
}
template <schedule S>
auto dissect(const S& s) {
  if constexpr (laned_schedule<S>) {
    auto parts = dissect_times(s.inner());
    parts.lanes = s.lane_count();
    parts.stagger = parts.lanes == 1 ? 0 : s.stagger();
    parts.rotation = parts.lanes == 1 ? 0 : s.rotation();
    parts.blocks = s.blocks();
    return parts;
  } else {
    auto parts = dissect_times(s);
    parts.blocks = s.blocks();
    return parts;
  }
}

/// True where one study serves both: the same core, and as many lanes that share links in step.
template <class Core>
bool alike(const dissected<Core>& a, const dissected<Core>& b) {
  return std::memcmp(&a.core, &b.core, sizeof a.core) == 0 && a.in_step() == b.in_step() && a.rotation == b.rotation &&
         (!a.in_step() || a.lanes == b.lanes);
}

/// Bytes that all blocks together stand for: where input and output have blocks of their own, each byte counts twice.
template <class Collective>
double whole(std::int64_t bytes) {
  if constexpr (requires { Collective::separate_output; }) return 2.0 * static_cast<double>(bytes);
  else return static_cast<double>(bytes);
}

/// Prices one size on a drawn study.
template <class Study, class Core>
double seconds_of(Study& study, const dissected<Core>& parts, double bytes, bool& exact) {
  const double slice = bytes / parts.lanes / parts.times;
  timeline line{study.ranks()};
  std::vector<stretch> stretches;
  const auto& phases = study.what().phases;
  for (std::size_t i = 0; i < phases.size(); ++i) {
    const phase& phase = phases[i];
    const double before = line.now();
    if (phase.period != 0) line.run(study.edges_of(phase.pattern), study.stream(phase.pattern), phase.period, parts.generations,
                                    slice / static_cast<double>(parts.generations));
    else line.run(study.edges_of(phase.pattern), study.walks_in(phase.pattern), phase.rounds, slice);
    stretch part{line.now() - before, phase.rounds + (parts.generations - 1) * phase.period, study.use_in(i).by_kind};
    const double often = phase.period != 0 ? 1 : static_cast<double>(phase.rounds);
    for (double& use : part.use) use = part.seconds > 0 ? std::min(1.0, use * often * slice / part.seconds) : 0;
    stretches.push_back(std::move(part));
  }
  exact = exact && line.exact();
  if (parts.in_step()) return line.now() * parts.times;
  std::vector<stretch> lane;
  for (int time = 0; time < parts.times; ++time) lane.insert(lane.end(), stretches.begin(), stretches.end());
  exact = false;
  return overlap{lane, parts.lanes, parts.stagger}();
}

/// What set the time, and how busy each kind of link was.
template <class Study, topology T, class Core>
void explain(price& p, const Study& study, const T& machine, const dissected<Core>& parts, double bytes) {
  const auto kinds = machine.kinds();
  std::vector<double> sum(kinds.size(), 0), links(kinds.size(), 0);
  double most = 0;
  link_t busiest = 0;
  const double scale = parts.in_step() ? bytes / parts.lanes : bytes;  // a study in step holds all lanes
  const auto busy = study.link_busy();
  for (link_t link = 0; link < busy.size(); ++link) {
    if (busy[link] <= 0) continue;
    const auto kind = static_cast<std::size_t>(machine.kind(link));
    sum[kind] += busy[link] * scale;
    ++links[kind];
    if (busy[link] > most) most = busy[link], busiest = link;
  }
  p.utilisation.assign(kinds.size(), 0);
  for (std::size_t kind = 0; kind < kinds.size(); ++kind)
    if (links[kind] > 0 && p.seconds > 0) p.utilisation[kind] = sum[kind] / links[kind] / p.seconds;
  const bool by_bandwidth = most * scale >= 0.5 * p.seconds && most > 0;
  p.limit = by_bandwidth ? kinds[static_cast<std::size_t>(machine.kind(busiest))] : "latency";
  p.limit_link = by_bandwidth ? machine.link_name(busiest) : "";
}

/// Share of the whole that the busiest rank sends.
template <class Core>
double wire_factor(const outline& outline, const dissected<Core>& parts, rank_t ranks) {
  std::vector<double> sent(static_cast<std::size_t>(ranks), 0);
  for (const phase& phase : outline.phases)
    for (const message& m : outline.patterns[phase.pattern])
      sent[static_cast<std::size_t>(m.from)] += m.share * (phase.period != 0 ? 1.0 : static_cast<double>(phase.rounds));
  if (parts.rotation > 1 && parts.in_step())  // lanes take turns at the places of a node
    for (std::size_t node = 0; node < sent.size(); node += static_cast<std::size_t>(parts.rotation)) {
      double sum = 0;
      for (rank_t i = 0; i < parts.rotation; ++i) sum += sent[node + static_cast<std::size_t>(i)];
      for (rank_t i = 0; i < parts.rotation; ++i) sent[node + static_cast<std::size_t>(i)] = sum / parts.rotation;
    }
  return sent.empty() ? 0 : *std::ranges::max_element(sent);
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The last, the first and the middle one, then the others: sizes between those that were priced cost next to nothing.
inline std::vector<std::size_t> ends_first(const std::vector<std::size_t>& which) {
  std::vector<std::size_t> order{which.back(), which.front(), which[which.size() / 2]};
  for (const std::size_t i : which)
    if (std::ranges::find(order, i) == order.end()) order.push_back(i);
  order.erase(std::unique(order.begin(), order.begin() + 3), order.begin() + 3);
  return order;
}

template <class Model, class Collective, topology T, class Core>
void quote_alike(const std::vector<dissected<Core>>& parts, std::span<const std::int64_t> bytes, const std::vector<std::size_t>& which,
                 const T& machine, std::span<const gpu_t> placement, const simulate_options& options, std::vector<price>& prices) {
  const dissected<Core>& first = parts[which.front()];
  const outline what = outline_of(first.core);
  const routing_options& routes = options.routing;
  study<T, Model> study{machine, what, {placement, routes.kind, routes.queue_pairs, first.in_step() ? first.lanes : 1, first.rotation}};
  const bool drawn = routes.kind == routing::ecmp;
  const double wire = wire_factor(what, first, static_cast<rank_t>(placement.size()));
  for (int draw = 0; draw < (drawn ? routes.seeds : 1); ++draw) {
    study.draw(routes.seed + static_cast<std::uint64_t>(draw));
    for (const std::size_t i : ends_first(which)) {
      price& p = prices[i];
      const double size = whole<Collective>(bytes[i]);
      bool exact = !drawn;
      p.draws.push_back(seconds_of(study, parts[i], size, exact));
      p.seconds = median(p.draws);
      p.kind = exact ? "exact" : "lockstep";
      if (draw == 0) explain(p, study, machine, parts[i], size);
      p.wire_factor = wire * whole<Collective>(1);
      p.lanes = parts[i].lanes;
      p.chunk_bytes = static_cast<std::int64_t>(std::ceil(size / parts[i].blocks));
    }
  }
  for (const std::size_t i : which) prices[i].low = prices[i].high = prices[i].seconds;
}

/// One price a request. Requests whose schedules differ only in the number of chunks or lanes share their study.
template <class Collective, class Requests, topology T>
std::vector<price> quote(const Requests& requests, const T& machine, std::span<const gpu_t> placement, const simulate_options& options) {
  std::vector<decltype(dissect(requests[0].schedule))> parts;
  std::vector<std::int64_t> bytes;
  for (const auto& request : requests) {
    parts.push_back(dissect(request.schedule));
    bytes.push_back(request.bytes);
  }
  std::vector<price> prices(parts.size());
  std::vector<bool> done(parts.size(), false);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (done[i]) continue;
    std::vector<std::size_t> which;
    for (std::size_t j = i; j < parts.size(); ++j)
      if (!done[j] && alike(parts[i], parts[j])) which.push_back(j), done[j] = true;
    if (options.cost_model == model::alpha_beta)
      quote_alike<cost_models::alpha_beta, Collective>(parts, bytes, which, machine, placement, options, prices);
    else quote_alike<cost_models::max_min, Collective>(parts, bytes, which, machine, placement, options, prices);
  }
  return prices;
}

}  // namespace colossus::detail
