// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/compose/reversed.hpp>
#include <colossus/error.hpp>
#include <colossus/symmetry.hpp>

namespace colossus {

/// `First`, then `Second`, on the same ranks and blocks.
template <schedule First, schedule Second>
class then {
  static constexpr bool pipelined =
      (pipelined_schedule<First> && (pipelined_schedule<Second> || scalable_schedule<Second>)) ||
      (scalable_schedule<First> && pipelined_schedule<Second>);

 public:
  constexpr then(First first, Second second) : first_{first}, second_{second} {
    expects(first.ranks() == second.ranks(), "then: both parts must have the same number of ranks");
    expects(first.blocks() == second.blocks(), "then: both parts must have the same number of blocks");
    expects(colossus::extra_ranks(first) == colossus::extra_ranks(second),
            "then: both parts must have the same extra ranks");
  }

  constexpr rank_t ranks() const { return first_.ranks(); }
  constexpr block_t blocks() const { return first_.blocks(); }
  constexpr round_t rounds() const { return first_.rounds() + second_.rounds(); }
  constexpr rank_t extra_ranks() const { return colossus::extra_ranks(first_); }
  constexpr rank_t root() const requires rooted_schedule<First> && rooted_schedule<Second> { return first_.root(); }

  constexpr round_t pattern(round_t round) const {
    if (round < border()) return pattern_of(first_, round);
    const round_t mirror = rounds() - 1 - round;  // what comes back is what went, where messages are exchanged
    if constexpr (std::same_as<Second, reversed<First>>) {
      if (exchanges(first_)) return pattern_of(first_, mirror);
    } else if constexpr (requires {
                           requires std::same_as<Second, reversed<std::decay_t<decltype(first_.first())>>>;
                         }) {
      if (exchanges(first_.first())) return pattern_of(first_.first(), mirror);
    }
    return border() + pattern_of(second_, round - border());
  }
  constexpr bool alike(round_t round, digit d) const {
    return round < border() ? colossus::alike(first_, round, d) : colossus::alike(second_, round - border(), d);
  }
  constexpr shift shift_in(round_t round) const {
    return round < border() ? shift_of(first_, round) : shift_of(second_, round - border());
  }
  constexpr step at(rank_t rank, round_t round) const {
    return round < border() ? first_.at(rank, round) : second_.at(rank, round - border());
  }

  template <class Visit>
  constexpr void touches(rank_t rank, block_t block, Visit&& visit) const {
    colossus::touches(first_, rank, block, visit);
    colossus::touches(second_, rank, block, [&](round_t round) { visit(border() + round); });
  }
  template <class Visit>
  constexpr void runs(rank_t rank, round_t round, side which,
                      Visit&& visit) const requires multi_run_schedule<First> || multi_run_schedule<Second> {
    if (round < border()) for_each_run(first_, rank, round, which, visit);
    else for_each_run(second_, rank, round - border(), which, visit);
  }
  constexpr block_t position_in(rank_t rank, round_t round, side which, block_t block) const {
    return round < border() ? colossus::position_in(first_, rank, round, which, block)
                            : colossus::position_in(second_, rank, round - border(), which, block);
  }
  constexpr block_t block_in(rank_t rank, round_t round, side which, block_t position) const {
    return round < border() ? colossus::block_in(first_, rank, round, which, position)
                            : colossus::block_in(second_, rank, round - border(), which, position);
  }

  constexpr block_t chunks() const requires pipelined { return streaming().chunks(); }
  constexpr round_t period() const requires pipelined { return streaming().period(); }
  constexpr then with_chunks(block_t chunks) const requires pipelined {
    const block_t blocks = streaming().with_chunks(chunks).blocks();
    return then{resized(first_, chunks, blocks), resized(second_, chunks, blocks)};
  }

  constexpr const First& first() const { return first_; }
  constexpr const Second& second() const { return second_; }

 private:
  constexpr round_t border() const { return first_.rounds(); }
  constexpr const auto& streaming() const {
    if constexpr (pipelined_schedule<First>) return first_;
    else return second_;
  }
  template <schedule Part>
  static constexpr Part resized(const Part& part, block_t chunks, block_t blocks) {
    if constexpr (pipelined_schedule<Part>) return part.with_chunks(chunks);
    else return part.with_blocks(blocks);
  }

  First first_;
  Second second_;
};

}  // namespace colossus
