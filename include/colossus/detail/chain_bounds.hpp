// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/rank_colours.hpp>

namespace colossus::detail {

/// Upper bounds of when ranks end their rounds, by colour: each colour waits for the latest of the colours from which
/// some of its ranks receive. Times are maxima of sums, so that waiting for more can only make them later.
class chain_bounds {
 public:
  chain_bounds(const generation_view& view, const rank_colours& colours)
      : period_{view.whole().period()}, colours_{colours.size()}, turns_(static_cast<std::size_t>(period_)) {
    std::vector<std::size_t> seen(colours_, 0);
    std::size_t stamp = 0;
    for (std::uint32_t colour = 0; colour < colours_; ++colour) {
      const std::span<const std::uint32_t> ranks = colours.ranks_of(colour);
      for (const std::uint32_t i : view.sent_by(ranks.front()))
        turn(view.round(i)).sent.push_back({colour, view.whole().kind(i), view.round(i)});
      const std::span<const std::uint32_t> received = view.sent_to(ranks.front());
      for (std::size_t which = 0; which < received.size(); ++which) {
        const std::uint32_t i = received[which];
        arrival all{{colour, view.whole().kind(i), view.round(i)}, senders_.size(), 0};
        ++stamp;
        for (const std::uint32_t rank : ranks) {
          const std::uint32_t sender = colours.of(view.from(view.sent_to(rank)[which]));
          if (std::exchange(seen[sender], stamp) != stamp) senders_.push_back(sender);
        }
        all.last = senders_.size();
        turn(view.round(i)).received.push_back(all);
      }
    }
  }

  /// From here for so many generations of messages that cost so much.
  void find(std::span<const hop_cost> costs, round_t rounds, round_t generations) {
    end_.resize(static_cast<std::size_t>(rounds + 1) * colours_), in_.resize(end_.size());
    std::fill_n(end_.data(), colours_, 0.0), std::fill_n(in_.data(), colours_, 0.0);
    const round_t last = (generations - 1) * period_;
    for (round_t round = 0; round < rounds; ++round) {
      const double* const end = row(end_, round - 1);
      double *const end_after = row(end_, round), *const in_after = row(in_, round);
      std::copy_n(end, colours_, end_after), std::copy_n(row(in_, round - 1), colours_, in_after);
      const turn_of& now = turn(round);
      for (const part& m : now.sent)
        if (round >= m.round && round <= m.round + last)
          end_after[m.colour] = std::max(end_after[m.colour], end[m.colour] + costs[m.kind].leaves);
      for (const arrival& m : now.received) {
        if (round < m.round || round > m.round + last) continue;
        double begun = 0;
        for (std::size_t s = m.first; s < m.last; ++s) begun = std::max(begun, end[senders_[s]]);
        double& in = in_after[m.colour];
        in = std::max(in + costs[m.kind].busy, begun + costs[m.kind].whole);
        end_after[m.colour] = std::max(end_after[m.colour], in);
      }
    }
  }

  /// When the ranks of a colour have ended `round`, and when their last message until then has arrived, at the latest.
  double end(std::uint32_t colour, round_t round) const { return end_[index(colour, round)]; }
  double in(std::uint32_t colour, round_t round) const { return in_[index(colour, round)]; }

 private:
  struct part {
    std::uint32_t colour, kind;
    round_t round;
  };
  struct arrival : part {
    std::size_t first, last;  // colours that send it
  };
  /// Messages whose rounds are equal modulo the period.
  struct turn_of {
    std::vector<part> sent;
    std::vector<arrival> received;
  };

  turn_of& turn(round_t round) { return turns_[static_cast<std::size_t>(round % period_)]; }
  std::size_t index(std::size_t colour, round_t round) const {
    return static_cast<std::size_t>(round + 1) * colours_ + colour;
  }
  double* row(std::vector<double>& of, round_t round) const { return of.data() + index(0, round); }

  round_t period_;
  std::size_t colours_;
  std::vector<turn_of> turns_;
  std::vector<std::uint32_t> senders_;
  std::vector<double> end_, in_;  // after each round, by colour
};

}  // namespace colossus::detail
