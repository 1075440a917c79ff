// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launch.hpp>

#include <numeric>
#include <vector>

namespace colossus::bench {

/// The devices of this process among its `visible` ones. `asked` is -g; 0: all without a launcher, one with. A launcher
/// may show every process its own devices only, or all of the host: then a process takes those of its local rank.
inline std::vector<int> devices_of(const launch& l, int visible, int asked) {
  const int each = asked > 0 ? asked : l.launched() ? 1 : visible;
  const auto here = [&] { return std::to_string(visible) + (visible == 1 ? " GPU is visible" : " GPUs are visible"); };
  if (each < 1 || visible < each)
    throw error{"-g " + std::to_string(each) + ": " + here() + " to this process: use a smaller -g" +
                    (l.launched() ? ", or have " + l.launcher + " show it more" : ", or set CUDA_VISIBLE_DEVICES"),
                failure::unavailable};
  const int place = std::max(l.local_rank, 0);
  const bool own = !l.launched() || visible == each;  // what it sees is its own, whatever its place
  if (!own && (place + 1) * each > visible)
    throw error{"local rank " + std::to_string(place) + " would use GPU " + std::to_string((place + 1) * each - 1) +
                    ", and " + here() + " on its host: start at most " + std::to_string(visible / each) +
                    " processes a host" + (each > 1 ? " or use a smaller -g" : ""),
                failure::unavailable};
  std::vector<int> devices(static_cast<std::size_t>(each));
  std::iota(devices.begin(), devices.end(), own ? 0 : place * each);
  return devices;
}

}  // namespace colossus::bench
