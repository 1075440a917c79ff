// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/topology.hpp>

namespace colossus::detail {

/// The hash bits from which path number `path` of the connection between two GPUs is drawn under ECMP. Paths are
/// numbered over lanes and queue pairs, so that every model of cost sees one draw: lane * queue_pairs + queue_pair.
class route_draw {
 public:
  explicit constexpr route_draw(std::uint64_t seed = 1) : seed_{mix(seed)} {}
  constexpr std::uint64_t operator()(gpu_t from, gpu_t to, int path) const {
    const std::uint64_t connection = static_cast<std::uint64_t>(from) << 32 | static_cast<std::uint32_t>(to);
    return mix(seed_ ^ mix(connection + (static_cast<std::uint64_t>(path) << 26)));
  }

 private:
  std::uint64_t seed_;
};

}  // namespace colossus::detail
