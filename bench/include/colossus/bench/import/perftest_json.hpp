// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/bandwidth.hpp>
#include <colossus/bench/import/located_json.hpp>

namespace colossus::bench::importing {

/// The member of `results` whose name is `key`, or `key` with a unit behind it, as in "t_avg(usec)".
inline real perftest_figure(const nlohmann::json& results, std::string_view key) {
  for (const auto& [name, value] : results.items()) {
    const std::string_view bare = std::string_view{name}.substr(0, name.find_first_of("([ "));
    if (bare == key && value.is_number()) return value.get<double>();
  }
  return {};
}

/// Bytes per microsecond of a test of bandwidth. perftest's MB are 2^20 bytes, and its JSON says not whether it wrote
/// MB/s or Gbit/s: only one of them agrees with its rate of messages.
inline double perftest_rate(const json_place& place, const nlohmann::json& results, std::int64_t bytes,
                            const import_request& asked) {
  const real average = perftest_figure(results, "BW_average"), messages = perftest_figure(results, "MsgRate");
  if (!average || *average <= 0) place.refuse_member(results, "BW_average", "a number above 0");
  const double megabytes = *average * 0x1p20 * 1e-6, gigabits = *average * 1e9 / 8 * 1e-6;
  if (const auto unit = asked.units.find("BW_average"); unit != asked.units.end())
    return expects(unit->second == "Gb/s" || unit->second == "MB/s",
                   "--units BW_average=" + unit->second + ": expected MB/s or Gb/s"),
           unit->second == "Gb/s" ? gigabits : megabytes;
  const double expected = messages.value_or(0) * static_cast<double>(bytes);
  for (const double rate : {megabytes, gigabits})
    if (std::abs(rate - expected) < 0.1 * rate) return rate;
  refuse(place.line_of(results, "BW_average"),
         "results: BW_average fits MsgRate neither in MB/s nor in Gb/s: say which with --units "
         "BW_average=MB/s or BW_average=Gb/s");
}

inline void set_perftest_times(row& r, const nlohmann::json& results, bool there_and_back) {
  r.timing = there_and_back ? "isolated" : "ping_pong";
  r.time_us_min = perftest_figure(results, "t_min"), r.time_us_max = perftest_figure(results, "t_max");
  r.time_us_p50 = perftest_figure(results, "t_typical"), r.time_us_mean = perftest_figure(results, "t_avg");
  r.time_us_stdev = perftest_figure(results, "t_stdev"), r.time_us_p99 = perftest_figure(results, "t_99");
}

/// One file of perftest's --out_json (ib_write_lat, ib_send_bw and their like): two ranks, one size, one row.
inline imported read_perftest(const std::string& path, const nlohmann::json& file, const import_request& asked) {
  const json_place top{path, "the file"}, inner{path, "results"};
  const auto info = file.find("test_info"), results = file.find("results");
  if (info == file.end() || !info->is_object()) top.refuse_member(file, "test_info", "an object");
  if (results == file.end() || !results->is_object()) top.refuse_member(file, "results", "an object");
  const std::string test = json_place{path, "test_info"}.text_in(*info, "test");
  row r;
  r.source = "imported", r.library = "perftest", r.collective = "send_recv", r.ranks = 2;
  r.bytes = inner.count_in(*results, "MsgSize");
  r.iters = integer_or_none(*results, "n_iterations");
  r.queue_pairs = integer_or_none(*info, "Number_of_qps");
  add_tag(r, "tool", "perftest"), add_tag(r, "test", test);
  for (const auto& [key, tag] :
       {std::pair{"Device", "device"}, {"Link_type", "link"}, {"Connection_type", "connection"}})
    if (const auto found = info->find(key); found != info->end() && found->is_string())
      add_tag(r, tag, found->get<std::string>());
  double time = 0;
  std::string_view stat = "p50";
  if (test.find("Latency") != std::string::npos) {
    set_perftest_times(r, *results, test.find("Read") != std::string::npos || test.find("Atomic") != std::string::npos);
    if (!r.time_us_p50) stat = "mean";
    if (!r.time_us_p50 && !r.time_us_mean) inner.refuse_member(*results, "t_typical", "a number");
    time = r.time_us_p50 ? *r.time_us_p50 : *r.time_us_mean;
  } else {
    r.timing = "back_to_back", stat = "mean";
    time = static_cast<double>(*r.bytes) / perftest_rate(inner, *results, *r.bytes, asked);
  }
  set_time(r, time, stat, 1);
  give(r, asked);
  return {{r}, "perftest JSON", {}};
}

}  // namespace colossus::bench::importing
