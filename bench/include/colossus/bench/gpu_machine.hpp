// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/cuda_ready.hpp>
#include <colossus/bench/gpu_address.hpp>
#include <colossus/bench/machine.hpp>
#include <colossus/bench/machine_checks.hpp>
#include <colossus/bench/nvml_settings.hpp>

#include <dlfcn.h>

namespace colossus::bench {
namespace detail {

/// The file that a function of a library came from.
template <class Function>
std::string origin(Function* f) {
  Dl_info found{};
  if (::dladdr(reinterpret_cast<void*>(f), &found) == 0 || found.dli_fname == nullptr) return "not known";
  std::error_code none;
  const auto path = std::filesystem::canonical(found.dli_fname, none);
  return none ? std::string{found.dli_fname} : path.string();
}

}  // namespace detail

/// What CUDA and NCCL are here, and which GPUs they see. Opens no context, so that it works beside a process that has
/// the GPUs for itself.
struct gpu_machine {
  cuda_state cuda;
  std::string runtime_file, nccl_file;
  std::vector<std::string> names, pci;  ///< of each device
};

inline gpu_machine find_gpu_machine() {
  gpu_machine found{.cuda = find_cuda(),
                    .runtime_file = detail::origin(&cudaRuntimeGetVersion),
                    .nccl_file = detail::origin(&ncclGetVersion),
                    .names = {},
                    .pci = {}};
  for (int device = 0; device < found.cuda.devices; ++device) {
    cudaDeviceProp is{};
    found.names.emplace_back(cudaGetDeviceProperties(&is, device) == cudaSuccess ? is.name : "unknown");
    found.pci.push_back(pci_bus_id(device));
  }
  return found;
}

namespace detail {

/// Which pairs of devices reach each other's memory; those that do not, as a-b.
inline std::vector<std::string> without_peer_access(int devices) {
  std::vector<std::string> none;
  for (int a = 0; a < devices; ++a)
    for (int b = 0; b < devices; ++b) {
      int can = 0;
      if (a != b && (cudaDeviceCanAccessPeer(&can, a, b) != cudaSuccess || can == 0))
        none.push_back(std::to_string(a) + "-" + std::to_string(b));
    }
  return none;
}

inline finding check_libraries(const gpu_machine& m) {
  const bool fake = ::dlsym(RTLD_DEFAULT, "fakegpu_is_fake") != nullptr;
  const std::string found = std::string{fake ? "FAKES on host memory, nothing here is of a GPU: " : ""} +
                            "CUDA runtime " + cuda_version_text(m.cuda.runtime) + " (built with " +
                            cuda_version_text(CUDART_VERSION) + ") from " + m.runtime_file + "; NCCL " +
                            nccl_version_text(m.cuda.nccl) + " (built with " + nccl_version_text(NCCL_VERSION_CODE) +
                            ") from " + m.nccl_file;
  if (m.cuda.nccl >= oldest_nccl) return {"libraries", outcome::pass, found, ""};
  return {"libraries", outcome::fail, found, cuda_trouble(m.cuda)};
}

inline finding check_devices(const gpu_machine& m) {
  if (m.cuda.devices == 0)
    return {"devices", m.cuda.driver == 0 ? outcome::skipped : outcome::fail, cuda_trouble(m.cuda), ""};
  std::string names;
  for (int i = 0; i < m.cuda.devices; ++i)
    names += (i == 0 ? "" : ", ") + std::to_string(i) + ": " + m.names[static_cast<std::size_t>(i)];
  return {"devices", outcome::pass, names, ""};
}

inline finding check_peers(const gpu_machine& m) {
  if (m.cuda.devices < 2)
    return {"peer access", outcome::skipped, "devices visible to this process: " + std::to_string(m.cuda.devices),
            m.cuda.devices == 1 ? "show each process all GPUs of the host: CUDA IPC needs that (not --gpus-per-task=1)"
                                : ""};
  const auto none = without_peer_access(m.cuda.devices);
  const int all = m.cuda.devices * (m.cuda.devices - 1);
  if (none.empty()) return {"peer access", outcome::pass, "all " + std::to_string(all) + " directions", ""};
  return {"peer access", outcome::fail,
          std::to_string(none.size()) + " of " + std::to_string(all) + " directions have none: " + listed(none, ""),
          "data goes through host memory: nvidia-smi topo -p2p r says why (ACS, IOMMU, virtual machine, GPU type)"};
}

}  // namespace detail

/// Looks at the node, its libraries and its GPUs: findings and facts go to `report`. What it knows of the GPUs.
inline gpu_machine inspect_machine(self_test_report& report) {
  const gpu_machine machine = find_gpu_machine();
  auto node = describe_node();
  node["cuda_driver"] = machine.cuda.driver, node["cuda_devices"] = machine.cuda.devices;
  node["libraries"] = detail::loaded_libraries({"libcuda", "libnccl", "libnvidia", "libmpi", "libibverbs", "libc.so"});
  node["gpus_near"] = near_ports(node, machine.pci);
  report.add(detail::check_libraries(machine));
  for (auto& each : check_node(node)) report.add(std::move(each));
  report.keep("node", std::move(node));
  report.add(detail::check_devices(machine));
  report.add(detail::check_peers(machine));
  report.begin("NVML");
  auto settings = gpu_settings(machine.pci), readings = gpu_readings(machine.pci);
  for (auto& each : detail::check_gpus(settings, readings)) report.add(std::move(each));
  report.keep("gpus", std::move(settings));
  report.keep("readings", std::move(readings));
  return machine;
}

}  // namespace colossus::bench
