// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/nvml.hpp>

#include <cstdio>

namespace colossus::bench {
namespace detail {

/// NVML's layouts, as its public header has had them since NVLink (PCI address, third version) and driver 545 (fabric,
/// second version).
struct nvml_pci {
  char legacy_bus_id[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};
struct nvml_fabric {
  unsigned version;
  unsigned char cluster[16];
  int status;
  unsigned clique;
  unsigned char state;
  unsigned health;
};
static_assert(sizeof(nvml_pci) == 68 && sizeof(nvml_fabric) == 36);

/// A mode and the one that follows the next reset.
inline nvml::json modes(const nvml& library, nvml::device gpu, const char* name) {
  static constexpr std::array words{"disabled", "enabled"};
  unsigned now = 0, next = 0;
  const auto failed = library.call<int(nvml::device, unsigned*, unsigned*)>(name, gpu, &now, &next);
  if (!failed.is_null()) return failed;
  const auto word = [](unsigned mode) { return mode < words.size() ? words[mode] : "unknown"; };
  return now == next ? nvml::json(word(now))
                     : nvml::json(std::string{word(now)} + ", " + word(next) + " after a reset");
}

/// ECC: whether it is on, and the errors since the driver was loaded.
inline nvml::json ecc(const nvml& library, nvml::device gpu) {
  const auto errors = [&](int kind) {
    return library.number<unsigned long long>(gpu, "nvmlDeviceGetTotalEccErrors", kind, 0);
  };
  return {{"mode", modes(library, gpu, "nvmlDeviceGetEccMode")}, {"corrected", errors(0)}, {"uncorrected", errors(1)}};
}

/// What is at the other end of a link: a GPU or a switch with its PCI address.
inline std::string remote_end(const nvml& library, nvml::device gpu, unsigned link) {
  nvml_pci pci{};
  const auto kind = library.word(gpu, {"GPU", "NPU", "switch"}, "nvmlDeviceGetNvLinkRemoteDeviceType", link);
  const auto failed =
      library.call<int(nvml::device, unsigned, nvml_pci*)>("nvmlDeviceGetNvLinkRemotePciInfo_v2", gpu, link, &pci);
  return (kind.is_string() ? kind.get<std::string>() : "device") + ' ' +
         (failed.is_null() ? pci.bus_id : failed.get<std::string>());
}

/// NVLink: how many links are up, which are down, and what is behind how many of them.
inline nvml::json nvlinks(const nvml& library, nvml::device gpu) {
  constexpr unsigned most = 36;
  nvml::json down = nvml::json::array(), remote = nvml::json::object();
  int up = 0;
  for (unsigned link = 0; link < most; ++link) {
    const auto active = library.number(gpu, "nvmlDeviceGetNvLinkState", link);
    if (!active.is_number()) {
      if (link == 0) return active;
      break;
    }
    if (active == 0) {
      down.push_back(link);
      continue;
    }
    ++up;
    auto& there = remote[remote_end(library, gpu, link)];
    there = there.is_null() ? 1 : there.get<int>() + 1;
  }
  return {{"up", up}, {"down", down}, {"remote", remote}};
}

/// How far the fabric manager has got with a GPU behind NVLink switches.
inline nvml::json fabric(const nvml& library, nvml::device gpu) {
  static constexpr std::array states{"not supported", "not started", "in progress", "completed"};
  nvml_fabric found{};
  found.version = sizeof found | 2u << 24;
  const auto failed = library.call<int(nvml::device, nvml_fabric*)>("nvmlDeviceGetGpuFabricInfoV", gpu, &found);
  if (!failed.is_null()) return {{"state", failed}};
  nvml::json all{{"state", found.state < states.size() ? states[found.state] : "unknown"}};
  if (found.state == 3) all["status"] = found.status == 0 ? "ok" : library.words(found.status);
  if (found.state == 3) all["degraded_bandwidth"] = (found.health & 3) == 1;
  if (found.state == 3) all["clique"] = found.clique;
  return all;
}

}  // namespace detail

/// What does not change while GPUs work: names, modes, ECC, PCIe and NVLink, the state of the fabric.
inline nvml::json gpu_settings(const std::vector<std::string>& pci_bus_ids, const nvml& library = nvml{}) {
  return detail::each_gpu(library, pci_bus_ids, [&](nvml::device gpu) {
    const auto number = [&](const char* name) { return library.number(gpu, name); };
    return nvml::json{
        {"name", library.text_of(gpu, "nvmlDeviceGetName")},
        {"uuid", library.text_of(gpu, "nvmlDeviceGetUUID")},
        {"ecc", detail::ecc(library, gpu)},
        {"mig", detail::modes(library, gpu, "nvmlDeviceGetMigMode")},
        {"compute_mode", library.word(gpu, {"default", "exclusive thread", "prohibited", "exclusive process"},
                                      "nvmlDeviceGetComputeMode")},
        {"persistence", library.word(gpu, {"off", "on"}, "nvmlDeviceGetPersistenceMode")},
        {"pcie_generation", number("nvmlDeviceGetCurrPcieLinkGeneration")},
        {"pcie_generation_max", number("nvmlDeviceGetMaxPcieLinkGeneration")},
        {"pcie_width", number("nvmlDeviceGetCurrPcieLinkWidth")},
        {"pcie_width_max", number("nvmlDeviceGetMaxPcieLinkWidth")},
        {"nvlink", detail::nvlinks(library, gpu)},
        {"fabric", detail::fabric(library, gpu)},
    };
  });
}

}  // namespace colossus::bench
