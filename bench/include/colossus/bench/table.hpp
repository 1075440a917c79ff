// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/row.hpp>

#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <ostream>
#include <string>

namespace colossus::bench {

namespace detail {

[[gnu::format(printf, 1, 2)]] inline std::string format(const char* how, ...) {
  char text[512];
  std::va_list arguments;
  va_start(arguments, how);
  std::vsnprintf(text, sizeof text, how, arguments);
  va_end(arguments);
  return text;
}

/// As nccl-tests writes times and bandwidths, in `width` characters, but with more digits where two decimals would all
/// be alike.
inline std::string figure(const real& value, int width) {
  if (!value) return format("%*s", width, "N/A");
  if (*value > 0 && *value < 1e-3) return format("%*.1e", width, *value);
  const int digits = *value >= 1e4 ? 0 : *value >= 100 ? 1 : *value >= 1 || *value == 0 ? 2 : 4;
  return format("%*.*f", width, digits, *value);
}

inline std::string whole(const integer& value, int width) {
  return value ? format("%*lld", width, static_cast<long long>(*value)) : format("%*s", width, "N/A");
}

inline std::string share_of_light(const row& r) {
  if (!r.sol_us || !r.time_us || *r.time_us <= 0) return "     -";
  return format("%6.1f", 100 * *r.sol_us / *r.time_us);
}

/// size, count, type, redop, root: -1 where there is none, as in nccl-tests.
inline std::string configuration_text(const row& r) {
  return whole(r.bytes, 14) + whole(r.count, 14) +
         format("%9s%8s%8lld", r.dtype.c_str(), r.redop.empty() ? "none" : r.redop.c_str(),
                static_cast<long long>(r.root.value_or(-1)));
}

/// The number of wrong elements, or why there is none.
inline std::string wrong_text(const row& r) {
  const bool said = r.status != "ok" && r.status != "unsupported" && r.errors.value_or(0) == 0;
  return said ? format("%8s", r.status.substr(0, 7).c_str()) : whole(r.errors, 8);
}

inline std::string half(const row& r) {
  return figure(r.time_us, 11) + figure(r.algbw_GBps, 9) + figure(r.busbw_GBps, 9) + wrong_text(r);
}

}  // namespace detail

/// nccl-tests' table of measured rows, one line for each size and algorithm: out of place, then in place.
class measured_table {
 public:
  explicit measured_table(std::ostream& out) : out_{&out} {}

  void head() const {
    *out_ << "#\n"
          << detail::format("#%-52s%37s%37s\n", "", "out-of-place            ", "in-place              ")
          << detail::format("#%13s%14s%9s%8s%8s", "size", "count", "type", "redop", "root");
    for (int i = 0; i < 2; ++i) *out_ << detail::format("%11s%9s%9s%8s", "time", "algbw", "busbw", "#wrong");
    *out_ << "    %sol  algorithm\n" << detail::format("#%13s%14s%25s", "(B)", "(elements)", "");
    for (int i = 0; i < 2; ++i) *out_ << detail::format("%11s%9s%9s%8s", "(us)", "(GB/s)", "(GB/s)", "");
    *out_ << std::endl;
  }

  /// Takes a row; a line is written once both places of its configuration are there, or another configuration comes.
  void add(const row& r) {
    if (waiting_ && (r.in_place == 0 || !alike(pending_, r))) end();
    if (r.in_place == 0) pending_ = r, waiting_ = true;
    else write(waiting_ ? &pending_ : nullptr, &r);
  }

  /// Writes what is still waiting for its other half.
  void end() {
    if (waiting_) write(&pending_, nullptr);
  }

 private:
  static bool alike(const row& a, const row& b) {
    return a.bytes == b.bytes && a.algorithm == b.algorithm && a.dtype == b.dtype && a.redop == b.redop &&
           a.root == b.root;
  }

  void write(const row* out_of_place, const row* in_place) {
    row missing;
    missing.status = "-";
    const row& known = out_of_place ? *out_of_place : *in_place;
    *out_ << detail::configuration_text(known) << detail::half(out_of_place ? *out_of_place : missing)
          << detail::half(in_place ? *in_place : missing) << "  " << detail::share_of_light(known) << "  "
          << known.algorithm << std::endl;
    waiting_ = false;
  }

  std::ostream* out_;
  row pending_;
  bool waiting_ = false;
};

}  // namespace colossus::bench
