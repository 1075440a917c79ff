// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/options.hpp>
#include <colossus/topologies/from_file.hpp>

namespace colossus::bench {

/// One --set: where a value of the topology file stands, and what is to stand there, one after another.
struct setting {
  std::string pointer;
  std::vector<std::string> values;
};

/// Reads "POINTER=V,V": commas inside brackets, braces and quotes are part of a value. Throws (usage) where it is none.
inline setting setting_of(const std::string& text) {
  const auto equals = text.find('=');
  if (!text.starts_with('/') || equals == std::string::npos || equals + 1 == text.size())
    throw error{"--set: expected /pointer/into/the/file=value,value, found '" + text + "'"};
  setting s{text.substr(0, equals), {""}};
  int depth = 0;
  bool quoted = false;
  for (const char c : text.substr(equals + 1)) {
    quoted ^= c == '"';
    if (!quoted) depth += (c == '[' || c == '{') - (c == ']' || c == '}');
    if (c == ',' && depth == 0 && !quoted) s.values.emplace_back();
    else s.values.back() += c;
  }
  return s;
}

/// How the files are to be read: once for each combination of the values of all --set, the last running fastest.
inline std::vector<topology_options> variations_of(const options& o) {
  using topologies::latency_level;
  topology_options plain;
  plain.latency = o.latency == "low"    ? latency_level::low
                  : o.latency == "high" ? latency_level::high
                                        : latency_level::typical;
  plain.faults = o.faults;
  if (!o.profile.empty()) plain.profile = topologies::read_profile(o.profile);
  if (!o.cross_rail.empty()) plain.set.emplace_back("/scale_out/cross_rail", o.cross_rail);
  std::vector<topology_options> all{std::move(plain)};
  for (const std::string& text : o.settings) {
    const setting s = setting_of(text);
    std::vector<topology_options> more;
    for (const topology_options& one : all)
      for (const std::string& value : s.values) more.push_back(one), more.back().set.emplace_back(s.pointer, value);
    all = std::move(more);
  }
  return all;
}

}  // namespace colossus::bench
