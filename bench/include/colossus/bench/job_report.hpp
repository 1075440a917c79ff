// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/job_pricing.hpp>
#include <colossus/bench/table.hpp>

#include <sstream>

namespace colossus::bench {

// A job and its prices in words, at most 100 columns wide.

namespace detail {

inline void append_wrapped(std::vector<std::string>& lines, const std::string& label, const std::string& text,
                           std::size_t indent) {
  std::stringstream wrapped;
  print_wrapped(wrapped, label, text, indent, 98);
  for (std::string line; std::getline(wrapped, line);) lines.push_back(line);
}

inline std::string percent(double share) { return brief(100 * share, 2) + "%"; }

}  // namespace detail

/// Who takes part, and everything that the file assumes.
inline std::vector<std::string> lines_of(const job& j) {
  const job_layout& l = j.layout;
  std::vector<std::string> lines;
  detail::append_wrapped(lines, "job",
                         j.name + ": " + with_commas(l.ranks()) + " GPUs = tensor " + with_commas(l.tensor) +
                             " x data " + with_commas(l.data) + " x pipeline " + with_commas(l.pipeline) +
                             ", experts over " + with_commas(l.expert) + " (" + j.path + ")",
                         13);
  const char* label = "assumptions";
  for (const std::string& text : j.assumptions)
    detail::append_wrapped(lines, std::exchange(label, ""), "- " + text, 13);
  return lines;
}

/// Two lines for each collective: figures, and how they come about.
inline std::vector<std::string> lines_of(std::span<const priced_part> parts) {
  std::vector<std::string> lines{detail::format("%-27s%15s%12s%7s%11s%7s%11s%7s", "collectives of a step",
                                                "groups x ranks", "size", "count", "one (us)", "slower", "all (ms)",
                                                "hidden")};
  for (const priced_part& p : parts) {
    const std::string groups = with_commas(p.groups) + " x " + with_commas(p.members);
    lines.push_back(detail::format("%-27s%15s%12s%7lld", p.what->name.c_str(), groups.c_str(),
                                   bytes_for_people(p.what->bytes).c_str(), static_cast<long long>(p.what->count)) +
                    detail::figure(p.at_once.seconds * 1e6, 11) + detail::format("%7.2f", p.slowdown()) +
                    detail::figure(p.seconds() * 1e3, 11) + detail::format("%6.0f%%", 100 * p.what->overlap));
    std::string how = "in " + std::string{to_string(p.what->group)} + " groups: ";
    how += p.algorithm ? p.what->collective + " " + std::string{p.algorithm->algorithm} + " (" +
                             std::string{p.at_once.kind} + ", limit " + p.at_once.limit + ")"
                       : "one rank, nothing to send";
    if (!p.what->because.empty()) how += "; " + p.what->because;
    if (p.what->overlap > 0) how += "; hidden by " + p.what->with;
    detail::append_wrapped(lines, "", how, 2);
  }
  return lines;
}

/// The use of each class of links in its busier direction: "NIC" for "NIC out" and "NIC in".
inline std::vector<std::pair<std::string, double>> busiest_ways(const step_cost& c, const scene& s) {
  std::vector<std::pair<std::string, double>> all;
  std::visit(
      [&](const auto& fabric) {
        for (std::size_t kind = 0; kind < c.use.size(); ++kind) {
          if (c.use[kind] <= 0) continue;
          const std::string& name = fabric.kinds()[kind];
          const std::string both = name.substr(0, name.find_last_of(' '));
          if (all.empty() || all.back().first != both) all.emplace_back(both, 0);
          all.back().second = std::max(all.back().second, c.use[kind]);
        }
      },
      s.machine->fabric);
  return all;
}

/// What the step takes, and what of the fabric it uses.
inline std::vector<std::string> lines_of(const step_cost& c, const std::optional<double>& compute_s, const scene& s) {
  std::vector<std::string> lines;
  const double exposed = c.messages_s - c.hidden_s;
  std::string text = "messages " + brief(c.messages_s * 1e3, 4) + " ms, of which " + brief(c.hidden_s * 1e3, 4) +
                     " ms behind computing and " + brief(exposed * 1e3, 4) + " ms in its way";
  if (compute_s)
    text += "; computing " + brief(*compute_s * 1e3, 4) + " ms: a step of " + brief(c.step_s * 1e3, 4) + " ms, " +
            detail::percent(exposed / c.step_s) + " of it waiting for messages";
  detail::append_wrapped(lines, "step", text, 13);
  text.clear();
  for (const auto& [name, share] : busiest_ways(c, s))
    text += (text.empty() ? "" : ", ") + name + " " + detail::percent(share);
  detail::append_wrapped(lines, "fabric", text + " (share of the step that links in use are busy, by class)", 13);
  text = "a GPU sends " + scaled(c.bytes_sent, "B") + " at most";
  if (std::isfinite(s.power_w)) text += "; energy " + scaled(s.power_w * c.step_s, "J");
  detail::append_wrapped(lines, "", text, 13);
  return lines;
}

}  // namespace colossus::bench
