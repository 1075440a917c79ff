// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/scene.hpp>
#include <colossus/bench/trace/traced.hpp>

namespace colossus::bench::detail {

/// Takes the price of algorithm `A` on a scene apart.
template <class A>
void take_apart(const scene& s, rank_t root, std::int64_t bytes, const simulate_options& how,
                const std::function<void(const traced&)>& look) {
  problem shape = s.shape;
  shape.root = root;
  const std::span<const std::vector<gpu_t>> groups =
      s.groups.empty() ? std::span{&s.placement, 1} : std::span{s.groups};
  std::visit([&](const auto& fabric) { bench::take_apart<A>(fabric, groups, shape, bytes, how, look); },
             s.machine->fabric);
}

}  // namespace colossus::bench::detail
