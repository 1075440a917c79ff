// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace colossus {

/// A GPU of a machine, 0 .. gpus() - 1 in file order: pod, node, GPU.
using gpu_t = std::int32_t;

/// A link in one direction, or a trunk: a bundle of parallel links that adaptive routing fills evenly, as one fat link.
using link_t = std::uint32_t;

/// How one flow finds its way where there are several equal paths.
enum class routing : std::uint8_t {
  ecmp,          ///< one path per flow, drawn from a hash
  adaptive,      ///< every packet takes another path: the flow spreads evenly over all of them (uses trunks)
  deterministic  ///< one path per destination
};

constexpr std::string_view to_string(routing how) {
  return how == routing::ecmp ? "ecmp" : how == routing::adaptive ? "adaptive" : "deterministic";
}

namespace detail {
/// A visitor that stands for all of them where a concept is checked.
struct any_visitor {
  void operator()(link_t) const {}
};
}  // namespace detail

/// A machine: GPUs, directed links with capacities, and the links that a message takes.
/// Links have dense ids; one routing uses either the single links of a bundle or its trunk, never both (`uses`).
/// Equal `distance` means equal latency and equal kinds of links; 0 is the same GPU.
template <class T>
concept topology = requires(const T t, gpu_t gpu, link_t link, routing how, std::uint64_t entropy) {
  { t.gpus() } -> std::same_as<gpu_t>;
  { t.nodes() } -> std::same_as<std::int32_t>;
  { t.gpus_per_node() } -> std::same_as<std::int32_t>;
  { t.gpus_per_domain() } -> std::same_as<std::int32_t>;  // GPUs that NVLink (or what stands for it) joins
  { t.pods() } -> std::same_as<std::int32_t>;
  { t.node_of(gpu) } -> std::same_as<std::int32_t>;
  { t.pod_of(gpu) } -> std::same_as<std::int32_t>;
  { t.links() } -> std::same_as<link_t>;
  { t.capacity(link) } -> std::same_as<double>;  // bytes/s in the link's direction, efficiency included
  { t.kind(link) } -> std::same_as<int>;         // index into kinds()
  { t.kinds() } -> std::convertible_to<std::span<const std::string>>;
  { t.uses(how, link) } -> std::same_as<bool>;  // a route under `how` may visit the link
  { t.link_name(link) } -> std::same_as<std::string>;
  { t.latency_s(gpu, gpu) } -> std::same_as<double>;  // one way, a small message, seconds
  { t.distance(gpu, gpu) } -> std::same_as<int>;
  { t.distances() } -> std::same_as<int>;
  { t.distance_name(0) } -> std::same_as<std::string>;
  { t.distance_latency_s(0) } -> std::same_as<double>;
  { t.bisection() } -> std::same_as<double>;  // bytes/s one way between the halves of the machine
  t.route(gpu, gpu, how, entropy,
          detail::any_visitor{});  // each link of the path once, in order; 64 hash bits for ecmp
};

}  // namespace colossus
