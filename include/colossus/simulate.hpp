// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/cost_models.hpp>
#include <colossus/detail/event_quote.hpp>
#include <colossus/detail/quote.hpp>
#include <colossus/placement.hpp>
#include <colossus/speed_of_light.hpp>

namespace colossus {

/// One price for each size of `bytes`, under each of the `options`: algorithm `A` in several groups of ranks at once,
/// rank r of group g on GPU `groups[g][r]`, each for problems of the given `shape`; groups are equal in size and share
/// no GPU. The slowest group's time is the price: the one with the slowest message stands for all. What depends neither
/// on the size nor on the routes is worked out once. All options name one cost model.
template <algorithm A, topology T>
std::vector<std::vector<price>> simulate_sweep(const T& machine, std::span<const std::vector<gpu_t>> groups,
                                               const problem& shape, std::span<const std::int64_t> bytes,
                                               std::span<const simulate_options> options) {
  expects(!groups.empty(), "simulate_sweep: at least one group");
  const std::vector<std::span<const gpu_t>> placements(groups.begin(), groups.end());
  for (const auto& group : placements)
    expects(group.size() == placements.front().size(), "simulate_sweep: groups must have as many ranks as each other");
  std::vector<detail::request<schedule_of<A>>> requests;
  for (const std::int64_t size : bytes) {
    problem asked = shape;
    asked.ranks = static_cast<rank_t>(placements.front().size());
    asked.bytes = size;
    requests.push_back({make<A>(asked), size});
  }
  auto prices = options.front().cost_model == model::discrete_event
                    ? detail::quote_events<typename A::collective>(requests, machine, placements, options)
                    : detail::quote<typename A::collective>(requests, machine, placements, options);
  const light_cone<typename A::collective> light{machine, placements.front()};
  for (auto& sweep : prices)
    for (std::size_t i = 0; i < sweep.size(); ++i) sweep[i].speed_of_light = light(bytes[i]);
  return prices;
}

/// The same for one group.
template <algorithm A, topology T>
std::vector<std::vector<price>> simulate_sweep(const T& machine, std::span<const gpu_t> placement, const problem& shape,
                                               std::span<const std::int64_t> bytes,
                                               std::span<const simulate_options> options) {
  const std::vector<gpu_t> group(placement.begin(), placement.end());
  return simulate_sweep<A>(machine, std::span{&group, 1}, shape, bytes, options);
}

template <algorithm A, topology T>
std::vector<price> simulate_sweep(const T& machine, std::span<const gpu_t> placement, const problem& shape,
                                  std::span<const std::int64_t> bytes, const simulate_options& options = {}) {
  return simulate_sweep<A>(machine, placement, shape, bytes, std::span{&options, 1}).front();
}

/// The price of one schedule on the first GPUs of a machine, `bytes` as nccl-tests counts them.
template <schedule S, topology T>
price simulate(const S& schedule, const T& machine, std::int64_t bytes, const simulate_options& options = {}) {
  const std::vector<gpu_t> placement = packed(machine, schedule.ranks());
  const std::span<const gpu_t> group{placement};
  const detail::placements groups{&group, 1};
  const std::vector requests{detail::request<S>{schedule, bytes}};
  const auto quoted = [&]<class Collective>(std::type_identity<Collective>) {
    return options.cost_model == model::discrete_event
               ? detail::quote_events<Collective>(requests, machine, groups, std::span{&options, 1}).front().front()
               : detail::quote<Collective>(requests, machine, groups, std::span{&options, 1}).front().front();
  };
  if constexpr (requires { typename S::collective; }) {
    price priced = quoted(std::type_identity<typename S::collective>{});
    priced.speed_of_light = light_cone<typename S::collective>{machine, placement}(bytes);
    return priced;
  } else return quoted(std::type_identity<void>{});
}

}  // namespace colossus
