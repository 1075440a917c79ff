// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/locate/observed_pairs.hpp>
#include <colossus/bench/locate/suspects.hpp>

namespace colossus::bench::locate {

/// By how much a pair would take longer with a suspect at half speed: the logarithm of the factor, its mean over what
/// is not known of the paths, and the mean of its square.
struct pair_effect {
  std::uint32_t pair = 0, who = 0;
  double mean = 0, square = 0;
};

/// What a healthy machine makes of the pairs of a table, and what each suspect would change.
struct expectation {
  std::vector<double> log_s;        ///< of each pair: the mean logarithm of its seconds
  std::vector<double> variance;     ///< of it, from what is not known of the paths: pairs alike in a round share it
  std::vector<double> deviations;   ///< from the mean, `draws` of them for each pair; empty where paths are known
  std::vector<std::uint32_t> sort;  ///< pairs of equal number go equally far, and carry as much
  std::vector<pair_effect> effects;
  int draws = 1;
};

/// Works out the expectation of a table: solves its rounds on the healthy machine, and fills, for each part that a
/// message meets, what is left of its links anew.
template <topology Fabric>
class signature_builder {
 public:
  signature_builder(const Fabric& machine, const suspects& who, const routing_options& how)
      : machine_{machine}, who_{who}, how_{how}, model_{machine, how} {
    found_.draws = how.kind == routing::ecmp ? how.seeds : 1;
  }

  expectation build(const std::vector<observed_pair>& pairs) {
    std::map<std::pair<int, std::int64_t>, std::uint32_t> sorts;
    for (const observed_pair& p : pairs)
      found_.sort.push_back(sorts
                                .try_emplace({machine_.distance(p.what.a, p.what.b), p.what.bytes},
                                             static_cast<std::uint32_t>(sorts.size()))
                                .first->second);
    for (std::size_t first = 0; first < pairs.size();) {
      std::size_t end = first;
      while (end < pairs.size() && pairs[end].round == pairs[first].round) ++end;
      add_round({pairs.data() + first, end - first});
      first = end;
    }
    return std::move(found_);
  }

 private:
  /// A suspect's effects on one pair so far, summed over draws.
  struct sum {
    std::uint32_t who = 0;
    double first = 0, second = 0;
  };
  /// The rate to which a member of a suspect holds the flows of a link.
  struct ceiling {
    std::uint32_t who = 0, member = 0;
    double rate = 0;
  };

  void add_round(std::span<const observed_pair> round) {
    const std::size_t base = found_.log_s.size(), draws = static_cast<std::size_t>(found_.draws);
    exchanges_.clear();
    for (const observed_pair& p : round) exchanges_.push_back(p.what);
    std::vector<double> logs(round.size() * draws);
    sums_.assign(round.size(), {});
    for (std::size_t draw = 0; draw < draws; ++draw) {
      model_.solve(exchanges_, how_.seed + draw);
      find_ceilings();
      for (std::size_t i = 0; i < round.size(); ++i) logs[i * draws + draw] = std::log(add_effects(i));
    }
    for (std::size_t i = 0; i < round.size(); ++i) {
      keep_mean(std::span{logs}.subspan(i * draws, draws));
      for (const sum& s : sums_[i])
        found_.effects.push_back({static_cast<std::uint32_t>(base + i), s.who, s.first / static_cast<double>(draws),
                                  s.second / static_cast<double>(draws)});
    }
    if (draws > 1) share_variance(base);
  }

  void keep_mean(std::span<const double> logs) {
    double mean = 0, variance = 0;
    for (const double l : logs) mean += l / static_cast<double>(logs.size());
    for (const double l : logs) variance += (l - mean) * (l - mean) / static_cast<double>(logs.size());
    found_.log_s.push_back(mean);
    found_.variance.push_back(variance);
    if (logs.size() > 1)
      for (const double l : logs) found_.deviations.push_back(l - mean);
  }

  /// Pairs of one round and sort meet equally many others: what few draws say of each, they say together.
  void share_variance(std::size_t base) {
    std::map<std::uint32_t, std::pair<double, double>> of_sort;
    for (std::size_t i = base; i < found_.variance.size(); ++i) {
      auto& [total, count] = of_sort[found_.sort[i]];
      total += found_.variance[i], ++count;
    }
    for (std::size_t i = base; i < found_.variance.size(); ++i) {
      const auto& [total, count] = of_sort[found_.sort[i]];
      found_.variance[i] = total / count;
    }
  }

  /// Whom each link of the round would hold back, and at which rate.
  void find_ceilings() {
    const colossus::detail::flows& flows = model_.flows();
    on_link_.resize(std::max(on_link_.size(), flows.links()));
    ceilings_.resize(on_link_.size());
    for (std::size_t link = 0; link < flows.links(); ++link) on_link_[link].clear(), ceilings_[link].clear();
    for (std::size_t flow = 0; flow < flows.size(); ++flow)
      for (const std::uint32_t link : flows.links_of(flow)) on_link_[link].push_back(model_.rate(flow));
    for (std::uint32_t link = 0; link < flows.links(); ++link) {
      const auto holders = who_.of_link(flows.topology_link(link));
      if (holders.empty()) continue;
      std::ranges::sort(on_link_[link]);
      for (const auto& [id, h] : holders)
        if (const double rate = level(on_link_[link], flows.capacity(link) * h.share); rate < on_link_[link].back())
          ceilings_[link].push_back({h.who, h.member, rate});
    }
  }

  /// The rate to which flows must be cut so that they fit `capacity`; `rates` ascend.
  static double level(const std::vector<double>& rates, double capacity) {
    for (std::size_t i = 0; i < rates.size(); ++i) {
      const double share = capacity / static_cast<double>(rates.size() - i);
      if (rates[i] >= share * (1 - 1e-9)) return share;
      capacity -= rates[i];
    }
    return std::numeric_limits<double>::infinity();
  }

  /// Adds what every suspect does to an exchange of the round. Returns its seconds on the healthy machine.
  double add_effects(std::size_t i) {
    const double healthy = model_.seconds(i);
    slowed_.clear();
    for (std::size_t flow = i * model_.flows_each(); flow < (i + 1) * model_.flows_each(); ++flow)
      for (const std::uint32_t link : model_.flows().links_of(flow))
        for (const ceiling& c : ceilings_[link])
          if (c.rate < model_.rate(flow)) slow({c.who, c.member, model_.seconds_at(flow, c.rate)});
    for (const ceiling& s : slowed_)
      if (const double e = std::log(s.rate / healthy); e > 1e-5) {
        const auto known = std::ranges::find(sums_[i], s.who, &sum::who);
        sum& into = known == sums_[i].end() ? sums_[i].emplace_back(sum{s.who}) : *known;
        into.first += e * who_.weight(s.who), into.second += e * e * who_.weight(s.who);
      }
    return healthy;
  }
  /// Keeps the longest time, which is in place of the rate here, for each member.
  void slow(const ceiling& found) {
    for (ceiling& known : slowed_)
      if (known.who == found.who && known.member == found.member) {
        known.rate = std::max(known.rate, found.rate);
        return;
      }
    slowed_.push_back(found);
  }

  const Fabric& machine_;
  const suspects& who_;
  routing_options how_;
  pair_model<Fabric> model_;
  expectation found_;
  std::vector<exchange> exchanges_;
  std::vector<std::vector<sum>> sums_;          // by exchange of the round
  std::vector<std::vector<double>> on_link_;    // rates, by link of the round
  std::vector<std::vector<ceiling>> ceilings_;  // the same
  std::vector<ceiling> slowed_;
};

}  // namespace colossus::bench::locate
