// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/numbers.hpp>
#include <colossus/bench/sidecar.hpp>
#include <colossus/error.hpp>

#include <limits>

namespace colossus::bench {

/// Bytes that this process may still take, as far as the system says: of the machine and of a container.
inline double available_memory() {
  double most = std::numeric_limits<double>::infinity();
  const auto limit = [&](const std::string& text, double unit) {
    if (const auto value = to_number<double>(text.substr(0, text.find(' ')))) most = std::min(most, *value * unit);
  };
  limit(detail::system_value("/proc/meminfo", "MemAvailable"), 1024);
  limit(detail::system_value("/sys/fs/cgroup/memory.max", ""), 1);
  return most;
}

/// Throws (broke) where `bytes` are more than there are: the system would promise them, and end the program later.
inline void expect_memory(double bytes) {
  const double found = available_memory();
  if (bytes <= found) return;
  throw error{"the buffers take " + bytes_for_people(static_cast<std::int64_t>(std::min(bytes, 9e18))) +
                  ", and there are " + bytes_for_people(static_cast<std::int64_t>(found)) +
                  ": lower -e, or use fewer ranks",
              failure::broke};
}

}  // namespace colossus::bench
