// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlfcn.h>
#include <nlohmann/json.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace colossus::bench {

/// NVIDIA's management library, loaded at run time: its header and its stub are in no toolkit of CUDA 13. Only asks,
/// never sets. What a GPU or a driver does not have is said in NVML's own words in place of the value.
class nvml {
 public:
  using json = nlohmann::ordered_json;
  using device = void*;

  explicit nvml(const char* library = "libnvidia-ml.so.1") : library_{::dlopen(library, RTLD_NOW | RTLD_LOCAL)} {
    if (!library_) return;
    const auto start = function<int()>("nvmlInit_v2");
    const int status = start ? start() : 0;
    state_ = !start ? "no nvmlInit_v2 in it" : status != 0 ? words(status) : "";
  }
  nvml(const nvml&) = delete;
  nvml& operator=(const nvml&) = delete;
  ~nvml() {
    if (const auto end = function<int()>("nvmlShutdown"); usable() && end) end();
    if (library_) ::dlclose(library_);
  }

  bool usable() const { return state_.empty(); }
  /// Why nothing can be read; empty where it can.
  const std::string& state() const { return state_; }

  json driver() const { return text<int(char*, unsigned)>("nvmlSystemGetDriverVersion"); }

  /// The GPU at a PCI address as CUDA writes it; nullptr where NVML knows none.
  device at(const std::string& pci_bus_id) const {
    device found = nullptr;
    const auto find = function<int(const char*, device*)>("nvmlDeviceGetHandleByPciBusId_v2");
    return usable() && find && find(pci_bus_id.c_str(), &found) == 0 ? found : nullptr;
  }

  /// A text of the GPU.
  json text_of(device gpu, const char* name) const { return text<int(device, char*, unsigned)>(name, gpu); }

  /// A number of the GPU, from a function whose last argument is where it goes; `more` are those between.
  template <class Value = unsigned, class... More>
  json number(device gpu, const char* name, More... more) const {
    Value value{};
    const json failed = call<int(device, More..., Value*)>(name, gpu, more..., &value);
    return failed.is_null() ? json(value) : failed;
  }

  /// The word for a number of the GPU.
  template <class... More>
  json word(device gpu, const std::vector<std::string>& meanings, const char* name, More... more) const {
    const json value = number(gpu, name, more...);
    return !value.is_number() || value.get<std::size_t>() >= meanings.size() ? value
                                                                             : json(meanings[value.get<std::size_t>()]);
  }

  /// Calls a function of NVML: null where it succeeded, else why not.
  template <class Signature, class... Arguments>
  json call(const char* name, Arguments... arguments) const {
    if (!usable()) return state_;
    const auto f = function<Signature>(name);
    if (!f) return "not in this driver";
    const int status = f(arguments...);
    return status == 0 ? json() : json(words(status));
  }

  std::string words(int status) const {
    const auto f = function<const char*(int)>("nvmlErrorString");
    return f ? f(status) : "NVML error " + std::to_string(status);
  }

 private:
  template <class Signature>
  Signature* function(const char* name) const {
    return library_ ? reinterpret_cast<Signature*>(::dlsym(library_, name)) : nullptr;
  }

  template <class Signature, class... Arguments>
  json text(const char* name, Arguments... before) const {
    std::array<char, 96> found{};
    const json failed = call<Signature>(name, before..., found.data(), static_cast<unsigned>(found.size()));
    return failed.is_null() ? json(found.data()) : failed;
  }

  void* library_;
  std::string state_ = "not found";
};

namespace detail {

/// What holds a GPU's clocks down, in words.
inline nvml::json throttle_reasons(const nvml& library, nvml::device gpu) {
  static constexpr std::array names{"idle",
                                    "application clocks setting",
                                    "software power cap",
                                    "hardware slowdown",
                                    "sync boost",
                                    "software thermal slowdown",
                                    "hardware thermal slowdown",
                                    "hardware power brake",
                                    "display clock setting"};
  nvml::json bits = library.number<unsigned long long>(gpu, "nvmlDeviceGetCurrentClocksEventReasons");
  if (!bits.is_number())  // its name before driver 535
    bits = library.number<unsigned long long>(gpu, "nvmlDeviceGetCurrentClocksThrottleReasons");
  if (!bits.is_number()) return bits;
  nvml::json found = nvml::json::array();
  auto left = bits.get<unsigned long long>();
  for (std::size_t i = 0; i < names.size(); ++i)
    if (left >> i & 1) found.push_back(names[i]), left &= ~(1ull << i);
  if (left != 0) found.push_back("others: " + std::to_string(left));
  return found;
}

/// NVML counts milliwatts.
inline nvml::json watts(const nvml::json& milliwatts) {
  return milliwatts.is_number() ? nvml::json(milliwatts.get<double>() / 1000) : milliwatts;
}

/// One object a GPU, made by `read`; or why there is none.
template <class Read>
nvml::json each_gpu(const nvml& library, const std::vector<std::string>& pci_bus_ids, Read&& read) {
  if (!library.usable()) return {{"nvml", library.state()}};
  nvml::json all{{"nvml", "found"}, {"driver", library.driver()}, {"gpus", nvml::json::array()}};
  for (const std::string& id : pci_bus_ids) {
    const nvml::device gpu = library.at(id);
    all["gpus"].push_back(gpu ? read(gpu) : nvml::json{{"nvml", "knows no GPU at this address"}});
    all["gpus"].back()["pci_bus_id"] = id;
  }
  return all;
}

}  // namespace detail

/// What changes while GPUs work: clocks in MHz, throttle reasons, temperature in degrees Celsius, power in watts.
inline nvml::json gpu_readings(const std::vector<std::string>& pci_bus_ids, const nvml& library = nvml{}) {
  enum clock : int { sm = 1, memory = 2 };
  return detail::each_gpu(library, pci_bus_ids, [&](nvml::device gpu) {
    const auto clock = [&](const char* name, int which) { return library.number(gpu, name, which); };
    return nvml::json{
        {"sm_MHz", clock("nvmlDeviceGetClockInfo", sm)},
        {"sm_max_MHz", clock("nvmlDeviceGetMaxClockInfo", sm)},
        {"memory_MHz", clock("nvmlDeviceGetClockInfo", memory)},
        {"memory_max_MHz", clock("nvmlDeviceGetMaxClockInfo", memory)},
        {"throttle_reasons", detail::throttle_reasons(library, gpu)},
        {"temperature_C", library.number(gpu, "nvmlDeviceGetTemperature", 0)},
        {"power_W", detail::watts(library.number(gpu, "nvmlDeviceGetPowerUsage"))},
        {"power_limit_W", detail::watts(library.number(gpu, "nvmlDeviceGetEnforcedPowerLimit"))},
    };
  });
}

}  // namespace colossus::bench
