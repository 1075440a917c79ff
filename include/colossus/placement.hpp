// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/detail/divider.hpp>
#include <colossus/detail/host_list.hpp>
#include <colossus/detail/text_file.hpp>
#include <colossus/problem.hpp>
#include <colossus/topology.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace colossus {

// A placement is the GPU of every rank: whole nodes in some order, rank r on GPU r mod g of the (r / g)-th node. Nodes
// that are down take none.

namespace detail {

template <topology T>
bool is_down(const T& fabric, std::int32_t node) {
  if constexpr (requires { fabric.is_down(node); }) return fabric.is_down(node);
  else return false;
}
}  // namespace detail

/// The nodes that take ranks, in file order: all but those that are down.
template <topology T>
std::vector<std::int32_t> usable_nodes(const T& fabric) {
  std::vector<std::int32_t> nodes;
  for (std::int32_t node = 0; node < fabric.nodes(); ++node)
    if (!detail::is_down(fabric, node)) nodes.push_back(node);
  return nodes;
}
/// The GPUs of these nodes.
template <topology T>
rank_t usable_gpus(const T& fabric) {
  return static_cast<rank_t>(usable_nodes(fabric).size()) * fabric.gpus_per_node();
}

namespace detail {

template <topology T>
std::int32_t nodes_for(const T& fabric, rank_t ranks) {
  if (const rank_t all = usable_gpus(fabric); ranks < 1 || ranks > all)
    throw error{"expected 1 to " + std::to_string(all) + " ranks, the GPUs of the topology" +
                (all < fabric.gpus() ? " on nodes that are up" : "") + ", found " + std::to_string(ranks)};
  return (ranks - 1) / fabric.gpus_per_node() + 1;
}

/// The GPUs of the first `ranks` places on `nodes`.
template <topology T>
std::vector<gpu_t> on_nodes(const T& fabric, std::span<const std::int32_t> nodes, rank_t ranks) {
  std::vector<gpu_t> gpus;
  gpus.reserve(static_cast<std::size_t>(ranks));
  const std::int32_t per_node = fabric.gpus_per_node();
  for (rank_t r = 0; r < ranks; ++r)
    gpus.push_back(nodes[static_cast<std::size_t>(r / per_node)] * per_node + r % per_node);
  return gpus;
}

/// How many groups the ranks form when dealt evenly, if ranks of equal `group_of` are just such consecutive ranks, or
/// are so but for a share 1 / `slack` of a group at its ends.
template <class GroupOf>
std::optional<rank_t> even_groups(std::span<const gpu_t> placement, GroupOf&& group_of, rank_t slack = 0) {
  std::vector<rank_t> first;  // the rank that each run of one group begins with
  for (std::size_t r = 0; r < placement.size(); ++r)
    if (r == 0 || group_of(placement[r]) != group_of(placement[r - 1])) first.push_back(static_cast<rank_t>(r));
  const split even{static_cast<std::int64_t>(placement.size()), static_cast<rank_t>(first.size())};
  const std::int64_t off = slack > 0 ? even.smallest() / slack : 0;
  for (std::size_t i = 0; i < first.size(); ++i)
    if (std::abs(even.first(static_cast<std::int64_t>(i)) - first[i]) > off) return {};
  std::vector<std::int32_t> names;
  for (const rank_t r : first) names.push_back(group_of(placement[static_cast<std::size_t>(r)]));
  std::sort(names.begin(), names.end());
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) return {};  // a group twice: not consecutive
  return static_cast<rank_t>(first.size());
}

}  // namespace detail

/// The first `ranks` usable GPUs in file order: pod, node, GPU.
template <topology T>
std::vector<gpu_t> packed(const T& fabric, rank_t ranks) {
  (void)detail::nodes_for(fabric, ranks);
  return detail::on_nodes(fabric, usable_nodes(fabric), ranks);
}

/// Whole nodes dealt round-robin over the pods.
template <topology T>
std::vector<gpu_t> spread(const T& fabric, rank_t ranks) {
  const std::int32_t count = detail::nodes_for(fabric, ranks), per_pod = fabric.nodes() / fabric.pods();
  std::vector<std::int32_t> nodes;
  for (std::int32_t i = 0; std::ssize(nodes) < count; ++i)
    if (const std::int32_t node = i % fabric.pods() * per_pod + i / fabric.pods(); !detail::is_down(fabric, node))
      nodes.push_back(node);
  return detail::on_nodes(fabric, nodes, ranks);
}

/// Whole nodes drawn from all the machine by `seed`, the same on every computer.
template <topology T>
std::vector<gpu_t> shuffled(const T& fabric, rank_t ranks, std::uint64_t seed) {
  const auto count = static_cast<std::size_t>(detail::nodes_for(fabric, ranks));
  std::vector<std::int32_t> nodes = usable_nodes(fabric);
  for (std::size_t i = 0; i < count; ++i) {
    detail::hash_draw draw{detail::mix(detail::mix(seed) ^ i)};
    std::swap(nodes[i], nodes[i + draw.below(static_cast<std::uint32_t>(nodes.size() - i))]);
  }
  return detail::on_nodes(fabric, nodes, ranks);
}

