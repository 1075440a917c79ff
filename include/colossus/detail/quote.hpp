// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/repeated.hpp>
#include <colossus/cost_models.hpp>
#include <colossus/detail/overlap.hpp>
#include <colossus/detail/study.hpp>
#include <colossus/price.hpp>

#include <cmath>
#include <map>

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
  int lanes_in_step() const { return in_step() ? lanes : 1; }
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

/// True where two schedules of one type do the same. Schedules of one algorithm differ in their size only; a sample of steps
/// guards against those that differ otherwise.
template <schedule S>
bool same(const S& a, const S& b) {
  if (a.ranks() != b.ranks() || a.blocks() != b.blocks() || a.rounds() != b.rounds()) return false;
  for (std::uint64_t i = 0; a.rounds() > 0 && i < 64; ++i) {
    const auto rank = static_cast<rank_t>(mixed(i) % static_cast<std::uint64_t>(a.ranks()));
    const auto round = static_cast<round_t>(mixed(~i) % static_cast<std::uint64_t>(a.rounds()));
    if (a.at(rank, round) != b.at(rank, round)) return false;
  }
  return true;
}

/// True where one study serves both: the same core, and as many lanes that share links in step.
template <class Core>
bool alike(const dissected<Core>& a, const dissected<Core>& b) {
  return same(a.core, b.core) && a.lanes_in_step() == b.lanes_in_step() && a.rotation == b.rotation;
}

/// Bytes that all blocks together stand for: where input and output have blocks of their own, each byte counts twice.
template <class Collective>
double whole(std::int64_t bytes) {
  if constexpr (requires { Collective::separate_output; }) return 2.0 * static_cast<double>(bytes);
  else return static_cast<double>(bytes);
}

/// When each phase of the core ends, for `bytes` in one repetition of one lane.
struct times {
  double bytes = 0;
  std::vector<double> ends{};
  bool exact = true;
  double doubt = 0;
};

/// Times are convex and piecewise linear in the bytes: maxima over paths of latencies plus bytes times slopes. Where three
/// sizes lie on a line, so do all between them. Keeps what it has worked out, by number of generations.
template <class Study>
class timer {
 public:
  explicit timer(Study& study) : study_{study} {}

  void forget() { known_.clear(); }

  times operator()(round_t generations, double bytes) {
    std::vector<times>& known = known_[generations];
    for (const times& same : known)
      if (same.bytes == bytes) return same;
    for (std::size_t i = 0; i + 2 < known.size(); ++i)
      if (bytes >= known[i].bytes && bytes <= known[i + 2].bytes && straight(known[i], known[i + 1], known[i + 2]))
        return between(known[i], known[i + 2], bytes);
    const times made = replayed(generations, bytes);
    known.insert(std::ranges::lower_bound(known, bytes, {}, &times::bytes), made);
    return made;
  }

 private:
  static times between(const times& low, const times& high, double bytes) {
    const double part = (bytes - low.bytes) / (high.bytes - low.bytes);
    times line{bytes, low.ends, low.exact && high.exact, std::lerp(low.doubt, high.doubt, part)};
    for (std::size_t i = 0; i < line.ends.size(); ++i) line.ends[i] = std::lerp(low.ends[i], high.ends[i], part);
    return line;
  }
  static bool straight(const times& low, const times& middle, const times& high) {
    const times line = between(low, high, middle.bytes);
    for (std::size_t i = 0; i < line.ends.size(); ++i)
      if (std::abs(line.ends[i] - middle.ends[i]) > 1e-12 * middle.ends[i]) return false;
    return true;
  }

