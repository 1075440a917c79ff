// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/cuda_ready.hpp>
#include <colossus/bench/gpu_address.hpp>
#include <colossus/bench/nccl_team.hpp>
#include <colossus/bench/nvml.hpp>
#include <colossus/bench/sidecar.hpp>
#include <colossus/version.hpp>

#include <dlfcn.h>

namespace colossus::bench {

/// What an environment variable says; empty where it is not set.
inline std::string variable(const char* name) {
  const char* const text = std::getenv(name);
  return text ? text : "";
}

/// CUDA's and NCCL's are stand-ins on host memory: what is measured is of no GPU.
inline bool on_fake_gpu() { return ::dlsym(RTLD_DEFAULT, "fakegpu_is_fake") != nullptr; }

inline std::string nccl_version() { return nccl_version_text(find_cuda().nccl); }

/// The column library: whose code moved the data. Ours does it through NCCL's sends and receives, so both are named.
inline std::string library_name(bool own_of_nccl) {
  return std::string{on_fake_gpu() ? "fake-" : ""} + (own_of_nccl ? "" : std::string{"colossus-"} + version + "+") +
         "nccl-" + nccl_version();
}

/// Rows that were made on the fakes are no results. Throws (usage).
inline void expect_no_result_of_fakes(const std::string& csv) {
  if (csv.empty() || csv == "-" || !on_fake_gpu()) return;
  for (const auto& part : std::filesystem::absolute(csv).lexically_normal().parent_path())
    if (part == "results")
      throw error{"--csv " + csv + ": this runs on fake GPUs: its rows are no results: name a file elsewhere"};
}

inline std::int64_t l2_bytes(int device) {
  int bytes = 0;
  colossus::detail::check_cuda(cudaDeviceGetAttribute(&bytes, cudaDevAttrL2CacheSize, device),
                               "say how large the L2 cache is");
  return bytes;
}

namespace detail {

/// The file that a function was loaded from.
inline std::string library_of(const char* function) {
  Dl_info found{};
  void* const at = ::dlsym(RTLD_DEFAULT, function);
  return at && ::dladdr(at, &found) != 0 && found.dli_fname ? found.dli_fname : "not found";
}

inline std::string gpu_name(int device) {
  cudaDeviceProp found{};
  colossus::detail::check_cuda(cudaGetDeviceProperties(&found, device), "say what a GPU is");
  return found.name;
}

/// What every process has to say, in the order of ranks.
inline nlohmann::ordered_json gather_json(process_group& processes, const nlohmann::ordered_json& mine) {
  std::string text = mine.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  text.resize(bench::max(processes, text.size()).value, ' ');
  const auto all = processes.all_gather(std::as_bytes(std::span{text}));
  auto found = nlohmann::ordered_json::array();
  for (std::size_t at = 0; at < all.size(); at += text.size()) {
    const auto* const begin = reinterpret_cast<const char*>(all.data()) + at;
    found.push_back(nlohmann::ordered_json::parse(begin, begin + text.size(), nullptr, false));
  }
  return found;
}

inline std::vector<int> devices_of_team(const nccl_team& team) {
  std::vector<int> devices;
  for (const auto& m : team.members()) devices.push_back(m->rank.device());
  return devices;
}

}  // namespace detail

/// The GPUs for the lines above the table.
inline std::string gpus_in_words(const nccl_team& team) {
  const cuda_state found = find_cuda();
  return detail::gpu_name(team.members().front()->rank.device()) + ", CUDA " + cuda_version_text(found.runtime) +
         " on a driver for " + cuda_version_text(found.driver);
}

/// Reads clocks, throttle reasons, temperature and power of all GPUs into the sidecar. Every process calls it.
inline void read_gpus(nlohmann::ordered_json& run, const nccl_team& team, const char* when) {
  run["gpu"]["readings"][when] =
      detail::gather_json(team.processes(), gpu_readings(pci_bus_ids(detail::devices_of_team(team))));
}

/// Adds to the sidecar what GPUs, libraries and variables there are. Every process calls it.
inline void describe_gpus(nlohmann::ordered_json& run, const nccl_team& team, const options& o) {
  nlohmann::ordered_json mine{{"host", host_name()}, {"gpus", nlohmann::ordered_json::array()}};
  for (const auto& m : team.members())
    mine["gpus"].push_back({{"rank", m->rank.rank()},
                            {"device", m->rank.device()},
                            {"name", detail::gpu_name(m->rank.device())},
                            {"pci_bus_id", pci_bus_id(m->rank.device())},
                            {"l2_bytes", l2_bytes(m->rank.device())}});
  std::set<std::string> hosts;
  for (rank_t rank = 0; rank < team.ranks(); ++rank) hosts.insert(team.host(rank));
  run["hosts"] = hosts;
  run["processes"] = {{"number", team.processes().size()}, {"found_each_other", team.processes().way()}};
  const cuda_state found = find_cuda();
  run["gpu"] = {{"runtime", cuda_version_text(found.runtime)},
                {"driver_supports", cuda_version_text(found.driver)},
                {"nccl", nccl_version()},
                {"libcudart", detail::library_of("cudaGetDeviceCount")},
                {"libnccl", detail::library_of("ncclGetVersion")},
                {"fake", on_fake_gpu()},
                {"registration", o.registration},
                {"buffer_alignment", moving_place::alignment},
                {"processes", detail::gather_json(team.processes(), mine)}};
  read_gpus(run, team, "before");
}

}  // namespace colossus::bench
