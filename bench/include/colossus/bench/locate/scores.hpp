// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate/noise.hpp>

#include <cmath>

namespace colossus::bench::locate {

/// How well one suspect explains what pairs took beyond what a healthy machine would.
///
/// With x the logarithm of seen over expected time, e the same as the suspect at half speed would make it, and v the
/// variance of x: a fault of size a (1: half speed, 2: a quarter) makes the residuals sum((x - a e)^2 / v) smaller by
/// 2 a sum(x e / v) - a^2 sum(e e / v). At the best a that is the square of a standard normal where nothing is wrong:
/// the matched filter. The larger, the better the one fault explains all pairs.
struct score {
  double sigma = 0;        ///< the root of that at the best size of the fault
  double certainty = 0;    ///< the same beside what peers come to, other parts of its class
  double without_one = 0;  ///< the same but for the pair that says most
  double power = 0;        ///< what half speed would come to: below the threshold the pairs cannot see it
  double size = 0;         ///< the best a
  double raw = 0;          ///< sum(x e / v)
  double weight = 0;       ///< sum(e e / v)
};

/// What the pairs say.
struct findings {
  std::vector<double> x, variance;     ///< of each pair: the logarithm of seen over expected, and its variance
  std::vector<score> scores;           ///< of each suspect
  double threshold = 0;                ///< answers above it are no chance: of 1000 healthy tables one has such
  double noise = 0;                    ///< the spread of a pair's time that no path explains
  std::vector<std::uint32_t> order;    ///< suspects above the threshold, the best first
  std::vector<std::uint32_t> besides;  ///< those of them that explain what is left when the ones before are taken out
};

namespace detail {

/// The size of a fault is looked for from the loss of 7% of the speed to that of 7/8: less is no fault, and what takes
/// more is not explained by the part.
inline double best_size(double raw, double weight) { return std::clamp(raw / weight, 0.1, 3.0); }
inline double sigma_of(double raw, double weight) {
  if (weight <= 0) return 0;
  const double a = best_size(raw, weight);
  return std::sqrt(std::max(0.0, a * (2 * raw - a * weight)));
}

/// The filter's answers to x.
inline std::vector<score> filter(std::span<const double> x, const expectation& expected,
                                 std::span<const double> variance, std::size_t suspects) {
  std::vector<score> scores(suspects);
  std::vector<std::pair<double, double>> most(suspects);  // what one pair adds to raw, and to weight
  for (const pair_effect& e : expected.effects) {
    const double v = variance[e.pair] + std::max(0.0, e.square - e.mean * e.mean);
    const double adds = e.mean * x[e.pair] / v, weighs = e.mean * e.mean / v;
    score& s = scores[e.who];
    s.raw += adds, s.weight += weighs;
    if (adds > most[e.who].first) most[e.who] = {adds, weighs};
  }
  for (std::size_t i = 0; i < suspects; ++i) {
    score& s = scores[i];
    if (s.weight <= 0) continue;
    s.power = std::sqrt(s.weight), s.size = best_size(s.raw, s.weight), s.sigma = sigma_of(s.raw, s.weight);
    const bool only_one = s.weight - most[i].second < 1e-9 * s.weight;
    s.without_one = only_one ? s.sigma : sigma_of(s.raw - most[i].first, s.weight - most[i].second);
  }
  return scores;
}

/// Whose answer is the largest.
inline std::uint32_t best_of(const std::vector<score>& scores) {
  return static_cast<std::uint32_t>(std::ranges::max_element(scores, {}, &score::sigma) - scores.begin());
}

/// What the peers of a class come to where no fault is left, and how they scatter: where all parts of a class seem slow
/// it is the model that is wrong, and where they scatter more than chance lets them, chance is larger than thought.
struct peers {
  double common = 0, spread = 1;
};
inline std::map<std::string, peers> peers_of(const std::vector<suspect>& all, const std::vector<score>& scores) {
  std::map<std::string, std::vector<double>> answers;
  for (std::size_t who = 0; who < all.size(); ++who)
    if (scores[who].weight > 0) answers[all[who].of.name].push_back(scores[who].raw / std::sqrt(scores[who].weight));
  std::map<std::string, peers> found;
  for (const auto& [name, values] : answers) {
    if (values.size() < few) continue;
    const double common = std::max(0.0, middle(values)), sure = 1 + 2.4 / std::sqrt(static_cast<double>(values.size()));
    found[name] = {common, std::max(1.0, robust_spread(values, common) / sure)};
  }
  return found;
}

inline void set_beside(score& s, const std::map<std::string, peers>& all, const std::string& name) {
  const auto known = all.find(name);
  const peers beside = known == all.end() ? peers{} : known->second;
  s.certainty = (s.sigma - beside.common) / beside.spread;
  s.without_one = (s.without_one - beside.common) / beside.spread;
  s.power /= beside.spread;
}

/// Takes the best explanations out of x, one after another, while they are no chance. Returns whose they were.
inline std::vector<std::uint32_t> take_out(std::vector<double>& x, const expectation& expected, const findings& found,
                                           std::vector<score>& scores) {
  constexpr std::size_t most = 8;
  std::vector<std::uint32_t> taken;
  while (taken.size() < most) {
    const std::uint32_t best = best_of(scores);
    if (scores[best].sigma <= found.threshold) break;
    taken.push_back(best);
    for (const pair_effect& e : expected.effects)
      if (e.who == best) x[e.pair] -= scores[best].size * e.mean;
    scores = filter(x, expected, found.variance, scores.size());
  }
  return taken;
}

/// Fills order and besides: a suspect is named where its answer is no chance, does not rest on one pair of several, and
/// is not a small part of what the best explains.
inline void name_some(findings& found, const std::vector<std::uint32_t>& taken) {
  constexpr double small = 0.1;
  const auto& scores = found.scores;
  const auto is_sure = [&](std::uint32_t i) {
    return scores[i].certainty > found.threshold && scores[i].without_one > found.threshold / 2;
  };
  found.order.clear(), found.besides.clear();
  for (std::uint32_t i = 0; i < scores.size(); ++i)
    if (is_sure(i)) found.order.push_back(i);
  std::ranges::stable_sort(found.order, std::greater{}, [&](std::uint32_t i) { return scores[i].sigma; });
  if (found.order.empty()) return;
  const double least = small * scores[found.order[0]].sigma * scores[found.order[0]].sigma;
  std::erase_if(found.order, [&](std::uint32_t i) { return scores[i].sigma * scores[i].sigma < least; });
  for (const std::uint32_t i : taken)
    if (i != found.order[0] && is_sure(i)) found.besides.push_back(i);
}

}  // namespace detail

/// Fills x and variance.
inline void judge_pairs(const std::vector<observed_pair>& pairs, const expectation& expected, findings& found) {
  found.x.clear(), found.variance.clear();
  for (std::size_t i = 0; i < pairs.size(); ++i) found.x.push_back(std::log(pairs[i].seconds) - expected.log_s[i]);
  const std::vector<double> noise = detail::centre(expected, found.x);
  found.noise = std::ranges::min(noise);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double own = expected.draws > 1 ? found.noise : noise[expected.sort[i]];
    found.variance.push_back(own * own + expected.variance[i]);
  }
}

/// Fills scores, threshold, order and besides from x and variance.
inline void judge_suspects(const suspects& who, const expectation& expected, findings& found) {
  found.scores = detail::filter(found.x, expected, found.variance, who.all().size());
  const auto tested = std::ranges::count_if(found.scores, [](const score& s) { return s.weight > 0; });
  found.threshold = std::sqrt(2 * std::log(1000.0 * static_cast<double>(std::max<std::ptrdiff_t>(tested, 1))));
  std::vector<double> x = found.x;
  std::vector<score> rest = found.scores;
  const auto taken = detail::take_out(x, expected, found, rest);
  const auto all_peers = detail::peers_of(who.all(), rest);
  for (std::size_t i = 0; i < found.scores.size(); ++i)
    detail::set_beside(found.scores[i], all_peers, who.all()[i].of.name);
  detail::name_some(found, taken);
}

}  // namespace colossus::bench::locate
