// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topologies.hpp>

#include <benchmark/benchmark.h>

namespace colossus::bench {

/// `gpus` GPUs of a machine like topologies/colossus-100k.json: pods of 64 nodes with 8 GPUs on 8 rails, one leaf for
/// each rail and pod, spines shared by the pods of a hall: 49 of 196 pods, else 64, or all where there are fewer. A
/// core joins halls where there are several, and rails where messages change rails in the fabric.
inline topologies::nodes_of<topologies::clos> machine_of(
    gpu_t gpus, topologies::cross_rail across = topologies::cross_rail::nvlink) {
  constexpr double gbps = 1e9 / 8;
  const std::int32_t nodes = gpus / 8, in_pod = std::min(nodes, 64), pods = nodes / in_pod;
  const std::int32_t hall = pods % 49 == 0 ? 49 : std::min(pods, 64);
  topologies::clos_shape shape;
  shape.pods = pods, shape.nodes_per_pod = in_pod, shape.nics_per_node = shape.rails = 8;
  shape.tiers = {{"leaf", 64, 64, 400 * gbps, 5e-7, 6e-7}, {"spine", 64, 64, 400 * gbps, 5e-7, 6e-7, hall, 1}};
  const std::int32_t groups = pods / hall * shape.rails;
  if (pods > hall || across == topologies::cross_rail::fabric)
    shape.tiers.push_back({"core", std::max(128, groups), 0, 400 * gbps, 5e-7, 6e-7});
  topologies::node_shape node;
  node.between_rails = across;
  node.speeds = {{450e9, 1e-6, 50e9, 1e-6}};
  return {topologies::clos{std::move(shape)}, std::move(node)};
}

/// Sizes of machines that every row has: those that peers and the mission name, and powers of two about them.
inline void on_machines(benchmark::internal::Benchmark* row) {
  for (const int gpus : {64, 512, 1'024, 4'096, 16'384, 100'352, 131'072}) row->Arg(gpus);
}

}  // namespace colossus::bench
