// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>

#include <string>
#include <string_view>

namespace colossus::bench {

/// The first host of Slurm's short form of a list: `gpu[03-07,9],login` begins with gpu03, `r[1-2]n[0-3]` with r1n0.
inline std::string first_host(std::string_view list) {
  std::string host;
  for (std::size_t at = 0; at < list.size() && list[at] != ','; ++at) {
    if (list[at] != '[') {
      host += list[at];
      continue;
    }
    const std::size_t end = std::min(list.find(']', at), list.size());
    const std::string_view inside = list.substr(at + 1, end - at - 1);
    host += inside.substr(0, inside.find_first_of("-,"));
    at = end;
  }
  return host;
}

/// How many tasks Slurm's short form gives to a node: node 2 of `4(x2),3` has 3. Nothing where the list ends before.
inline std::optional<int> tasks_on_node(std::string_view list, int node) {
  while (!list.empty()) {
    const std::string_view entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(entry.size() + 1, list.size()));
    const std::size_t times = entry.find("(x");
    int nodes = 1;
    if (times != std::string_view::npos && entry.back() == ')')
      nodes = to_number<int>(entry.substr(times + 2, entry.size() - times - 3)).value_or(1);
    if (node < nodes) return to_number<int>(entry.substr(0, times));
    node -= nodes;
  }
  return std::nullopt;
}

/// The port at which rank 0 of a step listens: the same for all its tasks, below the ports that systems hand out
/// themselves and below torchrun's 29500, and another one for the next step or job of the same node.
inline int port_of_step(int job, int step) {
  constexpr unsigned first = 20'000, ports = 9'000;
  return static_cast<int>(first + (static_cast<unsigned>(job) * 7U + static_cast<unsigned>(step)) % ports);
}

}  // namespace colossus::bench
