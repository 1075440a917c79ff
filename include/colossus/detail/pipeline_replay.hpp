// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/detail/edges.hpp>
#include <colossus/detail/tally.hpp>

#include <array>
#include <bit>

namespace colossus::detail {

/// A pipeline followed message by message, given those of its first generation in order of rounds. What a message costs
/// is looked up among the few costs that there are: memory is what this takes its time for.
class pipeline_replay {
 public:
  explicit pipeline_replay(const edges& e) {
    const round_t begin = e.round(0);
    std::array<std::uint32_t, 256> recent{};
    for (std::size_t i = 0; i < e.size(); ++i) {
      while (begin + static_cast<round_t>(first_.size()) <= e.round(i)) first_.push_back(i);
      const auto bits = std::bit_cast<std::uint64_t>(e.slope[i]) + 3 * std::bit_cast<std::uint64_t>(e.arrives(i, 0));
      std::uint32_t& like = recent[mix(bits) >> 56];
      if (models_.empty() || !same(e, i, models_[like])) {
        like = static_cast<std::uint32_t>(models_.size());
        models_.push_back(i);
      }
      hops_.push_back({e.messages[i].from, e.messages[i].to, like});
    }
    first_.push_back(e.size());
  }

  /// From here messages are of so many bytes.
  void resize(const edges& e, double bytes) {
    costs_.clear();
    for (const std::size_t i : models_) costs_.push_back({e.busy(i, bytes), e.leaves(i, bytes), e.arrives(i, bytes)});
  }

  /// Seconds for one generation at the port that has most to do.
  double slowest_port(std::size_t ranks) const {
    std::vector<double> out(ranks, 0), in(ranks, 0);
    for (const hop& h : hops_) {
      out[static_cast<std::size_t>(h.from)] += costs_[h.cost].leaves;
      in[static_cast<std::size_t>(h.to)] += costs_[h.cost].busy;
    }
    return std::max(*std::ranges::max_element(out), *std::ranges::max_element(in));
  }

  /// The makespan from all ranks ready at 0.
  double operator()(std::size_t ranks, round_t period, round_t generations) {
    ranks_.assign(ranks, {});
    const auto rounds = static_cast<round_t>(first_.size()) - 1;
    for (round_t round = 0; round < rounds + (generations - 1) * period; ++round) {
      const round_t youngest = std::min(round / period, generations - 1), oldest = round - youngest * period;
      begun_.clear();
      for (round_t k = oldest; k <= round && k < rounds; k += period)
        for (const hop& h : in_round(k)) begun_.push_back(ranks_[static_cast<std::size_t>(h.from)].end);
      const double* begun = begun_.data();
      for (round_t k = oldest; k <= round && k < rounds; k += period)
        for (const hop& h : in_round(k)) {
          const cost c = costs_[h.cost];
          rank_state& to = ranks_[static_cast<std::size_t>(h.to)];
          double& out = ranks_[static_cast<std::size_t>(h.from)].end;
          to.in = std::max(to.in + c.busy, *begun + c.whole);
          to.end = std::max(to.end, to.in);
          out = std::max(out, *begun++ + c.leaves);
        }
    }
    tallied.messages += static_cast<std::int64_t>(hops_.size()) * generations;
    return std::ranges::max_element(ranks_, {}, &rank_state::end)->end;
  }

 private:
  struct hop {
    std::int32_t from, to;
    std::uint32_t cost;
  };
  struct cost {
    double busy, leaves, whole;  // seconds on the receiver's port; until it has left, until it has arrived
  };
  struct rank_state {
    double end = 0, in = 0;  // of the last round, of the last arrival
  };

  static bool same(const edges& e, std::size_t a, std::size_t b) {
    return e.slope[a] == e.slope[b] && e.leaves(a, 0) == e.leaves(b, 0) && e.arrives(a, 0) == e.arrives(b, 0) &&
           e.queue(a) == e.queue(b);
  }
  std::span<const hop> in_round(round_t k) const {
    const std::size_t first = first_[static_cast<std::size_t>(k)];
    return std::span{hops_}.subspan(first, first_[static_cast<std::size_t>(k) + 1] - first);
  }

  std::vector<std::size_t> first_;   // message of each round
  std::vector<std::size_t> models_;  // a message of each cost
  std::vector<hop> hops_;
  std::vector<cost> costs_;
  std::vector<rank_state> ranks_;
  std::vector<double> begun_;
};

}  // namespace colossus::detail
