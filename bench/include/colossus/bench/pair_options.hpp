// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/options.hpp>
#include <colossus/bench/variations.hpp>
#include <colossus/detail/divider.hpp>

#include <cmath>
#include <numbers>

namespace colossus::bench {

/// Refuses (usage) what does not go with --pairs: a table is of one machine and one routing.
inline void check_pairs(const options& o) {
  const auto one = [](const char* flag, std::size_t given) {
    expects(given <= 1, std::string{"--pairs: a table is of one machine in one state: expected one value of "} + flag +
                            ", found " + std::to_string(given));
  };
  one("--topology", o.topologies.size()), one("--routing", o.routings.size());
  one("--queue-pairs", o.queue_pairs.size()), one("--cost-model", o.cost_models.size());
  one("--ranks and --nodes", o.ranks.size() + o.nodes.size());
  for (const std::string& text : o.settings) one("--set", setting_of(text).values.size());
  expects(o.cost_models.front() == "max_min", "--pairs: prices are of max_min: leave out --cost-model");
  expects(o.seeds <= 1, "--pairs: one draw of paths is one cluster: use --seed instead of --seeds");
  for (const auto& [flag, given] :
       {std::pair{"--what-if", !o.what_if.empty()}, std::pair{"--sensitivity", o.sensitivity},
        std::pair{"--groups", !o.groups.empty()}, std::pair{"--stragglers", !o.stragglers.empty()},
        std::pair{"--packets", !o.packets.empty()}, std::pair{"--trace", !o.trace.empty()},
        std::pair{"--algorithm", !o.every_algorithm}, std::pair{"--job", !o.job.empty()},
        std::pair{"-d", o.types != options{}.types}, std::pair{"-o", o.operations != options{}.operations},
        std::pair{"-r", o.root != options{}.root}, std::pair{"--lanes", o.lanes > 0},
        std::pair{"--chunk-bytes", o.chunk_bytes > 0}, std::pair{"--stats", o.stats}, std::pair{"--resume", o.resume},
        std::pair{"--csv -", o.csv == "-"}})
    expects(!given, std::string{"--pairs: "} + flag + " does not go with it: leave it out");
}

/// What a measurement adds to a price: a factor exp(spread * z), z drawn from the normal distribution by `seed` for
/// pair `number` (Box and Muller 1958), the same on every computer.
inline double measured_factor(double spread, std::uint64_t seed, std::uint64_t number) {
  if (spread == 0) return 1;
  const auto uniform = [&](std::uint64_t which) {
    return (static_cast<double>(colossus::detail::mix(colossus::detail::mix(seed) ^ (2 * number + which)) >> 11) +
            0.5) *
           0x1p-53;
  };
  return std::exp(spread * std::sqrt(-2 * std::log(uniform(0))) * std::cos(2 * std::numbers::pi * uniform(1)));
}

}  // namespace colossus::bench
