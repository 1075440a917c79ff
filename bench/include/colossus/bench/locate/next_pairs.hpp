// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate/scores.hpp>

namespace colossus::bench::locate {

/// Suspects that no pair of the table tells apart: each makes the same pairs slow by the same factors.
using cluster = std::vector<std::uint32_t>;

/// How alike two suspects' effects on the pairs are: 1 where one is the other but for a factor.
class likeness {
 public:
  likeness(const expectation& expected, const findings& found, std::span<const std::uint32_t> who)
      : variance_{found.variance} {
    for (const std::uint32_t w : who) effects_[w];
    for (const pair_effect& e : expected.effects)
      if (const auto of = effects_.find(e.who); of != effects_.end()) of->second.emplace_back(e.pair, e.mean);
  }

  double operator()(std::uint32_t a, std::uint32_t b) const {
    const double both = product(effects_.at(a), effects_.at(b));
    return both / std::sqrt(product(effects_.at(a), effects_.at(a)) * product(effects_.at(b), effects_.at(b)));
  }
  /// (pair, effect), in order of pairs.
  std::span<const std::pair<std::uint32_t, double>> of(std::uint32_t who) const { return effects_.at(who); }

 private:
  using effects = std::vector<std::pair<std::uint32_t, double>>;

  double product(const effects& a, const effects& b) const {
    double sum = 0;
    for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();)
      if (i->first < j->first) ++i;
      else if (j->first < i->first) ++j;
      else sum += i->second * j->second / variance_[i->first], ++i, ++j;
    return sum;
  }

  std::span<const double> variance_;
  std::map<std::uint32_t, effects> effects_;
};

/// The named suspects, the best first, `most` clusters of them.
inline std::vector<cluster> clusters_of(const findings& found, const likeness& alike, std::size_t most) {
  constexpr double same = 0.999;
  std::vector<cluster> all;
  for (const std::uint32_t who : found.order) {
    const auto known = std::ranges::find_if(all, [&](const cluster& c) { return alike(c.front(), who) > same; });
    if (known != all.end()) known->push_back(who);
    else if (all.size() < most) all.push_back({who});
  }
  return all;
}

/// A pair that is slow by itself if the one suspect is to blame, and not if the other is.
struct telling_pair {
  std::uint32_t slow_if = 0, not_if = 0;
  exchange what;
};

/// Looks for pairs that tell suspects apart, measured by themselves: from GPUs that see a suspect to any of the table.
template <topology Fabric>
class pair_chooser {
 public:
  pair_chooser(const Fabric& machine, const suspects& who, const routing_options& how,
               const std::vector<observed_pair>& pairs)
      : machine_{machine}, who_{who}, how_{how}, pairs_{pairs} {
    std::set<gpu_t> seen;
    for (const observed_pair& p : pairs) seen.insert(p.what.a), seen.insert(p.what.b);
    gpus_.assign(seen.begin(), seen.end());
  }

  /// One pair for every two of `rivals`, where there is one, in both senses.
  std::vector<telling_pair> choose(std::span<const std::uint32_t> rivals, const likeness& alike) {
    std::vector<telling_pair> found;
    for (const std::uint32_t a : rivals) {
      const std::vector<observed_pair> candidates = candidates_of(alike.of(a));
      const expectation expected = signature_builder{machine_, who_, how_}.build(candidates);
      for (const std::uint32_t b : rivals)
        if (a != b)
          if (const auto best = best_pair(expected, candidates.size(), a, b))
            found.push_back({a, b, candidates[*best].what});
    }
    return found;
  }

 private:
  /// From the ends of the pairs that feel the suspect most to GPUs of the table, evenly chosen.
  std::vector<observed_pair> candidates_of(std::span<const std::pair<std::uint32_t, double>> effects) const {
    constexpr std::size_t most_felt = 4, others = 64;
    std::vector<std::pair<std::uint32_t, double>> felt(effects.begin(), effects.end());
    std::ranges::stable_sort(felt, std::greater{}, [](const auto& e) { return e.second; });
    felt.resize(std::min(felt.size(), most_felt));
    std::vector<observed_pair> candidates;
    for (const auto& [pair, effect] : felt)
      for (const gpu_t end : {pairs_[pair].what.a, pairs_[pair].what.b})
        for (std::size_t i = 0; i < std::min(others, gpus_.size()); ++i) {
          const gpu_t other = gpus_[i * gpus_.size() / std::min(others, gpus_.size())];
          const auto round = static_cast<std::uint32_t>(candidates.size());
          if (other != end) candidates.push_back({{end, other, pairs_[pair].what.bytes}, 0, round});
        }
    return candidates;
  }

  /// The candidate that `a` slows by half at least as much as half speed can, and `b` hardly: the slowest such.
  static std::optional<std::size_t> best_pair(const expectation& expected, std::size_t candidates, std::uint32_t a,
                                              std::uint32_t b) {
    std::vector<std::pair<double, double>> effect(candidates);
    for (const pair_effect& e : expected.effects) {
      if (e.who == a) effect[e.pair].first = e.mean;
      if (e.who == b) effect[e.pair].second = e.mean;
    }
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < candidates; ++i)
      if (effect[i].first > 0.3 && effect[i].second < 0.05 && (!best || effect[i].first > effect[*best].first + 1e-6))
        best = i;
    return best;
  }

  const Fabric& machine_;
  const suspects& who_;
  routing_options how_;
  const std::vector<observed_pair>& pairs_;
  std::vector<gpu_t> gpus_;
};

}  // namespace colossus::bench::locate
