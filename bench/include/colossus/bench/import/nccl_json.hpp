// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/import/located_json.hpp>
#include <colossus/bench/import/nccl_run.hpp>

namespace colossus::bench::importing {

/// Reads the JSON that nccl-tests and rccl-tests write with -J, versions 1 to 3. Its "env" is the whole environment of
/// the job, secrets included: nothing of it is read.
class nccl_json {
 public:
  nccl_json(std::string path, const import_request& asked) : path_{std::move(path)}, asked_{&asked} {
    into_.format = "nccl-tests JSON";
  }

  imported read(const nlohmann::json& file) {
    const json_place top{path_, "the file"};
    if (const auto version = top.integer_in(file, "version"); version < 1 || version > 3)
      into_.warnings.push_back("version " + std::to_string(version) + " of nccl-tests' JSON: 1 to 3 are known");
    run_.library = with_version("nccl", integer_or_none(file, "nccl_version").value_or(0));
    if (const auto args = file.find("args"); args != file.end() && args->is_array() && !args->empty())
      run_.program = args->front().is_string() ? args->front().get<std::string>() : std::string{};
    if (const auto config = file.find("config"); config != file.end()) settings(*config);
    const auto results = file.find("results");
    if (results == file.end() || !results->is_array()) top.refuse_member(file, "results", "a list");
    for (std::size_t i = 0; i < results->size(); ++i)
      result({path_, "results[" + std::to_string(i) + "]"}, (*results)[i]);
    average(file);
    if (run_.figures.empty()) refuse({path_, 0}, "expected figures in 'results', found none");
    add_run(std::move(run_), *asked_, into_);
    return std::move(into_);
  }

 private:
  void settings(const nlohmann::json& config) {
    run_.iters = integer_or_none(config, "iterations");
    run_.warmup = integer_or_none(config, "warmup_iters");
    run_.graph = integer_or_none(config, "graph").value_or(0) > 0;
    const auto devices = config.find("devices");
    if (devices == config.end() || !devices->is_array() || devices->empty()) return;
    std::int64_t largest = 0;
    for (const auto& d : *devices) {
      largest = std::clamp<std::int64_t>(integer_or_none(d, "rank").value_or(0), largest, 0x7fffffff);
      if (d.contains("hostname") && d["hostname"].is_string()) run_.hosts.insert(d["hostname"].get<std::string>());
      if (d.contains("device_info") && d["device_info"].is_string()) run_.device = d["device_info"];
    }
    // Versions 1 and 2 list the first rank of each process only.
    const auto listed = static_cast<std::int64_t>(devices->size());
    const auto few = [&](const char* key) {
      return std::clamp<std::int64_t>(integer_or_none(config, key).value_or(1), 1, 1024);
    };
    const auto each = few("nthreads") * few("ngpus");
    run_.ranks = listed == largest + 1 && listed >= each ? listed : listed * each;
    if (run_.device.find("AMD") != std::string::npos) run_.tool = "rccl-tests", run_.library = "rccl";
  }

  void result(const json_place& place, const nlohmann::json& r) {
    nccl_figures f{{}, place.line_of(r), {}};
    f.r.bytes = place.count_in(r, "size");
    f.r.count = place.count_in(r, "count");
    f.r.dtype = type_of(place.text_in(r, "type")).name;
    if (const std::string op = place.text_in(r, "redop"); op != "none") f.r.redop = op;
    f.r.root = root(place, r);
    f.r.iters = integer_or_none(r, "actual_iterations");
    for (const int in_place : {0, 1}) {
      const std::string key = in_place == 1 ? "in_place" : "out_of_place";
      const auto half = r.find(key);
      if (half == r.end() || half->is_null()) continue;
      nccl_figures one = f;
      one.r.in_place = in_place;
      figures(one, {place.path, place.name + "." + key}, *half);
      if (const auto each = r.find(key + "_per_iter"); each != r.end()) statistics(one.r, *each);
      run_.figures.push_back(one);
    }
  }

  /// A number, or a number as text with blanks before it; below 0 for none.
  integer root(const json_place& place, const nlohmann::json& r) const {
    const auto found = r.find("root");
    if (found == r.end()) return {};
    integer value = integer_or_none(r, "root");
    if (found->is_string()) value = to_number<std::int64_t>(trimmed(found->get_ref<const std::string&>()));
    if (!value) place.refuse_member(r, "root", "a rank");
    return *value >= 0 ? value : integer{};
  }

  static void figures(nccl_figures& f, const json_place& place, const nlohmann::json& half) {
    if (half.contains("cpu_time"))
      refuse(place.line_of(half, "cpu_time"), place.name +
                                                  ": expected times of operations, found cpu_time, the time to start "
                                                  "them: measure without -C");
    constexpr double digits = 0.5e-6;  // all are written with six decimals
    f.m = {shown{place.real_in(half, "time"), digits}, shown{place.real_in(half, "alg_bw"), digits},
           shown{place.real_in(half, "bus_bw"), digits}};
    if (const auto wrong = real_or_none(half, "nwrong")) {
      f.r.errors = rounded(*wrong);
      if (*wrong > 0) f.r.status = "wrong_data";
    }
  }

  static void statistics(row& r, const nlohmann::json& each) {
    r.time_us_min = real_or_none(each, "min_us"), r.time_us_max = real_or_none(each, "max_us");
    r.time_us_mean = real_or_none(each, "avg_us"), r.time_us_p50 = real_or_none(each, "p50_us");
    r.time_us_p95 = real_or_none(each, "p95_us"), r.time_us_p99 = real_or_none(each, "p99_us");
    const auto times = each.find("times_us");
    const auto n = times != each.end() && times->is_array() ? static_cast<double>(times->size()) : 0.0;
    if (const auto spread = real_or_none(each, "stdev_us"); spread && n > 1)
      r.time_us_stdev = *spread * std::sqrt(n / (n - 1));  // theirs is over n
  }

  void average(const nlohmann::json& file) {
    run_.concluded = file.contains("out_of_bounds");
    const auto found = file.find("average_bus_bandwidth");
    if (found == file.end() || !found->is_object()) return;
    if (const auto value = real_or_none(*found, "bandwidth")) run_.average = shown{*value, 1e-6};
  }

  std::string path_;
  const import_request* asked_;
  imported into_;
  nccl_run run_;
};

}  // namespace colossus::bench::importing
