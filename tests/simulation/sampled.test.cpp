// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms/all_to_all/direct.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

topologies::nodes_of<topologies::clos> leaves_of_16(int leaves) {
  topologies::clos_shape shape;
  shape.pods = leaves, shape.nodes_per_pod = 16;
  shape.tiers = {{"leaf", 16, 16, 50e9, 5e-7, 5e-7}, {"spine", leaves, 0, 50e9, 5e-7, 5e-7}};
  topologies::node_shape node;
  node.gpus = 1;
  node.speeds = {{1e12, 0, 50e9, 0}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

/// Seconds, and what is not known of them, of an outline under one draw of paths.
detail::times drawn(const topologies::nodes_of<topologies::clos>& machine, const detail::outline& what, double bytes) {
  const std::vector<gpu_t> placement = packed(machine, machine.gpus());
  const std::span<const gpu_t> group{placement};
  detail::study<topologies::nodes_of<topologies::clos>, cost_models::max_min> study{
      machine, what, {std::span{&group, 1}, 1, 0}, false};
  (void)study.draw(routing::ecmp, 1, 7);
  detail::timer time{study};
  return time(1, bytes);
}

/// An eighth of the rounds says what all take, as well as it says that it knows.
TEST(Sampled, RoundsOfDrawnPathsStandForAll) {
  const auto machine = leaves_of_16(32);
  const shift_exchange exchange{512};
  for (const double bytes : {1e6, 1e9}) {
    const detail::times all = drawn(machine, detail::outline_of(exchange), bytes);
    const detail::times some = drawn(machine, detail::sample_of(exchange, 1), bytes);
    EXPECT_EQ(all.doubt, 0);
    EXPECT_GT(some.doubt, 0);
    EXPECT_NEAR(some.ends.back() / all.ends.back(), 1, 0.1) << bytes;
    EXPECT_NEAR(some.ends.back(), all.ends.back(), some.doubt) << bytes;
  }
}

}  // namespace
}  // namespace colossus
