// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/imported.hpp>

#include <set>

namespace colossus::bench::importing {

/// What the numbers of a column measure.
enum class quantity { none, size, time, bandwidth };

/// What a column of ours measures, in B, us or GB/s.
inline quantity quantity_of(std::string_view column) {
  if (column == "bytes") return quantity::size;
  if (column.starts_with("time_us") || column == "sol_us") return quantity::time;
  return column.ends_with("bw_GBps") ? quantity::bandwidth : quantity::none;
}

/// How much of our unit a unit is: 0 if it is none of the quantity. GB and GiB are two families.
struct unit {
  double scale = 0;
  enum class prefix { none, decimal, binary } family = prefix::none;
};

/// B, KB (1000), KiB and K (1024), ..., and bits with a small b or as bit.
inline unit size_unit(std::string_view text) {
  if (text == "B" || text == "bytes" || text == "byte") return {1, unit::prefix::none};
  const auto power = text.empty() ? std::string_view::npos : std::string_view{"KMGTkmgt"}.find(text.front());
  if (power == std::string_view::npos) return {};
  const double steps = 1 + static_cast<double>(power % 4);
  const std::string_view rest = text.substr(1);
  if (rest == "B") return {std::pow(1000, steps), unit::prefix::decimal};
  if (rest == "iB" || rest.empty()) return {std::pow(1024, steps), unit::prefix::binary};
  if (rest == "b" || rest == "bit") return {std::pow(1000, steps) / 8, unit::prefix::decimal};
  return {};
}

/// The unit that `text` names: us, ms, s, ns; GB/s, GBps, Gbit/s, Gbps, GiB/s; B, MiB, MB.
inline unit unit_of(quantity of, std::string_view text) {
  if (of == quantity::size) return size_unit(text);
  if (of == quantity::time) {
    static constexpr std::array<std::pair<std::string_view, double>, 8> known{
        {{"ns", 1e-3}, {"us", 1}, {"usec", 1}, {"\u00b5s", 1}, {"ms", 1e3}, {"msec", 1e3}, {"s", 1e6}, {"sec", 1e6}}};
    for (const auto& [name, scale] : known)
      if (name == text) return {scale, unit::prefix::none};
  }
  if (of != quantity::bandwidth) return {};
  for (const std::string_view per : {"/s", "/sec", "ps"})
    if (text.ends_with(per)) {
      unit found = size_unit(text.substr(0, text.size() - per.size()));
      found.scale *= 1e-9;
      return found;
    }
  return {};
}

/// The unit that the name of a column ends in: "Lat (ms)", "busbw[GB/s]", "time_us", "size_bytes".
inline unit unit_in_name(quantity of, std::string_view name) {
  name = trimmed(name);
  if (name.ends_with(')') || name.ends_with(']')) {
    const auto open = name.find_last_of("([");
    return open == std::string_view::npos ? unit{} : unit_of(of, name.substr(open + 1, name.size() - open - 2));
  }
  const auto last = name.find_last_of("_ ");
  return last == std::string_view::npos ? unit{} : unit_of(of, name.substr(last + 1));
}

/// The column of ours that a name in somebody's CSV means by itself; nullptr for none.
inline const column* column_named(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> others{{{"size_bytes", "bytes"},
                                                                                        {"size", "bytes"},
                                                                                        {"inplace", "in_place"},
                                                                                        {"nranks", "ranks"},
                                                                                        {"algo", "algorithm"},
                                                                                        {"type", "dtype"},
                                                                                        {"algbw", "algbw_GBps"},
                                                                                        {"busbw", "busbw_GBps"}}};
  for (const auto& [theirs, ours] : others)
    if (name == theirs) name = ours;
  const auto* const c = std::find_if(columns.begin(), columns.end(), [&](const column& k) { return k.name == name; });
  return c == columns.end() ? nullptr : c;
}

/// What the name of a column of times says they are: p50, mean or nothing.
inline std::string_view statistic_in_name(std::string_view name) {
  const auto has = [&](std::string_view word) { return name.find(word) != std::string_view::npos; };
  return has("p50") || has("median") ? "p50" : has("mean") || has("avg") || has("Avg") ? "mean" : "";
}

/// Refuses a file that counts in thousands in one place and in 1024s in another.
class one_family {
 public:
  void see(const spot& at, quantity of, const unit& u, const std::string& where) {
    if (u.family == unit::prefix::none) return;
    auto& seen = of == quantity::size ? size_ : bandwidth_;
    if (seen.first == unit::prefix::none) seen = {u.family, where};
    if (seen.first != u.family)
      refuse(at, "found units of 1000 (KB, MB, GB) beside units of 1024 (KiB, MiB, GiB): " + seen.second + " and " +
                     where + ": say which is meant in one unit");
  }

 private:
  std::pair<unit::prefix, std::string> size_, bandwidth_;
};

}  // namespace colossus::bench::importing
