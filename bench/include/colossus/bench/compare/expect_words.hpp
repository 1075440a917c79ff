// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/expectation.hpp>
#include <colossus/bench/table.hpp>
#include <colossus/bench/topology_text.hpp>

namespace colossus::bench::compare {

/// Neighbouring sizes of a sweep that stand alike.
struct size_range {
  std::vector<const answer*> of;
  const answer& first() const { return *of.front(); }
  standing said() const { return first().said; }
};

/// The ranges of a sweep that is in order: neighbours stand alike, and have one limit unless software hides it.
inline std::vector<size_range> ranges_of(const std::vector<answer*>& sweep) {
  std::vector<size_range> ranges;
  for (const answer* a : sweep) {
    const bool software = a->said == standing::overhead || a->said == standing::ramp;
    const bool alike = !ranges.empty() && ranges.back().said() == a->said &&
                       (software || ranges.back().first().expected.limit == a->expected.limit);
    if (!alike) ranges.emplace_back();
    ranges.back().of.push_back(a);
  }
  return ranges;
}

namespace detail {

/// The least and the most of a figure over a range: 1.2 to 3.4, or one of them where they are alike in print.
template <class Figure>
std::string span_text(const size_range& r, Figure&& figure, std::string (*text)(double)) {
  double least = figure(*r.of.front()), most = least;
  for (const answer* a : r.of) least = std::min(least, figure(*a)), most = std::max(most, figure(*a));
  return text(least) == text(most) ? text(least) : text(least) + " to " + text(most);
}

inline std::string brief_text(double x) { return x < 10 && x > 0 ? brief(x, 2) : brief(x); }
inline std::string whole_percent(double share) {
  return share < 0.0095 ? bench::detail::format("%.2g", 100 * share) : bench::detail::format("%.0f", 100 * share);
}

/// The values of a text column over a range, each once.
inline std::string values_text(const size_range& r, std::string row::*member) {
  std::string text;
  std::vector<std::string> seen;
  for (const answer* a : r.of) {
    const std::string& value = a->expected.*member;
    if (value.empty() || std::find(seen.begin(), seen.end(), value) != seen.end()) continue;
    seen.push_back(value), text += (text.empty() ? "" : ", ") + value;
  }
  return text;
}

}  // namespace detail

namespace detail {

inline std::string judgement_text(const size_range& r) {
  const auto missing = [](const answer& a) { return *a.of->of.time_us - *a.expected.time_us; };
  switch (r.said()) {
    case standing::normal:
      return "normal";
    case standing::low:
      return "LOW";
    case standing::far_below:
      return "FAR BELOW";
    case standing::above:
      return "FASTER than expected: reduction in switches (NVLS, SHARP), another algorithm, or not this machine";
    case standing::overhead:
      return "what is missing, " + span_text(r, missing, brief_text) +
             " us, is about what the smallest sizes miss: software, which a bound leaves out (--profile)";
    case standing::ramp:
      return "larger sizes are normal, so links are well: what is missing is software, which a bound leaves out";
    case standing::not_told:
      break;
  }
  return "not told";
}

}  // namespace detail

/// How links up and down of a tier add up, where `limit` is one and its switches have less above than below.
inline std::string oversubscription_text(const topologies::topology_file& file, const std::string& limit) {
  const auto& tiers = file.scale_out.tiers;
  for (std::size_t t = 0; t + 1 < tiers.size(); ++t) {
    if (!limit.starts_with(tiers[t].name + " ") || tiers[t].up == 0) continue;
    const double ratio = tiers[t].down * tiers[t].gbps / (tiers[t].up * tiers[t + 1].gbps);
    return ratio > 1.001 ? "oversubscribed " + brief(ratio) + ":1" : "not oversubscribed";
  }
  return {};
}

/// A class of links, or what else limits, for a reader.
inline std::string limit_text(const std::string& limit, const topologies::topology_file* file) {
  if (limit.empty()) return "what is not known";
  const std::string more = file ? oversubscription_text(*file, limit) : std::string{};
  return limit + (more.empty() ? "" : " (" + more + ")");
}

/// What a range says of itself, in a sentence. `file`: of the machine, where there is one.
inline std::string sentence(const size_range& r, const expectations& e, const topologies::topology_file* file) {
  using detail::span_text;
  const row& first = r.first().of->of;
  const auto us = [](const answer& a) { return *a.of->of.time_us; };
  const std::int64_t from = first.bytes.value_or(0), to = r.of.back()->of->of.bytes.value_or(0);
  std::string text = bytes_for_people(from) + (from == to ? "" : " to " + bytes_for_people(to)) + ": ";
  const bool by_time =
      r.said() == standing::overhead || r.said() == standing::ramp || r.first().expected.limit == "latency";
  text += by_time ? span_text(r, us, detail::brief_text) + " us"
                  : span_text(
                        r, [](const answer& a) { return a.of->of.busbw_GBps.value_or(0); }, detail::brief_text) +
                        " GB/s";
  text += ", " +
          span_text(
              r, [](const answer& a) { return a.fraction(); }, detail::whole_percent) +
          "% of the " + (e.is_bound ? "bound" : "expected");
  if (r.first().fraction_of_light())
    text += ", " +
            span_text(
                r, [](const answer& a) { return a.fraction_of_light().value_or(0); }, detail::whole_percent) +
            "% of the speed of light";
  const std::string against = detail::values_text(r, &row::algorithm);
  if (against != first.algorithm) text += ", held against " + against;
  const bool software = r.said() == standing::overhead || r.said() == standing::ramp;
  text +=
      "; limited by " + (software ? detail::values_text(r, &row::limit) : limit_text(r.first().expected.limit, file));
  return text + ": " + detail::judgement_text(r);
}

}  // namespace colossus::bench::compare
