// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace colossus::bench::compare {

/// Columns that say where a figure comes from, not what was done: rows that differ in nothing else are of one
/// configuration.
inline constexpr std::array<std::string_view, 8> provenance_columns{
    "source", "backend", "library", "system", "topology_id", "cost_model", "price_kind", "profile"};

inline bool is_provenance(std::string_view column) {
  return std::find(provenance_columns.begin(), provenance_columns.end(), column) != provenance_columns.end();
}

/// A configuration of a file: its first row, with the median of its launches that are ok in time_us and busbw.
struct asked {
  row of;
  std::size_t launches = 0;  ///< that are ok

  /// Why it cannot be held against anything, or nothing.
  std::string trouble() const {
    if (of.library.starts_with("fake-")) return "of a fake library: no result";
    if (of.status != "ok" && launches == 0) return of.status;
    return launches == 0 ? "no time" : "";
  }
};

namespace detail {

inline real median_of(std::span<const row> rows, real row::*member) {
  std::vector<double> values;
  for (const row& r : rows)
    if (r.*member) values.push_back(*(r.*member));
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

inline std::string key_text(const row& r) {
  std::string key;
  for (const column& c : columns)
    if (c.key) key.append(text_of(r, c)).append(1, '\n');
  return key;
}

}  // namespace detail

/// The configurations of rows, in the order of their first rows.
inline std::vector<asked> configurations_of(std::span<const row> rows) {
  std::map<std::string, std::size_t> places;
  std::vector<std::vector<row>> good;
  std::vector<asked> all;
  for (const row& r : rows) {
    const auto [at, is_new] = places.try_emplace(detail::key_text(r), all.size());
    if (is_new) all.push_back({r}), good.emplace_back();
    if (r.status == "ok" && r.time_us.value_or(0) > 0) good[at->second].push_back(r);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].launches = good[i].size();
    all[i].of.time_us = detail::median_of(good[i], &row::time_us);
    all[i].of.busbw_GBps = detail::median_of(good[i], &row::busbw_GBps);
  }
  return all;
}

}  // namespace colossus::bench::compare
