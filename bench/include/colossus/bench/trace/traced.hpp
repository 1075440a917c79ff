// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/trace/timetable.hpp>
#include <colossus/simulate.hpp>

namespace colossus::bench {

/// A price taken apart: what moves where and when. Refers to the machine and the schedule, which outlive it.
struct traced {
  const colossus::detail::script& script;
  colossus::detail::wiring& wires;
  std::span<const gpu_t> placement;  ///< of all groups
  double bytes = 0;                  ///< that all shares are of
  simulate_options how{};
  std::int32_t gpus_per_node = 1;
  std::function<std::int32_t(gpu_t)> pod_of{};
  std::function<std::string(std::int32_t)> host_of{};   ///< by node
  std::vector<double> capacity{};                       ///< by kind of link: of all that the routing uses, bytes/s
  std::optional<colossus::detail::timetable> folded{};  ///< nothing: messages are followed one by one

  gpu_t gpu(rank_t rank) const { return placement[static_cast<std::size_t>(rank)]; }
  std::int32_t node(rank_t rank) const { return gpu(rank) / gpus_per_node; }
};

namespace detail {

template <topology T>
std::vector<double> capacities(const T& machine, routing how) {
  std::vector<double> all(machine.kinds().size(), 0);
  for (link_t link = 0; link < machine.links(); ++link)
    if (machine.uses(how, link)) all[static_cast<std::size_t>(machine.kind(link))] += machine.capacity(link);
  return all;
}

template <topology T>
std::optional<colossus::detail::timetable> fold_time(const colossus::detail::outline& what,
                                                     const colossus::detail::slicing& parts, const T& machine,
                                                     colossus::detail::placements groups, double bytes,
                                                     const simulate_options& how) {
  if (how.cost_model == model::alpha_beta)
    return colossus::detail::timetable_of<cost_models::alpha_beta>(what, parts, machine, groups, bytes, how);
  return colossus::detail::timetable_of<cost_models::max_min>(what, parts, machine, groups, bytes, how);
}

}  // namespace detail

/// Takes the price of algorithm `A` for one size apart, under the first draw of the options, and shows it to `look`.
template <algorithm A, topology T>
void take_apart(const T& machine, std::span<const std::vector<gpu_t>> groups, problem shape, std::int64_t bytes,
                const simulate_options& how, const std::function<void(const traced&)>& look) {
  shape.ranks = static_cast<rank_t>(groups.front().size());
  shape.bytes = bytes;
  const auto schedule = make<A>(shape);
  const colossus::detail::script script{schedule, static_cast<rank_t>(groups.size())};
  colossus::detail::wiring wires{machine, how.routing, how.routing.seed, how.packets};
  std::vector<gpu_t> placement;
  for (const auto& group : groups) placement.insert(placement.end(), group.begin(), group.end());
  traced all{script, wires, placement, colossus::detail::copies<typename A::collective>() * static_cast<double>(bytes),
             how};
  all.gpus_per_node = machine.gpus_per_node();
  all.pod_of = [&](gpu_t gpu) { return machine.pod_of(gpu); };
  all.host_of = [&](std::int32_t node) { return colossus::host_name(machine, node); };
  all.capacity = detail::capacities(machine, how.routing.kind);
  if (how.cost_model != model::discrete_event) {
    const std::vector<std::span<const gpu_t>> spans(groups.begin(), groups.end());
    const auto parts = colossus::detail::dissect(schedule);
    all.folded = detail::fold_time(colossus::detail::outline_under(parts.core, parts.slices, machine, spans, how),
                                   parts.slices, machine, spans, all.bytes, how);
  }
  look(all);
}

}  // namespace colossus::bench
