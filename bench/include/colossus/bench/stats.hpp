// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/sidecar.hpp>
#include <colossus/bench/topology_text.hpp>
#include <colossus/detail/tally.hpp>

#include <sys/resource.h>

#include <chrono>

namespace colossus::bench {

/// What the simulator itself did and took, of this thread and since it was made.
class stats {
 public:
  std::vector<std::string> lines(std::size_t rows) const {
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    const colossus::detail::tally& did = colossus::detail::tallied;
    const std::string git = detail::built_from();
    return {"stats: " + with_commas(did.flows - before_.flows) + " flows routed, " +
                with_commas(did.solves - before_.solves) + " max-min solves in " +
                with_commas(did.passes - before_.passes) + " passes, " + with_commas(did.messages - before_.messages) +
                " messages followed, " + with_commas(did.events - before_.events) + " events",
            "stats: " + with_commas(static_cast<std::int64_t>(rows)) + " rows in " + brief(wall) + " s (CPU " +
                brief(seconds(used.ru_utime) + seconds(used.ru_stime)) + " s), " +
                brief(static_cast<double>(used.ru_maxrss) / 1024) + " MiB at most; " + detail::compiler() +
                (git.empty() ? "" : ", " + git)};
  }

 private:
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  colossus::detail::tally before_ = colossus::detail::tallied;
};

}  // namespace colossus::bench
