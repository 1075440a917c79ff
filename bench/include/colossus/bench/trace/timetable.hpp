// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/quote.hpp>

namespace colossus::detail {

/// Consecutive rounds of a lane, at even paces from `begin` to `end`, seconds.
struct stint {
  round_t first = 0, rounds = 1;
  double begin = 0, end = 0;
  std::size_t phase = 0;
  double slowed = 1;  // by lanes that are in other rounds
};

/// What moves in a phase.
struct traced_phase {
  round_t period = 0, generations = 1;
  bool alike = false;           // all of its rounds have one pattern
  std::vector<double> slope{};  // by distance: seconds for each byte of a message, on the mean; 0: none goes so far
  /// By kind of link, the bytes over it of one lane: in each round, or in a pipeline in the rounds of a generation.
  std::vector<std::vector<double>> moved{};
};

/// A folded price as what happens when. Rounds are evenly between the ends of their phase, which the price knows, and
/// so are in a pipeline those of all generations.
struct timetable {
  double seconds = 0;
  bool sampled = false;
  std::vector<traced_phase> phases{};
  std::vector<std::vector<stint>> lanes{};  // of each lane, or of all that go in step
  int in_step = 1;                          // lanes that the first of them stands for
};

/// Kinds of links on the way between two GPUs, with repetitions, by distance: looked up once for each.
template <topology T>
class ways_by_distance {
 public:
  explicit ways_by_distance(const T& machine)
      : machine_{machine}, kinds_(static_cast<std::size_t>(machine.distances())) {}

  const std::vector<int>& operator()(gpu_t a, gpu_t b) {
    std::vector<int>& known = kinds_[static_cast<std::size_t>(machine_.distance(a, b))];
    if (known.empty())
      machine_.route(a, b, routing::adaptive, 0, [&](link_t link) { known.push_back(machine_.kind(link)); });
    return known;
  }

 private:
  const T& machine_;
  std::vector<std::vector<int>> kinds_;
};

/// What a study says of a phase of a core of so many bytes.
template <class Study, topology T>
traced_phase describe_phase(const Study& study, const T& machine, const phase& phase, const slicing& parts,
                            double bytes, double copies) {
  const section& pattern = study.what().patterns[phase.pattern];
  const bool streams = phase.period != 0;
  traced_phase found{phase.period, streams ? parts.generations : 1, !streams && phase.stretch == 1};
  found.moved.assign(streams ? static_cast<std::size_t>(phase.rounds) : 1, std::vector<double>(machine.kinds().size()));
  found.slope.assign(static_cast<std::size_t>(machine.distances()), 0);
  std::vector<double> count(found.slope.size(), 0);
  ways_by_distance ways{machine};
  const std::vector<gpu_t> gpus = study.gpus();
  const double piece = bytes / static_cast<double>(found.generations) * phase.stretch * copies;
  study.for_each_told(phase.pattern, [&](const message& m, double slope, double stands_for) {
    const gpu_t a = gpus[static_cast<std::size_t>(m.from)], b = gpus[static_cast<std::size_t>(m.to)];
    const auto distance = static_cast<std::size_t>(machine.distance(a, b));
    const double share = study.what().share(m);
    found.slope[distance] += slope / share * stands_for, count[distance] += stands_for;
    auto& moved = found.moved[streams ? static_cast<std::size_t>(m.round - pattern.first) : 0];
    for (const int kind : ways(a, b)) moved[static_cast<std::size_t>(kind)] += piece * share * stands_for;
  });
  for (std::size_t i = 0; i < count.size(); ++i)
    if (count[i] > 0) found.slope[i] /= count[i];
  return found;
}

/// When the phases of a lane go on, `times` times in a row.
inline std::vector<stint> stints_of(const outline& what, const slicing& parts, const times& core) {
  std::vector<stint> all;
  round_t first = 0;
  double begin = 0;
  for (int time = 0; time < parts.times; ++time)
    for (std::size_t i = 0; i < what.phases.size(); ++i) {
      const phase& p = what.phases[i];
      const double end = core.ends[i] + time * core.ends.back();
      const round_t more = p.period == 0 ? 0 : (parts.generations - 1) * p.period;
      all.push_back({first, std::llround(static_cast<double>(p.rounds) * p.stretch) + more, begin, end, i, 1});
      first += all.back().rounds, begin = end;
    }
  return all;
}

/// The timetable of an outline for so many bytes, under the first draw of the options.
template <class Model, topology T>
timetable timetable_of(const outline& what, const slicing& parts, const T& machine, placements groups, double bytes,
                       const simulate_options& options) {
  const crew all = parts.in(groups);
  study<T, Model> study{machine, what, all};
  study.use(options.packets, options.disturbed);
  const routing_options& routes = options.routing;
  study.draw(routes.kind, routes.queue_pairs, routes.seed);
  timer time{study};
  const double part = bytes / parts.lanes / parts.times;
  const times core = time(parts.generations, part);
  timetable found{.sampled = what.sampled};
  for (const phase& p : what.phases)
    found.phases.push_back(describe_phase(study, machine, p, parts, part, static_cast<double>(groups.size())));
  if (core.ends.empty()) return found;
  if (parts.in_step()) {
    found.seconds = core.ends.back() * parts.times, found.in_step = parts.lanes;
    found.lanes.push_back(stints_of(what, parts, core));
    return found;
  }
  lane_work side_by_side{study, machine, all, parts.lanes};
  side_by_side.draw(routes.kind, routes.queue_pairs, route_draw{routes.seed});
  found.lanes.resize(static_cast<std::size_t>(parts.lanes));
  found.seconds = side_by_side(parts, core, [&](std::size_t lane, std::size_t at, round_t round, const round_span& r) {
    found.lanes[lane].push_back({round, 1, r.begun, r.end, at % what.phases.size(), r.slowed});
  });
  return found;
}

}  // namespace colossus::detail
