// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/crew.hpp>
#include <colossus/detail/divider.hpp>
#include <colossus/detail/phases.hpp>
#include <colossus/detail/route_draw.hpp>
#include <colossus/detail/traffic.hpp>

#include <cmath>
#include <numbers>

namespace colossus::detail {

/// The x in [low, high] where a falling function becomes negative.
template <class F>
double falls_at(double low, double high, F&& falling) {
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (falling(middle) > 0 ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// How many flows the busiest of `links` links has on the median, where each has `mean` and they are drawn: so many
/// that ln 2 links are expected to have as many (the tail of a Poisson distribution, in Stirling's form).
inline double busiest_of(double links, double mean) {
  const auto log_links_with = [&](double k) {
    const double exactly = mean - k + k * std::log(k / mean) + 0.5 * std::log(2 * std::numbers::pi * k + 1);
    const double or_more = -std::log1p(-mean / (k + 1));
    return std::log(links) - exactly + or_more;
  };
  constexpr double steps = 0.5;  // of whole flows, on the mean
  const double most = mean + 10 * std::sqrt(mean) + 40;
  return falls_at(mean, most, [&](double k) { return log_links_with(k) - std::log(std::numbers::ln2); }) - steps;
}

/// Flows for each of the links that may be drawn, where `flows` of them met `touched` different links.
inline double mean_flows(double flows, double touched) {
  const double each = flows / std::max(touched - 0.5, 0.5);
  return falls_at(0, each, [&](double mean) { return each + mean / std::expm1(-mean); });
}

/// How the lanes of a schedule spread over the paths that each of them draws: lanes that send the same messages meet at
/// both ends, but not all at the busiest link between.
template <topology T>
class lane_crowding {
 public:
  lane_crowding(const T& machine, const crew& crew, int lanes) : machine_{machine}, crew_{crew}, lanes_{lanes} {}

  /// What n lanes are expected to put on the busiest link of each kind, over n times what one does:
  /// [(n - 1) * kinds + kind]. Empty where no message has a choice of paths. Some messages show how many do, and over
  /// how many links they spread: what is left of a Poisson distribution by chance is one, with a smaller mean.
  std::vector<double> operator()(std::span<const message> all, std::size_t paths, const route_draw& draw) {
    while (gpus_.size() < crew_.groups.size()) gpus_.push_back(crew_.gpus_of(static_cast<int>(gpus_.size())));
    const std::size_t kinds = machine_.kinds().size(), flows = all.size() * gpus_.size() * paths;
    const std::uint64_t one_in = (flows + most_flows - 1) / most_flows;
    count(all, paths, one_in, draw);
    if (std::ranges::all_of(drawn_, [](const tally& of) { return of.flows == 0; })) return {};
    std::vector<double> found(static_cast<std::size_t>(lanes_) * kinds, 1);
    for (std::size_t kind = 0; kind < kinds; ++kind) {
      if (drawn_[kind].flows == 0) continue;
      const double met = mean_flows(drawn_[kind].flows, drawn_[kind].links), links = drawn_[kind].flows / met;
      const double mean = met * static_cast<double>(one_in), one = busiest_of(links, mean);
      for (int n = 2; n <= lanes_; ++n)
        found[static_cast<std::size_t>(n - 1) * kinds + kind] = busiest_of(links, n * mean) / one / n;
    }
    return found;
  }

 private:
  static constexpr std::size_t most_flows = 1 << 14;
  struct tally {
    double flows = 0, links = 0;  // flows that draw a link of the kind; links that are drawn
  };

  /// Of `one_in` flows about one is looked at, drawn.
  void count(std::span<const message> all, std::size_t paths, std::uint64_t one_in, const route_draw& draw) {
    carried_.clear(machine_.links());
    drawn_.assign(machine_.kinds().size(), {});
    const std::uint64_t end = all.size() * paths * gpus_.size();
    for (std::uint64_t i = mix(0) % one_in; i < end; i += 1 + mix(i) % (2 * one_in - 1)) {
      const message& m = all[i / paths % all.size()];
      const auto& gpus = gpus_[i / paths / all.size()];
      const gpu_t from = gpus[static_cast<std::size_t>(m.from)], to = gpus[static_cast<std::size_t>(m.to)];
      const std::uint64_t entropy = draw(from, to, static_cast<int>(i % paths));
      machine_.route(from, to, routing::ecmp, entropy, [&](link_t at) {
        if (!machine_.uses(routing::adaptive, at)) carried_.add(at, 1);
      });
    }
    carried_.for_each([&](link_t at, double flows) {
      tally& of = drawn_[static_cast<std::size_t>(machine_.kind(at))];
      of.flows += flows, ++of.links;
    });
  }

  const T& machine_;
  crew crew_;
  int lanes_;
  std::vector<std::vector<gpu_t>> gpus_;  // of each group's ranks
  std::vector<tally> drawn_;              // by kind
  traffic_sum carried_;
};

}  // namespace colossus::detail
