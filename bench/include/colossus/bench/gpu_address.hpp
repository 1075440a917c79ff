// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cuda_runtime_api.h>

#include <cstdio>
#include <string>
#include <vector>

namespace colossus::bench {

/// The PCI address of a device as NVML takes it, 0000:1b:00.0; empty where CUDA does not know it. Opens no context.
inline std::string pci_bus_id(int device) {
  int domain = 0, bus = 0, slot = 0;
  const auto ask = [device](int& value, cudaDeviceAttr which) {
    return cudaDeviceGetAttribute(&value, which, device) == cudaSuccess;
  };
  if (!ask(domain, cudaDevAttrPciDomainId) || !ask(bus, cudaDevAttrPciBusId) || !ask(slot, cudaDevAttrPciDeviceId))
    return {};
  char text[32];
  std::snprintf(text, sizeof text, "%04x:%02x:%02x.0", static_cast<unsigned>(domain), static_cast<unsigned>(bus),
                static_cast<unsigned>(slot));
  return text;
}

inline std::vector<std::string> pci_bus_ids(const std::vector<int>& devices) {
  std::vector<std::string> ids;
  for (const int device : devices) ids.push_back(pci_bus_id(device));
  return ids;
}

}  // namespace colossus::bench
