// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/asked.hpp>
#include <colossus/error.hpp>

namespace colossus::bench::compare {

/// How a figure stands to what is expected of it.
/// Below: `overhead` misses about what the
/// smallest sizes do, `ramp` has a larger size of its sweep that is normal, so that links are well: both are software.
enum class standing { normal, low, far_below, above, overhead, ramp, not_told };

inline std::string_view name_of(standing s) {
  constexpr std::array<std::string_view, 7> names{"normal",   "low",  "far_below", "above",
                                                  "overhead", "ramp", "not_told"};
  return names[static_cast<std::size_t>(s)];
}

/// One configuration of the file, what is expected of it, and how it stands; or why nothing is expected.
struct answer {
  const asked* of = nullptr;
  row expected{};         ///< its time, limit, algorithm, routing, ...
  std::string why_not{};  ///< empty: something is expected
  standing said = standing::not_told;

  /// Expected over measured time: 1 is as good as expected.
  double fraction() const { return *expected.time_us / *of->of.time_us; }
  real fraction_of_light() const {
    return expected.sol_us && *expected.sol_us > 0 ? real{*expected.sol_us / *of->of.time_us} : real{};
  }
};

/// What is asked beside the files.
struct expectations {
  double least = 0.8;           ///< of what is expected: normal
  bool is_bound = true;         ///< what is expected leaves software out
  std::vector<answer> answers;  ///< in the order of the file
  std::vector<std::string> about{}, assumed{};
};

/// Algorithms that NCCL has, for rows that do not say theirs. Reduction in switches (NVLS, CollNet) is not among ours,
/// nor are NCCL's chains of broadcast and reduce: the double tree stands for these.
inline std::vector<std::string_view> algorithms_of_nccl(std::string_view collective) {
  if (collective == "all_reduce") return {"ring", "double_tree"};
  if (collective == "all_gather" || collective == "reduce_scatter") return {"ring"};
  if (collective == "broadcast" || collective == "reduce") return {"double_tree"};
  if (collective == "all_to_all" || collective == "send_recv") return {"direct"};
  return {};
}

/// Our name of an algorithm that other programs call otherwise.
inline std::string our_name(const std::string& algorithm) {
  if (algorithm == "tree") return "double_tree";
  if (algorithm == "rabenseifner") return "halving_doubling";
  return algorithm;
}

namespace detail {

/// What the smallest sizes of a sweep miss, the median of three, while only latency limits them: a fixed cost of each
/// operation. What misses up to twice as much is still called that.
inline real fixed_cost_us(const std::vector<answer*>& sweep) {
  std::vector<double> missing;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, sweep.size()); ++i)
    if (const answer& a = *sweep[i]; a.expected.limit.starts_with("latency"))
      missing.push_back(std::max(0.0, *a.of->of.time_us - *a.expected.time_us));
  std::sort(missing.begin(), missing.end());
  return missing.empty() ? real{} : real{missing[missing.size() / 2]};
}

inline standing standing_of(const answer& a, double least, real fixed_us) {
  const double fraction = a.fraction(), missing = *a.of->of.time_us - *a.expected.time_us;
  if (fraction > 1.05) return standing::above;
  if (fraction >= least) return standing::normal;
  if (fixed_us && missing <= 2 * *fixed_us) return standing::overhead;
  return fraction >= 0.5 ? standing::low : standing::far_below;
}

/// What tells the sweeps of a file apart: the key less the size, and how it was priced.
inline std::string sweep_text(const answer& a, bool places = true) {
  row r = a.of->of;
  r.bytes.reset(), r.count.reset();
  if (!places) r.in_place.reset();
  return key_text(r) + a.expected.routing + '\n' + to_text(a.expected.queue_pairs);
}

}  // namespace detail

/// The answers of each sweep, ordered by size; those that nothing is expected of are left out.
inline std::vector<std::vector<answer*>> sweeps_of(std::vector<answer>& answers) {
  std::map<std::string, std::size_t> places;
  std::vector<std::vector<answer*>> sweeps;
  for (answer& a : answers) {
    if (!a.why_not.empty()) continue;
    const auto [at, is_new] = places.try_emplace(detail::sweep_text(a), sweeps.size());
    if (is_new) sweeps.emplace_back();
    sweeps[at->second].push_back(&a);
  }
  for (auto& sweep : sweeps)
    std::stable_sort(sweep.begin(), sweep.end(), [](auto* a, auto* b) { return a->of->of.bytes < b->of->of.bytes; });
  return sweeps;
}

/// Says how each answer stands. Where bounds are all that is expected, what the smallest sizes of a sweep miss while
/// only latency limits them is software; so is what is low where larger sizes are not.
inline void judge(expectations& e) {
  for (const auto& sweep : sweeps_of(e.answers)) {
    const real fixed_us = e.is_bound ? detail::fixed_cost_us(sweep) : real{};
    bool reached = false;
    for (auto a = sweep.rbegin(); a != sweep.rend(); ++a) {
      standing& said = (*a)->said = detail::standing_of(**a, e.least, fixed_us);
      if (reached && e.is_bound && (said == standing::low || said == standing::far_below)) said = standing::ramp;
      reached |= said == standing::normal || said == standing::above;
    }
  }
}

/// The sweeps to tell of: out of place and in place are one where all sizes of both stand alike.
inline std::vector<std::vector<answer*>> sweeps_to_tell(std::vector<answer>& answers) {
  std::vector<std::vector<answer*>> told;
  for (auto& sweep : sweeps_of(answers)) {
    const auto alike = [](const answer* a, const answer* b) {
      return a->of->of.bytes == b->of->of.bytes && a->said == b->said && a->expected.limit == b->expected.limit;
    };
    const auto same = [&](const std::vector<answer*>& other) {
      return detail::sweep_text(*other.front(), false) == detail::sweep_text(*sweep.front(), false) &&
             std::equal(other.begin(), other.end(), sweep.begin(), sweep.end(), alike);
    };
    const auto twin = std::find_if(told.begin(), told.end(), same);
    if (twin == told.end()) told.push_back(std::move(sweep));
    else twin->insert(twin->end(), sweep.begin(), sweep.end());
  }
  for (auto& sweep : told)
    std::stable_sort(sweep.begin(), sweep.end(), [](auto* a, auto* b) { return a->of->of.bytes < b->of->of.bytes; });
  return told;
}

}  // namespace colossus::bench::compare
