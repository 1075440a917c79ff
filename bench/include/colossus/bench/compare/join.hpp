// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/compare/sides.hpp>

#include <span>
#include <unordered_map>

namespace colossus::bench::compare {

namespace detail {

using run_of_rows = std::span<const record>;

/// Runs by the columns that they fill, of those that must match.
inline std::map<std::uint64_t, std::vector<std::size_t>> by_filled(const side& of,
                                                                   const std::vector<run_of_rows>& runs) {
  std::uint64_t must = 0;
  for (std::size_t i = 0; i < of.from->key.size(); ++i)
    must |= std::uint64_t{of.from->key[i].of != key_column::part::of_variant} << i;
  std::map<std::uint64_t, std::vector<std::size_t>> found;
  for (std::size_t i = 0; i < runs.size(); ++i) found[runs[i][0].filled & must].push_back(i);
  return found;
}

/// What a row holds in some columns of the key.
inline std::uint64_t hash_of(const side& of, const record& r, std::uint64_t columns_of_key) {
  const auto fields = of.from->file->fields_at(r.offset);
  fingerprint hash;
  for (std::size_t i = 0; i < of.from->key.size(); ++i)
    if ((columns_of_key >> i & 1) != 0) hash.add(of.from->file->value(fields, of.from->key[i].column));
  return hash.high();
}

}  // namespace detail

/// The runs, as (base's, other's), that are alike in all columns that both fill. Of runs that fill the same columns
/// none are: these were matched before.
inline std::vector<std::pair<std::size_t, std::size_t>> joined(const side& base,
                                                               const std::vector<detail::run_of_rows>& of_base,
                                                               const side& fresh,
                                                               const std::vector<detail::run_of_rows>& of_fresh) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  const auto there = detail::by_filled(fresh, of_fresh);
  for (const auto& [filled, runs] : detail::by_filled(base, of_base))
    for (const auto& [others_filled, others] : there) {
      const std::uint64_t both = filled & others_filled;
      if (both == 0 || filled == others_filled) continue;
      std::unordered_multimap<std::uint64_t, std::size_t> known;
      for (const std::size_t f : others) known.emplace(detail::hash_of(fresh, of_fresh[f][0], both), f);
      for (const std::size_t b : runs) {
        const auto [first, last] = known.equal_range(detail::hash_of(base, of_base[b][0], both));
        for (auto each = first; each != last; ++each) pairs.emplace_back(b, each->second);
      }
    }
  return pairs;
}

}  // namespace colossus::bench::compare
