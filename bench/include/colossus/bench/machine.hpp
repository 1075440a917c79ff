// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/launch.hpp>
#include <colossus/bench/sidecar.hpp>

#include <sys/resource.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace colossus::bench {
namespace detail {

/// The first line of a file of the system; empty where it cannot be read.
inline std::string first_line(const std::filesystem::path& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

/// What a folder of the system holds, sorted; nothing where there is none.
inline std::vector<std::filesystem::path> entries(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  std::error_code none;
  for (const auto& each : std::filesystem::directory_iterator{folder, none}) found.push_back(each.path());
  std::sort(found.begin(), found.end());
  return found;
}

inline nlohmann::ordered_json numa_of(const std::filesystem::path& device) {
  const auto node = to_number<int>(first_line(device / "numa_node"));
  return node && *node >= 0 ? nlohmann::ordered_json(*node) : nlohmann::ordered_json("not said");
}

/// InfiniBand and RoCE: each port with its state, rate and NUMA node.
inline nlohmann::ordered_json verbs_ports(const std::filesystem::path& root) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& device : entries(root / "sys/class/infiniband"))
    for (const auto& port : entries(device / "ports"))
      all.push_back({{"name", device.filename().string() + ":" + port.filename().string()},
                     {"state", first_line(port / "state")},
                     {"rate", first_line(port / "rate")},
                     {"link_layer", first_line(port / "link_layer")},
                     {"numa", numa_of(device / "device")}});
  return all;
}

/// Interfaces of the kernel with their speed in Mbit/s; those of no device are left out.
inline nlohmann::ordered_json interfaces(const std::filesystem::path& root) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& each : entries(root / "sys/class/net"))
    if (std::filesystem::exists(each / "device"))
      all.push_back({{"name", each.filename().string()},
                     {"state", first_line(each / "operstate")},
                     {"speed_Mbps", to_number<int>(first_line(each / "speed")).value_or(-1)},
                     {"numa", numa_of(each / "device")}});
  return all;
}

/// Whether a process of that name runs; names are cut at 15 characters by the kernel.
inline bool runs(const std::filesystem::path& root, const std::string& name) {
  for (const auto& each : entries(root / "proc"))
    if (first_line(each / "comm") == name.substr(0, 15)) return true;
  return false;
}

/// Words of the kernel's command line that decide how PCIe peers reach each other.
inline std::vector<std::string> iommu_words(const std::filesystem::path& root) {
  std::vector<std::string> found;
  std::istringstream words{first_line(root / "proc/cmdline")};
  for (std::string word; words >> word;)
    if (word.find("iommu") != std::string::npos || word.find("acs") != std::string::npos) found.push_back(word);
  return found;
}

/// Shared objects of this process whose name begins with one of `names`, with the whole path.
inline std::vector<std::string> loaded_libraries(const std::vector<std::string>& names) {
  std::set<std::string> found;
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; std::getline(maps, line);) {
    const auto at = line.find('/');
    if (at == std::string::npos) continue;
    const std::filesystem::path path{line.substr(at)};
    const std::string file = path.filename().string();
    if (std::any_of(names.begin(), names.end(), [&](const auto& n) { return file.starts_with(n); }))
      found.insert(path.string());
  }
  return {found.begin(), found.end()};
}

/// Variables that say who started us, and which GPUs and libraries we see, besides those of every sidecar.
inline nlohmann::ordered_json machine_variables() {
  nlohmann::ordered_json found = allowed_variables();
  std::set<std::string> names{
      "MASTER_ADDR",     "MASTER_PORT",         "LD_LIBRARY_PATH",      "LD_PRELOAD",          "CUDA_HOME",
      "NCCL_HOME",       "CUDA_DEVICE_ORDER",   "CUDA_LAUNCH_BLOCKING", "CUDA_MODULE_LOADING", "NVIDIA_VISIBLE_DEVICES",
      "SLURM_STEP_GPUS", "SLURM_GPUS_PER_TASK", "SLURM_NODELIST"};
  for (const launch_variables& each : launchers)
    for (const char* name : {each.rank, each.size, each.local_rank, each.local_size})
      if (name != nullptr) names.insert(name);
  const environment all = environment_of_process();
  for (const std::string& name : names)
    if (const auto at = all.find(name); at != all.end()) found[name] = at->second;
  return found;
}

inline nlohmann::ordered_json shared_memory() {
  struct statvfs shm {};
  if (::statvfs("/dev/shm", &shm) != 0) return "not found";
  return static_cast<double>(shm.f_blocks) * static_cast<double>(shm.f_frsize);
}

inline nlohmann::ordered_json locked_memory() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return "not known";
  return limit.rlim_cur == RLIM_INFINITY ? nlohmann::ordered_json("unlimited") : nlohmann::ordered_json(limit.rlim_cur);
}

}  // namespace detail

/// What a node is, as far as anybody may read it, without asking a driver: sizes in bytes. `root` is another tree of
/// files for tests.
inline nlohmann::ordered_json describe_node(const std::filesystem::path& root = "/") {
  nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
  for (const auto& each : detail::entries(root / "dev"))
    if (each.filename().string().starts_with("nvidia")) nodes.push_back(each.string());
  const auto module = [&](const char* name) { return std::filesystem::exists(root / "sys/module" / name); };
  return {
      {"host", host_name()},
      {"driver", detail::first_line(root / "proc/driver/nvidia/version")},
      {"device_files", nodes},
      {"fabric_manager", detail::runs(root, "nv-fabricmanager") ? "runs" : "not seen"},
      {"nvidia_peermem", module("nvidia_peermem")},
      {"gdrcopy", module("gdrdrv")},
      {"verbs", detail::verbs_ports(root)},
      {"interfaces", detail::interfaces(root)},
      {"iommu", {{"groups", detail::entries(root / "sys/class/iommu").size()}, {"kernel", detail::iommu_words(root)}}},
      {"locked_memory", detail::locked_memory()},
      {"dev_shm", detail::shared_memory()},
      {"variables", detail::machine_variables()}};
}

/// The NUMA node of each PCI address, and the ports beside it.
inline nlohmann::ordered_json near_ports(const nlohmann::ordered_json& node,
                                         const std::vector<std::string>& pci_bus_ids,
                                         const std::filesystem::path& root = "/") {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const std::string& id : pci_bus_ids) {
    const auto numa = detail::numa_of(root / "sys/bus/pci/devices" / id);
    nlohmann::ordered_json ports = nlohmann::ordered_json::array();
    for (const auto& port : node["verbs"])
      if (numa.is_number() && port["numa"] == numa) ports.push_back(port["name"]);
    all.push_back({{"pci_bus_id", id}, {"numa", numa}, {"near", ports}});
  }
  return all;
}

}  // namespace colossus::bench
