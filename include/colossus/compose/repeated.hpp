// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/error.hpp>
#include <colossus/schedule.hpp>

namespace colossus {

/// `S` done `times` times in a row, each time on its own slice of the blocks: the chunks of a lane.
template <schedule S>
class repeated {
 public:
  constexpr repeated(S inner, int times) : inner_{inner}, times_{times} {
    expects(times >= 1, "repeated: at least one time");
    expects(fits_blocks(std::int64_t{inner.blocks()} * times), "repeated: more blocks than a block number can count");
  }

  constexpr rank_t ranks() const { return inner_.ranks(); }
  constexpr block_t blocks() const { return inner_.blocks() * times_; }
  constexpr round_t rounds() const { return inner_.rounds() * times_; }
  constexpr rank_t extra_ranks() const { return colossus::extra_ranks(inner_); }
  constexpr rank_t root() const requires rooted_schedule<S> { return inner_.root(); }
  constexpr round_t pattern(round_t round) const { return pattern_of(inner_, round % inner_.rounds()); }

  constexpr step at(rank_t rank, round_t round) const {
    const auto offset = static_cast<block_t>(round / inner_.rounds()) * inner_.blocks();
    return rewritten(inner_.at(rank, round % inner_.rounds()), [&](transfer t) {
      return transfer{t.peer, {t.blocks.first + offset, t.blocks.count}};
    });
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    const round_t before = block / inner_.blocks() * inner_.rounds();
    colossus::touches(inner_, rank, block % inner_.blocks(), [&](round_t round) { visit(before + round); });
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which, Visit&& visit) const requires multi_run_schedule<S> {
    const auto offset = static_cast<block_t>(round / inner_.rounds()) * inner_.blocks();
    inner_.runs(rank, round % inner_.rounds(), which, [&](block_range run) {
      visit(block_range{run.first + offset, run.count});
    });
  }

  constexpr const S& inner() const { return inner_; }
  constexpr int times() const { return times_; }

 private:
  S inner_;
  int times_;
};

}  // namespace colossus
