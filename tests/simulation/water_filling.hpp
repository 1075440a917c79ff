// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace colossus::test {

/// Who shares what: for each flow the links that it uses; for each link what it carries.
struct sharing {
  std::vector<std::vector<std::uint32_t>> routes;
  std::vector<double> capacity;
};

/// The textbook: the water level rises everywhere at once, and stops for the flows of each link as it fills.
inline std::vector<double> water_filling(const sharing& s) {
  std::vector<double> rate(s.routes.size(), std::numeric_limits<double>::infinity()), rest = s.capacity;
  std::vector<bool> open(s.routes.size());
  std::size_t left = 0;
  for (std::size_t flow = 0; flow < open.size(); ++flow) left += open[flow] = !s.routes[flow].empty();
  while (left > 0) {
    std::vector<int> users(rest.size(), 0);
    for (std::size_t flow = 0; flow < open.size(); ++flow)
      if (open[flow])
        for (const auto link : s.routes[flow]) ++users[link];
    double level = std::numeric_limits<double>::infinity();
    for (std::size_t link = 0; link < rest.size(); ++link)
      if (users[link] > 0) level = std::min(level, rest[link] / users[link]);
    std::vector<bool> full(rest.size());
    for (std::size_t link = 0; link < rest.size(); ++link)
      full[link] = users[link] > 0 && rest[link] / users[link] <= level * (1 + 1e-12);
    for (std::size_t flow = 0; flow < open.size(); ++flow) {
      const auto& route = s.routes[flow];
      if (!open[flow] || std::ranges::none_of(route, [&](auto link) { return full[link]; })) continue;
      rate[flow] = level;
      open[flow] = false;
      --left;
      for (const auto link : route) rest[link] -= level;
    }
  }
  return rate;
}

/// When flows of `bytes` end that begin together, everything solved again at every end.
inline std::vector<double> water_filling_ends(const sharing& s, const std::vector<double>& bytes) {
  std::vector<double> end(bytes.size(), 0), left = bytes;
  std::vector<std::size_t> open;
  for (std::size_t flow = 0; flow < bytes.size(); ++flow)
    if (!s.routes[flow].empty() && bytes[flow] > 0) open.push_back(flow);
  for (double now = 0; !open.empty();) {
    sharing rest{{}, s.capacity};
    for (const std::size_t flow : open) rest.routes.push_back(s.routes[flow]);
    const std::vector<double> rate = water_filling(rest);
    double step = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < open.size(); ++i) step = std::min(step, left[open[i]] / rate[i]);
    now += step;
    for (std::size_t i = 0; i < open.size(); ++i) {
      left[open[i]] -= step * rate[i];
      if (left[open[i]] <= 1e-13 * bytes[open[i]]) left[open[i]] = 0, end[open[i]] = now;
    }
    std::erase_if(open, [&](std::size_t flow) { return left[flow] == 0; });
  }
  return end;
}

}  // namespace colossus::test
