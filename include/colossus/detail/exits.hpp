// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/topology.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace colossus::detail {

/// What can leave the GPUs, NVLink domains and pods that a placement uses, in bytes/s, the mean over them; 0: no cut.
struct exits {
  std::int32_t domains = 0, pods = 0;  ///< in use
  double of_gpu = 0, of_domain = 0, of_pod = 0;
};

template <topology T>
double whole_capacity(const T& machine, link_t link) {
  if constexpr (requires { machine.nominal_capacity(link); }) return machine.nominal_capacity(link);
  else return machine.capacity(link);
}

/// The bytes/s of all links that are the `place`-th of a message from one of the GPUs first .. last - 1 to the GPU
/// `step` further, outside its domain, where nothing is broken.
template <topology T>
double leaving(const T& machine, gpu_t first, gpu_t last, gpu_t step, int place) {
  std::vector<link_t> links;
  for (gpu_t gpu = first; gpu < last; ++gpu) {
    int at = 0;
    const auto visit = [&](link_t link) {
      if (at++ == place) links.push_back(link);
    };
    if constexpr (requires { machine.usual_relay(gpu, gpu); })
      machine.along(gpu, gpu + step, machine.usual_relay(gpu, gpu + step), routing::adaptive, 0, visit);
    else machine.route(gpu, gpu + step, routing::adaptive, 0, visit);
  }
  std::ranges::sort(links);
  links.erase(std::unique(links.begin(), links.end()), links.end());
  double sum = 0;
  for (const link_t link : links) sum += whole_capacity(machine, link);
  return sum;
}

/// The bytes/s of a GPU into its domain.
template <topology T>
double inward(const T& machine, gpu_t gpu) {
  double first = 0;
  if (machine.gpus_per_domain() > 1)
    machine.route(gpu, gpu + 1, routing::adaptive, 0, [&](link_t link) {
      if (first == 0) first = whole_capacity(machine, link);
    });
  return first;
}

/// Domains of a pod are alike, and so are the leaves of pods: one stands for all.
template <topology T>
exits exits_of(const T& machine, std::span<const gpu_t> placement) {
  const std::int32_t domain = machine.gpus_per_domain(), pod = machine.gpus() / machine.pods();
  std::vector<bool> seen(static_cast<std::size_t>(machine.gpus() / domain), false);
  std::vector<std::int32_t> ranks(static_cast<std::size_t>(machine.pods())), domains(ranks.size());
  std::int32_t last = -1;
  for (const gpu_t gpu : placement) {
    const auto of_pod = static_cast<std::size_t>(machine.pod_of(gpu));
    ++ranks[of_pod];
    const std::int32_t at = gpu / domain;
    if (at == std::exchange(last, at) || seen[static_cast<std::size_t>(at)]) continue;
    seen[static_cast<std::size_t>(at)] = true;
    ++domains[of_pod];
  }
  exits out;
  for (const std::int32_t count : domains) out.domains += count, out.pods += count > 0;
  if constexpr (requires { machine.dims(); }) {  // a torus: every link of a chip leaves it
    double all = 0;
    for (link_t link = 0; link < machine.links(); ++link)
      if (machine.uses(routing::adaptive, link)) all += machine.capacity(link);
    out.of_gpu = all / machine.gpus();
    return out;
  }
  if (pod % domain != 0) out.pods = 1;  // NVLink joins pods: no cut there
  const auto toward = [&](gpu_t from, gpu_t by) { return from + by < machine.gpus() ? by : -by; };
  for (std::size_t p = 0; p < ranks.size(); ++p) {
    if (ranks[p] == 0) continue;
    const auto first = static_cast<gpu_t>(p) * pod;
    const double nics = out.domains > 1 ? leaving(machine, first, first + domain, toward(first, domain), 0) : 0;
    out.of_gpu += ranks[p] * (inward(machine, first) + nics / domain);
    out.of_domain += domains[p] * nics;
    if (out.of_pod == 0 && out.pods > 1) out.of_pod = leaving(machine, first, first + pod, toward(first, pod), 1);
  }
  out.of_gpu /= static_cast<double>(placement.size());
  out.of_domain /= out.domains;
  return out;
}

}  // namespace colossus::detail