  /// Sampled rounds stand for themselves and their neighbours, and their scatter for what is not known of these.
  times sampled(double bytes) {
    times made{bytes};
    const double scale = study_.what().scale;
    double sum = 0, squares = 0;
    for (const phase& phase : study_.what().phases) {
      timeline line{study_.ranks()};
      line.run(study_.edges_of(phase.pattern), study_.walks_in(phase.pattern), 1, bytes);
      sum += line.now();
      squares += line.now() * line.now();
      made.ends.push_back(sum * scale);
    }
    const auto n = static_cast<double>(made.ends.size());
    const double variance = std::max(0.0, squares - sum * sum / n) / (n - 1);
    made.doubt = std::max(2 * std::sqrt(variance / n) * n * scale, 1e-15 * made.ends.back());
    return made;
  }

  times replayed(round_t generations, double bytes) {
    if (study_.what().scale > 1) return sampled(bytes);
    timeline line{study_.ranks()};
    times made{bytes};
    for (const phase& phase : study_.what().phases) {
      const edges& e = study_.edges_of(phase.pattern);
      if (phase.period == 0) line.run(e, study_.walks_in(phase.pattern), phase.rounds, bytes);
      else line.run(e, study_.stream(phase.pattern), phase.period, generations, bytes / static_cast<double>(generations));
      made.ends.push_back(line.now());
    }
    made.exact = line.exact();
    made.doubt = line.doubt();
    return made;
  }

  Study& study_;
  std::map<round_t, std::vector<times>> known_;
};
template <class Study>
timer(Study&) -> timer<Study>;

/// Seconds of the whole operation, given those of the core.
template <class Study, class Core>
double together(const Study& study, const dissected<Core>& parts, const times& core) {
  if (parts.in_step()) return (core.ends.empty() ? 0 : core.ends.back()) * parts.times;
  std::vector<stretch> once, lane;
  double before = 0;
  for (std::size_t i = 0; i < core.ends.size(); ++i) {
    const phase& phase = study.what().phases[i];
    stretch part{core.ends[i] - before, phase.rounds + (parts.generations - 1) * phase.period, study.use_in(i)};
    const double often = phase.period != 0 ? 1 : static_cast<double>(phase.rounds);
    for (double& use : part.use) use = part.seconds > 0 ? std::min(1.0, use * often * core.bytes / part.seconds) : 0;
    once.push_back(std::move(part));
    before = core.ends[i];
  }
  for (int time = 0; time < parts.times; ++time) lane.insert(lane.end(), once.begin(), once.end());
  return overlap{lane, parts.lanes, parts.stagger}();
}

/// What set the time, and how busy each kind of link was.
template <class Study, topology T, class Core>
void explain(price& p, const Study& study, const T& machine, const dissected<Core>& parts, double bytes) {
  const double scale = parts.in_step() ? bytes / parts.lanes : bytes;  // a study in step holds all lanes
  const traffic& busy = study.busy();
  p.utilisation = busy.mean;
  for (double& mean : p.utilisation) mean = p.seconds > 0 ? mean * scale / p.seconds : 0;
  const bool by_bandwidth = busy.most > 0 && busy.most * scale >= 0.5 * p.seconds;
  p.limit = by_bandwidth ? machine.kinds()[static_cast<std::size_t>(machine.kind(busy.busiest))] : "latency";
  p.limit_link = by_bandwidth ? machine.link_name(busy.busiest) : "";
}

/// Share of the whole that the busiest rank sends.
template <class Core>
double wire_factor(const outline& outline, const dissected<Core>& parts, rank_t ranks) {
  std::vector<double> sent(static_cast<std::size_t>(ranks), 0);
  for (const phase& phase : outline.phases)
    for (const message& m : outline.patterns[phase.pattern])
      sent[static_cast<std::size_t>(m.from)] += m.share * (phase.period != 0 ? 1.0 : static_cast<double>(phase.rounds) * outline.scale);
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

/// Requests in an order that leaves most to interpolation: of those with equally many generations the outermost sizes first,
/// then the middle one, then the middles of what is between.
template <class Core>
std::vector<std::size_t> halving(const std::vector<dissected<Core>>& parts, const std::vector<std::size_t>& which) {
  std::map<round_t, std::vector<std::size_t>> alike;
  for (const std::size_t i : which) alike[parts[i].generations].push_back(i);
  std::vector<std::size_t> order;
  for (const auto& [generations, all] : alike) {
    order.push_back(all.back());
    if (all.size() > 1) order.push_back(all.front());
    std::vector<std::pair<std::size_t, std::size_t>> gaps{{0, all.size() - 1}};
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      const auto [low, high] = gaps[i];
      if (high - low < 2) continue;
      const std::size_t middle = low + (high - low) / 2;
      order.push_back(all[middle]);
      gaps.insert(gaps.end(), {{low, middle}, {middle, high}});
    }
  }
  return order;
}

