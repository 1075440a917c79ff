// SPDX-License-Identifier: Apache-2.0
#include <colossus/algorithms.hpp>
#include <colossus/groups.hpp>
#include <colossus/simulate.hpp>
#include <colossus/topologies.hpp>

#include <gtest/gtest.h>

namespace colossus {
namespace {

using machine_t = topologies::nodes_of<topologies::clos>;
constexpr double rate = 50e9;
constexpr std::int64_t bytes = 1 << 30;

/// Leaves of 8 hosts with 2 links up, four to one.
machine_t oversubscribed(int leaves) {
  topologies::clos_shape shape;
  shape.pods = leaves, shape.nodes_per_pod = 8;
  shape.tiers = {{"leaf", 8, 2, rate, 1e-6, 0}, {"spine", leaves, 0, rate, 1e-6, 0}};
  topologies::node_shape node;
  node.gpus = 1;
  node.speeds = {{1e12, 0, rate, 0}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

template <class A>
double seconds(const machine_t& machine, const std::vector<std::vector<gpu_t>>& groups,
               const simulate_options& options = {}) {
  return simulate_sweep<A>(machine, std::span{groups}, part_of_groups(machine, groups), std::span{&bytes, 1},
                           std::span{&options, 1})
      .front()
      .front()
      .seconds;
}

TEST(Groups, RunsAndTurns) {
  const std::vector<gpu_t> placement{5, 3, 8, 1, 0, 7};
  EXPECT_EQ(consecutive_groups(placement, 2), (std::vector<std::vector<gpu_t>>{{5, 3, 8}, {1, 0, 7}}));
  EXPECT_EQ(strided_groups(placement, 2), (std::vector<std::vector<gpu_t>>{{5, 8, 0}, {3, 1, 7}}));
  EXPECT_EQ(consecutive_groups(placement, 1), strided_groups(placement, 1));
  EXPECT_THROW(consecutive_groups(placement, 4), error);
  EXPECT_THROW(strided_groups(placement, 0), error);
}

/// Each of k pairs sends across two links: k messages share 2 rates.
TEST(Groups, ShareWhatIsBetweenThem) {
  const machine_t machine = oversubscribed(2);
  const auto pairs = strided_groups(packed(machine, 16), 8);
  for (std::size_t k = 1; k <= 8; ++k) {
    const double share = std::min(1.0, 2.0 / static_cast<double>(k));
    EXPECT_NEAR(seconds<algorithms::direct_send_recv>(machine, {pairs.begin(), pairs.begin() + static_cast<int>(k)}),
                4e-6 + static_cast<double>(bytes) / rate / share, 1e-12)
        << k;
  }
}

/// Jobs side by side on leaves of their own never meet; spread over the same leaves they do.
TEST(Groups, JobsMeetWhereTheirPlacementsDo) {
  const machine_t machine = oversubscribed(4);
  for (const auto how : {routing::adaptive, routing::ecmp}) {
    const simulate_options options{.routing = {how, 1, 1, 1}};
    const auto packed_jobs = consecutive_groups(packed(machine, 32), 2);
    const auto spread_jobs = strided_groups(packed(machine, 32), 2);
    const auto slower = [&](const auto& jobs) {
      return seconds<algorithms::ring>(machine, jobs, options) /
             seconds<algorithms::ring>(machine, {jobs.front()}, options);
    };
    EXPECT_DOUBLE_EQ(slower(packed_jobs), 1);
    EXPECT_GE(slower(spread_jobs), 1);
  }
  const auto shifts = consecutive_groups(spread(machine, 32), 2);  // neighbours are below different leaves
  EXPECT_NEAR(seconds<algorithms::direct_send_recv>(machine, shifts) /
                  seconds<algorithms::direct_send_recv>(machine, {shifts.front()}),
              2, 1e-3);
}

/// Where nothing is drawn and ranks are alike, groups that share links fare as discrete events say.
TEST(Groups, EqualDiscreteEventsWhereAllAreAlike) {
  const machine_t machine = oversubscribed(4);
  const simulate_options events{.cost_model = model::discrete_event};
  for (const auto& groups : {strided_groups(packed(machine, 32), 4), consecutive_groups(spread(machine, 32), 4)})
    for_each_type(type_list<algorithms::ring, algorithms::halving_doubling, algorithms::recursive_doubling>{},
                  [&]<class A>(std::type_identity<A>) {
                    EXPECT_NEAR(seconds<A>(machine, groups) / seconds<A>(machine, groups, events), 1, 0.01) << A::name;
                  });
}

TEST(Groups, OneGroupIsNoGroup) {
  const machine_t machine = oversubscribed(4);
  const auto placement = shuffled(machine, 24, 3);
  const simulate_options options{.routing = {routing::ecmp, 2, 7, 3}};
  for_each_type(algorithms::all_reduce_list{}, [&]<class A>(std::type_identity<A>) {
    if (!supports<A>(part(machine, placement))) return;
    EXPECT_EQ(seconds<A>(machine, {placement}, options),
              simulate_sweep<A>(machine, placement, part(machine, placement), std::span{&bytes, 1}, options)[0].seconds)
        << A::name;
  });
}

}  // namespace
}  // namespace colossus
