// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/rank_test.hpp>
#include <colossus/bench/compare/scan.hpp>

namespace colossus::bench::compare {

/// What is said of one configuration.
enum class verdict { faster, slower, same, unclear, not_ok };

inline std::string_view name_of(verdict v) {
  constexpr std::array<std::string_view, 5> names{"faster", "slower", "same", "unclear", "not_ok"};
  return names[static_cast<std::size_t>(v)];
}

/// One configuration, the base's launches against those of another side.
struct finding {
  std::size_t side = 0;                                 ///< which is held against the base
  const record *base = nullptr, *fresh = nullptr;       ///< the first row of each; of not_ok: the first that is not
  std::uint32_t base_launches = 0, fresh_launches = 0;  ///< of not_ok: those that are not
  double base_us = 0, fresh_us = 0;                     ///< medians over launches
  double busbw = 0;                                     ///< the other side's median, GB/s
  rank_test test;
  double adjusted = 1;    ///< p, by Holm, over all configurations
  bool by_chance = true;  ///< false: both are figures worked out, without chance, and no test is made
  bool by_sign = false;   ///< one side is such a figure: the other's values are held against it
  verdict said = verdict::unclear;
};

/// What matched, and what did not.
struct matches {
  std::vector<finding> findings;  ///< in the order of the base's file, the sides of one configuration in theirs
  struct lonely {
    std::size_t in = 0, not_in = 0, keys = 0;  ///< sides; how many configurations
    std::vector<const record*> examples;       ///< two at most
  };
  std::vector<lonely> unmatched;
  std::vector<std::string> any;  ///< columns that matched whatever they hold, for one row leaves them empty
};

}  // namespace colossus::bench::compare