/// The requests `which` share a study: prices them under each of the options, prices[option][request].
template <class Model, class Collective, topology T, class Core>
void quote_alike(const std::vector<dissected<Core>>& parts, std::span<const std::int64_t> bytes, const std::vector<std::size_t>& which,
                 const T& machine, std::span<const gpu_t> placement, std::span<const simulate_options> options,
                 std::vector<std::vector<price>>& prices) {
  const dissected<Core>& first = parts[which.front()];
  const outline what = outline_of(first.core, options.front().approximate);
  const double wire = wire_factor(what, first, static_cast<rank_t>(placement.size()));
  const std::vector<std::size_t> order = halving(parts, which);
  study<T, Model> study{machine, what, {placement, first.lanes_in_step(), first.rotation}};
  timer time{study};
  for (std::size_t option = 0; option < options.size(); ++option) {
    const routing_options& routes = options[option].routing;
    const bool drawn = routes.kind == routing::ecmp;
    for (int draw = 0; draw < (drawn ? routes.seeds : 1); ++draw) {
      if (study.draw(routes.kind, routes.queue_pairs, routes.seed + static_cast<std::uint64_t>(draw))) time.forget();
      for (const std::size_t i : order) {
        price& p = prices[option][i];
        const double size = whole<Collective>(bytes[i]);
        const times core = time(parts[i].generations, size / parts[i].lanes / parts[i].times);
        p.draws.push_back(together(study, parts[i], core));
        p.seconds = median(p.draws);
        p.kind = core.doubt > 0 ? "sampled" : !drawn && core.exact && parts[i].in_step() ? "exact" : "lockstep";
        p.doubt = std::max(p.doubt, core.doubt * parts[i].times);
        if (draw == 0) explain(p, study, machine, parts[i], size);
        p.wire_factor = wire * whole<Collective>(1);
        p.lanes = parts[i].lanes;
        p.chunk_bytes = static_cast<std::int64_t>(std::ceil(size / parts[i].blocks));
      }
    }
  }
}

/// One price a request under each of the options. Requests whose schedules differ only in the number of chunks or lanes share
/// their study, and so do routings under which messages go equally fast.
template <class Collective, class Requests, topology T>
std::vector<std::vector<price>> quote(const Requests& requests, const T& machine, std::span<const gpu_t> placement,
                                      std::span<const simulate_options> options) {
  std::vector<decltype(dissect(requests[0].schedule))> parts;
  std::vector<std::int64_t> bytes;
  for (const auto& request : requests) {
    parts.push_back(dissect(request.schedule));
    bytes.push_back(request.bytes);
  }
  std::vector prices(options.size(), std::vector<price>(parts.size()));
  std::vector<bool> done(parts.size(), false);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (done[i]) continue;
    std::vector<std::size_t> which;
    for (std::size_t j = i; j < parts.size(); ++j)
      if (!done[j] && alike(parts[i], parts[j])) which.push_back(j), done[j] = true;
    if (options.front().cost_model == model::alpha_beta)
      quote_alike<cost_models::alpha_beta, Collective>(parts, bytes, which, machine, placement, options, prices);
    else quote_alike<cost_models::max_min, Collective>(parts, bytes, which, machine, placement, options, prices);
  }
  return prices;
}

}  // namespace colossus::detail
