// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <colossus/bench/gpu_kernels.hpp>
#include <colossus/bench/launch.hpp>
#include <colossus/detail/cuda_handles.hpp>

#include <atomic>
#include <exception>

namespace colossus::bench {

/// Launches behind a closed gate that a stream takes for sure: the driver makes the host wait at about a thousand
/// things to do, and of each group NCCL's events count as well as ours and the launch.
inline constexpr int most_behind_gate = 150;

/// Which variable says that something stands between us and the GPU, so that the host would be held up while a gate is
/// closed, and with it whoever is to open it; empty: none.
inline std::string gate_hindrance(const environment& env) {
  for (const char* name : {"CUDA_INJECTION32_PATH", "CUDA_INJECTION64_PATH", "NVTX_INJECTION32_PATH",
                           "NVTX_INJECTION64_PATH", "NV_COMPUTE_PROFILER_PERFWORKS_DIR"})
    if (env.contains(name)) return name;
  for (const auto& [name, value] : env)
    for (const char* prefix : {"NSYS_", "NV_SANITIZER_", "NV_NSIGHT_INJECTION_", "NV_TPS_"})
      if (name.starts_with(prefix)) return name;
  if (const auto at = env.find("LD_PRELOAD"); at != env.end())
    for (const char* part : {"libsanitizer-", "libnsys", "Injection"})
      if (at->second.find(part) != std::string::npos) return at->first;
  for (const char* name : {"CUDA_LAUNCH_BLOCKING", "COMPUTE_PROFILE"})
    if (const auto at = env.find(name); at != env.end() && at->second != "0" && !at->second.empty()) return name;
  return {};
}

/// Throws (usage) where a gate would stand still.
inline void expect_gate(const environment& env) {
  const std::string name = gate_hindrance(env);
  if (name.empty()) return;
  throw error{"--timing isolated: " + name + "=" + env.at(name) +
              " is set: under it the gate that holds the streams would stand still: use --timing back_to_back"};
}

/// Holds streams until all that is to run behind it is enqueued. While it is closed nothing is allocated, registered,
/// connected or waited for.
class gpu_gate {
 public:
  explicit gpu_gate(double deadline_s) : deadline_ns_{static_cast<std::uint64_t>(deadline_s * 1e9)} {
    void* words = nullptr;
    colossus::detail::check_cuda(cudaMallocHost(&words, sizeof(gate_words)), "allocate host memory that the GPU sees");
    words_ = ::new (words) gate_words{};
  }
  gpu_gate(const gpu_gate&) = delete;
  gpu_gate& operator=(const gpu_gate&) = delete;
  ~gpu_gate() {
    open();
    if (std::uncaught_exceptions() == 0) static_cast<void>(cudaFreeHost(words_));  // else it may wait for good
  }

  /// The next gate. It is closed on each stream by `hold`.
  void next() { ++number_; }
  /// On the current device.
  void hold(cudaStream_t stream) const {
    colossus::detail::check_cuda(launch_gate(words_, number_, deadline_ns_, stream), "launch the gate");
  }
  void open() const { std::atomic_ref<unsigned>{words_->opened}.store(number_, std::memory_order_release); }
  /// The last gate opened itself. To be asked once the streams are through.
  bool timed_out() const {
    return number_ > 0 && std::atomic_ref<unsigned>{words_->timed_out}.load(std::memory_order_acquire) == number_;
  }

 private:
  gate_words* words_ = nullptr;
  unsigned number_ = 0;
  std::uint64_t deadline_ns_;
};

/// Opens a gate at the end of a scope, also where that ends by an error: a stream that is held would hold the program.
class opens_gate {
 public:
  explicit opens_gate(const gpu_gate& gate) : gate_{&gate} {}
  opens_gate(const opens_gate&) = delete;
  opens_gate& operator=(const opens_gate&) = delete;
  ~opens_gate() { gate_->open(); }

 private:
  const gpu_gate* gate_;
};

}  // namespace colossus::bench
