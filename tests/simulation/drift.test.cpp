// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

/// Two pods of nodes with 8 GPUs on 8 rails, like those of large machines.
topologies::nodes_of<topologies::clos> two_pods(std::int32_t in_pod) {
  topologies::clos_shape shape;
  shape.pods = 2, shape.nodes_per_pod = in_pod, shape.nics_per_node = shape.rails = 8;
  shape.tiers = {{"leaf", in_pod, in_pod, 50e9, 5e-7, 6e-7}, {"spine", 64, 0, 50e9, 5e-7, 6e-7}};
  topologies::node_shape node;
  node.speeds = {{450e9, 1e-6, 50e9, 1e-6}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

template <class A>
price priced_in_lanes(const auto& machine, std::span<const gpu_t> placement, std::int64_t bytes, routing how,
                      model by) {
  const simulate_options options{.routing = {.kind = how, .seeds = 1}, .cost_model = by};
  return simulate_sweep<A>(machine, placement, part(machine, placement), std::span{&bytes, 1}, options).front();
}

/// A ring for each NIC of a node: their messages meet on NVLink, where some are gone before others come.
TEST(Drift, RingsInLanesTakeWhatEventsTake) {
  const auto machine = two_pods(8);
  const auto expect_close = [&]<class A>(std::type_identity<A>) {
    for (const auto& placement : {packed(machine, 128), shuffled(machine, 128, 1)})
      for (const routing how : {routing::adaptive, routing::ecmp})
        for (const std::int64_t bytes : {1 << 23, 1 << 25, 1 << 28}) {
          const price folded = priced_in_lanes<A>(machine, placement, bytes, how, model::max_min);
          const price events = priced_in_lanes<A>(machine, placement, bytes, how, model::discrete_event);
          EXPECT_NEAR(folded.seconds / events.seconds, 1, 0.01)
              << A::collective::name << ' ' << bytes << " bytes, routing " << static_cast<int>(how);
          EXPECT_EQ(folded.lanes, 8);
          EXPECT_EQ(folded.kind, "lockstep") << "a mean";
        }
  };
  expect_close(std::type_identity<algorithms::ring>{});
  expect_close(std::type_identity<algorithms::ring_all_gather>{});
  expect_close(std::type_identity<algorithms::ring_reduce_scatter>{});
}

/// Inside one node all messages of all lanes are alike: nobody drifts, and links are shared all the time.
TEST(Drift, NeedsMessagesThatDiffer) {
  const auto machine = two_pods(8);
  const problem halves{.ranks = 8, .nodes = 2};
  simulate_options events{.cost_model = model::discrete_event};
  for (const std::int64_t bytes : {1 << 16, 1 << 28}) {
    const auto price_of = [&](const simulate_options& options) {
      return simulate_sweep<algorithms::ring>(machine, packed(machine, 8), halves, std::span{&bytes, 1}, options)[0];
    };
    EXPECT_NEAR(price_of({}).seconds / price_of(events).seconds, 1, 1e-9);
    EXPECT_EQ(price_of({}).kind, "exact");
    EXPECT_EQ(price_of({}).lanes, 4);
  }
}

}  // namespace
}  // namespace colossus
