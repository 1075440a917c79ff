// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/self_test_report.hpp>

#include <algorithm>

namespace colossus::bench {
namespace detail {

inline std::string text_of_json(const nlohmann::ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? std::string{} : value.dump();
}

/// What a list holds, with commas between.
inline std::string listed(const nlohmann::ordered_json& values, const char* none) {
  std::string all;
  for (const auto& each : values) all += (all.empty() ? "" : ", ") + text_of_json(each);
  return all.empty() ? none : all;
}

/// A container may hide /proc/driver: then the version that CUDA found has to do.
inline std::string driver_of(const nlohmann::ordered_json& node) {
  const std::string version = text_of_json(node["driver"]);
  const int cuda = node.value("cuda_driver", 0);
  return version.empty() && cuda > 0
             ? "for CUDA " + std::to_string(cuda / 1000) + "." + std::to_string(cuda % 1000 / 10)
             : version;
}

inline finding check_driver(const nlohmann::ordered_json& node) {
  const std::string version = driver_of(node);
  if (!version.empty()) return {"driver", outcome::pass, version, ""};
  return {"driver", outcome::fail, "none: /proc/driver/nvidia/version is not there, and CUDA found none",
          "run on a node with GPUs (srun --gpus=...), or in a container started with them (docker run --gpus all)"};
}

inline finding check_device_files(const nlohmann::ordered_json& node) {
  const std::string found = listed(node["device_files"], "none");
  if (driver_of(node).empty()) return {"device files", outcome::skipped, "no driver", ""};
  if (node.value("cuda_devices", 0) > 0) return {"device files", outcome::pass, found, ""};
  const bool gpu =
      std::any_of(node["device_files"].begin(), node["device_files"].end(), [](const nlohmann::ordered_json& each) {
        const auto name = std::filesystem::path{text_of_json(each)}.filename().string();
        return name.size() > 6 && to_number<int>(name.substr(6)).has_value();  // nvidia0, nvidia1, ...
      });
  if (gpu && found.find("nvidia-uvm") != std::string::npos) return {"device files", outcome::pass, found, ""};
  return {"device files", outcome::fail, found + ": expected /dev/nvidia0, ... and /dev/nvidia-uvm",
          "in a container: start it with its GPUs; else: sudo nvidia-modprobe -u -c 0"};
}

inline finding check_locked_memory(const nlohmann::ordered_json& node) {
  const nlohmann::ordered_json& limit = node["locked_memory"];
  if (node["verbs"].empty()) return {"locked memory", outcome::skipped, "no InfiniBand or RoCE needs it", ""};
  if (!limit.is_number() || limit.get<double>() >= 64.0 * (1 << 20))
    return {"locked memory", outcome::pass, text_of_json(limit), ""};
  return {"locked memory", outcome::fail, text_of_json(limit) + " bytes may be locked: registering with the NIC fails",
          "ulimit -l unlimited; Slurm: PropagateResourceLimitsExcept=MEMLOCK; docker: --ulimit memlock=-1"};
}

inline finding check_shared_memory(const nlohmann::ordered_json& node) {
  const nlohmann::ordered_json& size = node["dev_shm"];
  if (!size.is_number()) return {"/dev/shm", outcome::fail, text_of_json(size), "mount a tmpfs at /dev/shm"};
  const std::string found = bytes_for_people(static_cast<std::int64_t>(size.get<double>()));
  if (size.get<double>() > 64.0 * (1 << 20)) return {"/dev/shm", outcome::pass, found, ""};
  return {"/dev/shm", outcome::fail, found + ": NCCL's connections within a host may not fit",
          "docker run --shm-size=1g, or --ipc=host"};
}

inline finding check_ports(const nlohmann::ordered_json& node) {
  auto up = nlohmann::ordered_json::array(), down = up;
  for (const auto& port : node["verbs"])
    (text_of_json(port["state"]).find("ACTIVE") != std::string::npos ? up : down)
        .push_back(text_of_json(port["name"]) + " (" + text_of_json(port["rate"]) + ")");
  if (up.empty() && down.empty())
    return {"NICs", outcome::skipped, "no InfiniBand or RoCE device: NCCL would use sockets between hosts", ""};
  if (down.empty()) return {"NICs", outcome::pass, "active: " + listed(up, "none"), ""};
  return {"NICs", outcome::fail, "not active: " + listed(down, "none") + "; active: " + listed(up, "none"),
          "leave out what is meant to be down with NCCL_IB_HCA; else ibstat, and the cable"};
}

inline finding check_iommu(const nlohmann::ordered_json& node) {
  const nlohmann::ordered_json& iommu = node["iommu"];
  const std::string words = listed(iommu["kernel"], "nothing on the kernel's command line");
  const bool on = iommu["groups"].get<int>() > 0 && words.find("pt") == std::string::npos;
  if (!on) return {"IOMMU", outcome::pass, words, ""};
  return {"IOMMU", outcome::pass, "on: " + words,
          "if peers over PCIe are slow or hang: iommu=pt or off, and ACS off on the switches (lspci -vvv as root)"};
}

/// What there is to say about one GPU, as a list of complaints and of what to do.
struct complaints {
  std::string found, remedy;
  void add(bool there, const std::string& what, const std::string& todo) {
    if (!there) return;
    found += (found.empty() ? "" : "; ") + what;
    remedy += (remedy.empty() ? "" : "; ") + todo;
  }
};

inline complaints complaints_of(const nlohmann::ordered_json& settings, const nlohmann::ordered_json& readings) {
  complaints all;
  const nlohmann::ordered_json& ecc = settings["ecc"]["uncorrected"];
  const nlohmann::ordered_json &width = settings["pcie_width"], &widest = settings["pcie_width_max"],
                               &links = settings["nvlink"];
  const nlohmann::ordered_json& fabric = settings["fabric"];
  const std::string state = text_of_json(fabric["state"]), mig = text_of_json(settings["mig"]);
  all.add(ecc.is_number() && ecc > 0, text_of_json(ecc) + " uncorrected ECC errors", "reset the GPU, or take it out");
  all.add(mig.starts_with("enabled"), "MIG is on", "NCCL does not join instances of one GPU: sudo nvidia-smi -mig 0");
  all.add(settings["compute_mode"] == "prohibited", "compute mode prohibited", "sudo nvidia-smi -c 0");
  all.add(width.is_number() && widest.is_number() && width < widest,
          "PCIe x" + text_of_json(width) + " of x" + text_of_json(widest), "reseat it, or try another slot");
  all.add(links.is_object() && links.value("up", 0) > 0 && !links["down"].empty(),
          "NVLinks down: " + listed(links.is_object() ? links["down"] : nlohmann::ordered_json::array(), "none"),
          "nvidia-smi nvlink -s; look for Xid errors in dmesg");
  all.add(state == "not started" || state == "in progress", "fabric: " + state,
          "sudo systemctl start nvidia-fabricmanager, of the driver's very version");
  all.add(fabric.value("degraded_bandwidth", false), "fabric: degraded bandwidth", "nvidia-smi -q, part Fabric");
  for (const auto& reason : readings["throttle_reasons"])
    if (text_of_json(reason).starts_with("hardware"))
      all.add(true, "clocks held down: " + text_of_json(reason), "look at cooling and power supply");
  return all;
}

/// One line a GPU, of what NVML says; one line where it says nothing.
inline std::vector<finding> check_gpus(const nlohmann::ordered_json& settings, const nlohmann::ordered_json& readings) {
  if (settings["nvml"] != "found")
    return {{"NVML", outcome::skipped, text_of_json(settings["nvml"]),
             "it comes with the driver: put the folder of libnvidia-ml.so.1 into LD_LIBRARY_PATH"}};
  std::vector<finding> all;
  for (std::size_t i = 0; i < settings["gpus"].size(); ++i) {
    const nlohmann::ordered_json &gpu = settings["gpus"][i], &now = readings["gpus"][i];
    const std::string what = "GPU " + std::to_string(i) + " " + text_of_json(gpu["pci_bus_id"]);
    if (gpu.contains("nvml")) {
      all.push_back({what, outcome::skipped, "NVML " + text_of_json(gpu["nvml"]), ""});
      continue;
    }
    const complaints bad = complaints_of(gpu, now);
    const std::string facts = text_of_json(gpu["name"]) + ", compute mode " + text_of_json(gpu["compute_mode"]) +
                              ", ECC " + text_of_json(gpu["ecc"]["mode"]) + ", MIG " + text_of_json(gpu["mig"]) +
                              ", fabric " + text_of_json(gpu["fabric"]["state"]) + ", " +
                              text_of_json(now["temperature_C"]) + " C";
    all.push_back({what, bad.found.empty() ? outcome::pass : outcome::fail,
                   bad.found.empty() ? facts : bad.found + " (" + facts + ")", bad.remedy});
  }
  return all;
}

}  // namespace detail

/// Everything about a node that needs no CUDA, as findings.
inline std::vector<finding> check_node(const nlohmann::ordered_json& node) {
  return {detail::check_driver(node),        detail::check_device_files(node),  detail::check_ports(node),
          detail::check_locked_memory(node), detail::check_shared_memory(node), detail::check_iommu(node)};
}

}  // namespace colossus::bench
