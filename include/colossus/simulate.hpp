// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/algorithm.hpp>
#include <colossus/cost_models.hpp>
#include <colossus/detail/quote.hpp>
#include <colossus/placement.hpp>
#include <colossus/speed_of_light.hpp>

namespace colossus {

/// One price for each size of `bytes`: algorithm `A` on the GPUs `placement[rank]`, for problems of the given `shape`.
/// What does not depend on the size is worked out once: routes, shares, rates.
template <algorithm A, topology T>
std::vector<price> simulate_sweep(const T& machine, std::span<const gpu_t> placement, const problem& shape,
                                  std::span<const std::int64_t> bytes, const simulate_options& options = {}) {
  std::vector<detail::request<schedule_of<A>>> requests;
  for (const std::int64_t size : bytes) {
    problem asked = shape;
    asked.ranks = static_cast<rank_t>(placement.size());
    asked.bytes = size;
    requests.push_back({make<A>(asked), size});
  }
  std::vector<price> prices = detail::quote<typename A::collective>(requests, machine, placement, options);
  for (std::size_t i = 0; i < prices.size(); ++i)
    prices[i].speed_of_light = speed_of_light<typename A::collective>(machine, placement, bytes[i]);
  return prices;
}

/// The price of one schedule on the first GPUs of a machine, `bytes` as nccl-tests counts them.
template <schedule S, topology T>
price simulate(const S& schedule, const T& machine, std::int64_t bytes, const simulate_options& options = {}) {
  const std::vector<gpu_t> placement = packed(machine, schedule.ranks());
  const detail::request<S> request{schedule, bytes};
  if constexpr (requires { typename S::collective; }) {
    price priced = detail::quote<typename S::collective>(std::span{&request, 1}, machine, placement, options).front();
    priced.speed_of_light = speed_of_light<typename S::collective>(machine, placement, bytes);
    return priced;
  } else return detail::quote<void>(std::span{&request, 1}, machine, placement, options).front();
}

}  // namespace colossus
