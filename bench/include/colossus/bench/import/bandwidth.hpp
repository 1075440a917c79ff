// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/collectives.hpp>
#include <colossus/bench/statistics.hpp>

namespace colossus::bench::importing {

/// A number as a file shows it, and half a unit of its last digit: what rounding may hide.
struct shown {
  double value = 0, half = 0;
};

inline shown shown_at(const spot& at, std::string_view what, std::string_view text) {
  const double value = real_at(at, what, text);
  const auto exponent_at = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, exponent_at);
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  std::string_view power = exponent_at < text.size() ? text.substr(exponent_at + 1) : std::string_view{"0"};
  if (power.starts_with('+')) power.remove_prefix(1);
  const auto digits = point == mantissa.size() ? 0.0 : static_cast<double>(mantissa.size() - point - 1);
  return {value, 0.5 * std::pow(10.0, to_number<double>(power).value_or(0) - digits)};
}

/// What a file says of one operation, in our units.
struct measured_figures {
  std::optional<shown> time_us, algbw, busbw;
};

/// Compares what files say of bandwidth with what bytes, time and ranks give, and says it once.
class bandwidth_check {
 public:
  void compare(const spot& at, std::string_view what, const std::optional<shown>& said, double found, double slack) {
    if (!said || std::abs(said->value - found) <= 1.02 * (said->half + slack) + 1e-9) return;
    if (count_++ == 0)
      first_ = "line " + std::to_string(at.line) + " says " + std::string{what} + " " + text(said->value) +
               " GB/s, bytes, time and ranks give " + text(found);
  }

  void tell(imported& into) const {
    if (count_ > 0)
      into.warnings.push_back(std::to_string(count_) + " figures of bandwidth differ by more than rounding: " + first_ +
                              " (ours are in the rows)");
  }

 private:
  static std::string text(double value) {
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 5).ptr};
  }
  std::size_t count_ = 0;
  std::string first_;
};

/// Sets the time of `r` and the bandwidths that follow from its bytes and ranks, and holds them against what the file
/// says. Where the file has no time, it is worked out from the bandwidth.
inline void set_figures(row& r, const spot& at, measured_figures m, const foreign_collective& c, std::string_view stat,
                        bandwidth_check& check) {
  const double factor = c.bus_factor(static_cast<rank_t>(*r.ranks));
  if (!m.time_us) {
    const bool alg = m.algbw && m.algbw->value > 0;
    if (!alg && (!m.busbw || m.busbw->value <= 0 || factor <= 0))
      refuse(at, "expected a time or a bandwidth above 0, found neither");
    const shown from = alg ? *m.algbw : shown{m.busbw->value / factor, m.busbw->half / factor};
    const double time = static_cast<double>(*r.bytes) / from.value * 1e-3;
    m.time_us = shown{time, time * from.half / from.value};
    r.time_us_low = time - m.time_us->half;
    r.time_us_high = time + m.time_us->half;
    add_tag(r, "time_from", alg ? "algbw" : "busbw");
  }
  set_time(r, m.time_us->value, stat, factor);
  if (!r.algbw_GBps) return;
  const double relative = m.time_us->half / m.time_us->value;
  check.compare(at, "algbw", m.algbw, *r.algbw_GBps, *r.algbw_GBps * relative);
  check.compare(at, "busbw", m.busbw, *r.busbw_GBps, *r.busbw_GBps * relative);
}

/// Counts rows of the same key: each further one is another launch.
inline void number_launches(std::vector<row>& rows) {
  std::map<std::string, std::int64_t> seen;
  for (row& r : rows) {
    std::string key;
    for (const column& c : columns)
      if (c.key) key.append(text_of(r, c)).append(1, '\n');
    r.launch = seen[key]++;
  }
}

}  // namespace colossus::bench::importing