/// The name of a node of a generated machine: "p<pod>-n<node of the pod>".
template <topology T>
std::string host_name(const T& fabric, std::int32_t node) {
  const std::int32_t pod = fabric.pod_of(node * fabric.gpus_per_node());
  return "p" + std::to_string(pod) + "-n" + std::to_string(node - pod * (fabric.nodes() / fabric.pods()));
}

/// The node that has the name, zeros before its numbers allowed.
template <topology T>
std::optional<std::int32_t> find_host(const T& fabric, std::string_view name) {
  std::int32_t pod = -1, node = -1;
  const char* const end = name.data() + name.size();
  const auto number = [&](const char* from, std::int32_t& value) {
    return from < end && *from >= '0' && *from <= '9' ? std::from_chars(from, end, value).ptr : nullptr;
  };
  if (!name.starts_with('p')) return {};
  const char* at = number(name.data() + 1, pod);
  if (!at || !std::string_view{at, end}.starts_with("-n") || number(at + 2, node) != end) return {};
  const std::int32_t per_pod = fabric.nodes() / fabric.pods();
  if (pod < 0 || pod >= fabric.pods() || node < 0 || node >= per_pod) return {};
  return pod * per_pod + node;
}

/// Nodes in the order of a host list (one host a line, or Slurm's "p[0-3]-n[00-07,9]"); `where` names it in errors.
/// `ranks` 0: all GPUs of the hosts. Throws `error`: input for a host that is unknown or named twice, usage for too
/// many ranks.
template <topology T>
std::vector<gpu_t> placed_on(const T& fabric, std::string_view hosts, rank_t ranks,
                             std::string_view where = "host list") {
  std::vector<std::int32_t> nodes;
  std::vector<bool> seen(static_cast<std::size_t>(fabric.nodes()));
  for (const std::string& name : detail::host_list{hosts, where}.expand()) {
    const auto node = find_host(fabric, name);
    const std::string last = host_name(fabric, fabric.nodes() - 1);
    if (!node)
      throw error{
          std::string{where} + ": expected a host of the topology, p0-n0 to " + last + ", found \"" + name + "\"",
          failure::input};
    if (seen[static_cast<std::size_t>(*node)])
      throw error{std::string{where} + ": expected each host once, found \"" + name + "\" again", failure::input};
    if (detail::is_down(fabric, *node))
      throw error{std::string{where} + ": host \"" + name + "\" is down", failure::input};
    seen[static_cast<std::size_t>(*node)] = true;
    nodes.push_back(*node);
  }
  if (nodes.empty()) throw error{std::string{where} + ": expected at least one host, found none", failure::input};
  const auto room = static_cast<rank_t>(nodes.size()) * fabric.gpus_per_node();
  if (ranks < 0 || ranks > room)
    throw error{std::string{where} + ": expected at most " + std::to_string(room) + " ranks, the GPUs of its " +
                std::to_string(nodes.size()) + " hosts, found " + std::to_string(ranks)};
  return detail::on_nodes(fabric, nodes, ranks ? ranks : room);
}

/// The same, from a file.
template <topology T>
std::vector<gpu_t> placed_by_file(const T& fabric, const std::string& path, rank_t ranks) {
  return placed_on(fabric, detail::read_text(path, "a file of host names"), ranks, path);
}

/// The problem that a placement poses. Algorithms take nodes and pods for consecutive ranks, dealt evenly:
/// nodes are the NVLink domains where the placement fills them so, else the hosts;
/// pods are the pods of the machine where the placement has them so, else 1 (shuffled, spread, or a pod partly filled).
/// Pods that lack a few nodes, down perhaps, will do: an eighth of a pod's nodes may count as another's.
template <topology T>
problem part(const T& fabric, std::span<const gpu_t> placement) {
  problem p{.ranks = static_cast<rank_t>(placement.size())};
  const auto domains = detail::even_groups(placement, [&](gpu_t gpu) { return gpu / fabric.gpus_per_domain(); });
  p.nodes = domains ? *domains : (p.ranks - 1) / fabric.gpus_per_node() + 1;
  const auto pod_of = [&](gpu_t gpu) { return fabric.pod_of(gpu); };
  std::vector<gpu_t> firsts;  // of each node
  for (rank_t node = 0; domains && node < p.nodes; ++node)
    firsts.push_back(placement[static_cast<std::size_t>(p.node_split().first(node))]);
  const auto pods = domains ? detail::even_groups(firsts, pod_of, 8) : detail::even_groups(placement, pod_of);
  p.pods = pods && *pods <= p.nodes ? *pods : 1;
  return p;
}

}  // namespace colossus
