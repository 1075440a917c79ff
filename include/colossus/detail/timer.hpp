// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/study.hpp>

#include <cmath>
#include <map>

namespace colossus::detail {

/// When each phase of the core ends, or where nobody asks for the others the last, for `bytes` in one repetition of one
/// lane.
struct times {
  double bytes = 0;
  std::vector<double> ends{};
  bool exact = true;
  double doubt = 0;
};

/// Times are convex and piecewise linear in the bytes: maxima over paths of latencies plus bytes times slopes. Where
/// three sizes lie on a line, so do all between them. Where ranks drift (`drift`) they are curved, and lie on a line
/// only where one message paces all. Keeps what it has worked out, by number of generations.
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

  /// Sampled rounds stand for themselves and their neighbours, and the scatter of those that stand for equally many (of
  /// one part of a composition) for what is not known of these.
  /// They follow one another as all rounds do, so that who is late in one may be early in the next: by itself each
  /// would count its slowest message in full.
  times sampled(double bytes) {
    struct scatter {
      double n = 0, sum = 0, squares = 0;
    };
    times made{bytes};
    std::map<double, scatter> parts;
    double end = 0, variance = 0;
    timeline line{study_.places(), study_.order()};
    for (const phase& phase : study_.what().phases) {
      const double before = line.now();
      line.run(study_.edges_of(phase.pattern), study_.walks_in(phase.pattern), 1, bytes);
      const double now = (line.now() - before) * phase.stretch;
      scatter& part = parts[phase.stretch];
      ++part.n, part.sum += now, part.squares += now * now;
      made.ends.push_back(end += now);
    }
    for (const auto& [stretch, part] : parts)
      if (stretch > 1) variance += std::max(0.0, part.squares - part.sum * part.sum / part.n) * part.n / (part.n - 1);
    made.doubt = std::max(2 * std::sqrt(variance), 1e-15 * end);
    return made;
  }

  times replayed(round_t generations, double bytes) {
    if (study_.what().sampled) return sampled(bytes);
    timeline line{study_.places(), study_.order()};
    times made{bytes};
    for (const phase& phase : study_.what().phases) {
      const edges& e = study_.edges_of(phase.pattern);
      if (phase.period == 0)
        line.run(study_.edges_in(phase, bytes), study_.walks_in(phase.pattern), phase.rounds, bytes);
      else
        line.run(e, study_.stream(phase.pattern), phase.period, generations, bytes / static_cast<double>(generations));
      const bool last = &phase == &study_.what().phases.back();
      if (last || study_.tells_use()) made.ends.push_back(line.now());
    }
    made.exact = line.exact() && !study_.drifts();
    made.doubt = line.doubt();
    return made;
  }

  Study& study_;
  std::map<round_t, std::vector<times>> known_;
};
template <class Study>
timer(Study&) -> timer<Study>;

}  // namespace colossus::detail
