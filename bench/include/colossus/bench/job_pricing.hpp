// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/grouped.hpp>
#include <colossus/bench/job.hpp>
#include <colossus/bench/pricing.hpp>

namespace colossus::bench {

/// A collective of a job, priced one way.
struct priced_part {
  const job_collective* what = nullptr;
  rank_t groups = 1, members = 1;
  const priced_algorithm* algorithm = nullptr;  ///< nothing where a group has one member
  price at_once, alone;                         ///< one collective: in all groups at once, in the first alone
  scene where;                                  ///< of all groups

  double seconds() const { return static_cast<double>(what->count) * at_once.seconds; }  ///< of a step
  double hidden() const { return what->overlap * seconds(); }
  double slowdown() const { return alone.seconds > 0 ? at_once.seconds / alone.seconds : 1; }
  /// That the busiest rank sends in a step.
  double bytes_sent() const {
    return static_cast<double>(what->count) * static_cast<double>(what->bytes) * at_once.wire_factor;
  }
};

/// What the messages of a training step cost: its collectives come one after another, and computing hides of each what
/// the job says, but no more than there is computing.
struct step_cost {
  double messages_s = 0;    ///< of all collectives
  double hidden_s = 0;      ///< of these, behind computing
  double step_s = 0;        ///< computing, and what it does not hide
  double bytes_sent = 0;    ///< by the busiest rank of each collective
  std::vector<double> use;  ///< by kind of link: mean share of the step that links with any traffic are busy
};

inline step_cost sum_up(std::span<const priced_part> parts, const std::optional<double>& compute_s) {
  step_cost sum;
  for (const priced_part& p : parts) {
    sum.messages_s += p.seconds();
    sum.hidden_s += p.hidden();
    sum.bytes_sent += p.bytes_sent();
  }
  if (compute_s) sum.hidden_s = std::min(sum.hidden_s, *compute_s);
  sum.step_s = sum.messages_s - sum.hidden_s + compute_s.value_or(0);
  for (const priced_part& p : parts) {
    sum.use.resize(std::max(sum.use.size(), p.at_once.utilisation.size()), 0);
    for (std::size_t kind = 0; kind < p.at_once.utilisation.size(); ++kind)
      sum.use[kind] += p.at_once.utilisation[kind] * p.seconds() / sum.step_s;
  }
  return sum;
}

namespace detail {

inline price one_price(const priced_algorithm& a, const scene& s, std::int64_t bytes, const simulate_options& how) {
  return a.sweep(s, 0, std::span{&bytes, 1}, std::span{&how, 1}).front().front();
}

/// An algorithm that may serve a part, and its price in the first group alone.
struct candidate {
  const priced_algorithm* algorithm;
  price alone;
};

/// The algorithm that the part names, or all that serve and can be priced, the fastest in one group first.
inline std::vector<candidate> candidates_of(const priced_part& part, std::span<const priced_algorithm> known,
                                            const simulate_options& how) {
  std::vector<candidate> all;
  std::string why = "no algorithm serves " + with_commas(part.members) + " ranks";
  const job_collective& c = *part.what;
  for (const priced_algorithm& a : known) {
    if (a.collective != c.collective || !(c.algorithm.empty() || c.algorithm == a.algorithm)) continue;
    if (!a.serves(part.where.shape)) continue;
    try {
      all.push_back({&a, one_price(a, one_group(part.where), c.bytes, how)});
    } catch (const error& refused) {
      why = refused.what();
    }
  }
  if (all.empty()) throw error{"\"" + c.name + "\": " + why};
  std::ranges::stable_sort(all, {}, [](const candidate& one) { return one.alone.seconds; });
  return all;
}

/// Prices a part in all groups at once. Other groups only slow the first down, so that candidates after one that is as
/// fast at once as they are alone need no price.
inline void price_fastest(priced_part& part, std::span<const priced_algorithm> known, const simulate_options& how) {
  std::string why;
  for (candidate& c : candidates_of(part, known, how)) {
    if (part.algorithm && c.alone.seconds >= part.at_once.seconds) return;
    try {
      price p = part.where.groups.size() == 1 ? c.alone : one_price(*c.algorithm, part.where, part.what->bytes, how);
      if (!part.algorithm || p.seconds < part.at_once.seconds)
        part.algorithm = c.algorithm, part.at_once = std::move(p), part.alone = std::move(c.alone);
    } catch (const error& refused) {
      why = refused.what();
    }
  }
  if (!part.algorithm) throw error{"\"" + part.what->name + "\": " + why};
}

/// True where no group leaves its NVLink domain on a machine of alike nodes: then each fares as the first.
inline bool apart(const std::vector<std::vector<gpu_t>>& groups, const loaded& machine) {
  if (machine.description.populations.size() > 1 || machine.has_faults()) return false;
  const std::int32_t domain = std::visit([](const auto& fabric) { return fabric.gpus_per_domain(); }, machine.fabric);
  return std::ranges::all_of(groups, [&](const std::vector<gpu_t>& group) {
    return std::ranges::all_of(group, [&](gpu_t gpu) { return gpu / domain == group.front() / domain; });
  });
}

}  // namespace detail

/// Every collective of a job whose ranks sit as in scene `s`. Throws `error` (usage) for one that cannot be priced.
inline std::vector<priced_part> price_parts(const job& j, const scene& s, std::span<const priced_algorithm> known,
                                            const simulate_options& how) {
  std::vector<priced_part> parts;
  for (const job_collective& c : j.collectives) {
    auto groups = j.layout.groups(s.placement, c.group);
    priced_part part;
    part.what = &c;
    part.groups = static_cast<rank_t>(groups.size()), part.members = j.layout.group_size(c.group);
    if (detail::apart(groups, *s.machine)) groups.resize(1);
    part.where = grouped(s, std::move(groups), std::to_string(part.groups) + ":" + std::string{to_string(c.group)});
    if (part.members > 1) detail::price_fastest(part, known, how);
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace colossus::bench
